using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>
/// What several runs, one after the other, were expected to show, and whether they did: a row for each verdict of each of them. Every renderer draws this
/// and nothing else. Immutable; made by a pure function of the results.
/// </summary>
public sealed record RunsSummary
{
    public const string Title = "What was expected, and what was measured";

    /// <summary>Row, figure, goal and verdict; of a run that came to no verdict, a row that says so.</summary>
    public required ReportTable Table { get; init; }

    /// <summary><c>17 passed, 2 failed, 3 inconclusive</c>.</summary>
    public required string Counts { get; init; }

    /// <summary>Of verdicts that are neither passed nor failed, the sentence that says why.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Where the figures are from; null where the runs are not of one machine.</summary>
    public required string? Machine { get; init; }

    public static RunsSummary Of(IReadOnlyList<RunResult> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Verdict[] verdicts = [.. runs.SelectMany(run => run.Verdicts)];
        string[] machines = [.. runs.Select(run => $"{run.Machine.Cpu.Model}, {run.Machine.Cpu.Count} CPUs").Distinct()];
        return new RunsSummary
        {
            Table = new ReportTable(
                [
                    new("Scenario", Numeric: false), new("Of", Numeric: false, Drop: 1), new("Measured"), new("Expected", Numeric: false), new("Verdict", Numeric: false),
                ],
                [.. runs.SelectMany(Rows)]),
            Counts = string.Join(", ", verdicts.GroupBy(verdict => verdict.Kind).OrderBy(group => Order(group.Key)).Select(group => $"{group.Count()} {Wording.Of(group.Key)}")),
            Reasons =
            [
                .. runs.SelectMany(run => run.Verdicts.Where(verdict => verdict.Kind is VerdictKind.Inconclusive or VerdictKind.Invalid)
                    .Select(verdict => PlainText.OneLine($"{run.Name}: {verdict.Sentence}"))),
                .. runs.Where(run => run.Outcome.Cause is not null).Select(run => PlainText.OneLine($"{run.Name}: {run.Outcome.Cause}")),
            ],
            Machine = machines is [string only] ? only : null,
        };
    }

    private static IEnumerable<IReadOnlyList<ReportCell>> Rows(RunResult run)
    {
        string name = PlainText.OneLine(run.Name);
        if (run.Verdicts.Count == 0)
        {
            string why = run.Outcome.Status == RunStatus.Completed ? "none asked for" : run.Outcome.Status == RunStatus.Failed ? "failed" : "interrupted";
            return [[new(name), new("–", CellMark.Muted), new("–", CellMark.Muted), new("–", CellMark.Muted), new(why, CellMark.Muted)]];
        }

        return run.Verdicts.Select(verdict => (IReadOnlyList<ReportCell>)
        [
            new(Ambiguous(run, verdict) ? PlainText.OneLine($"{name}, {verdict.Variant}") : name),
            new(PlainText.OneLine(verdict.Variant ?? verdict.Target)),
            new(verdict.Figure ?? "–", verdict.Kind == VerdictKind.Invalid ? CellMark.Void : CellMark.None),
            new(PlainText.OneLine(verdict.Id)),
            new(Wording.Of(verdict.Kind), Mark(verdict.Kind)),
        ]);
    }

    /// <summary>True where only its variant tells a row from another: the column that holds it may have no room.</summary>
    private static bool Ambiguous(RunResult run, Verdict verdict) => verdict.Variant is not null && run.Verdicts.Count(other => other.Id == verdict.Id) > 1;

    private static CellMark Mark(VerdictKind kind) => kind switch
    {
        VerdictKind.Passed or VerdictKind.Reproduced => CellMark.Good,
        VerdictKind.Failed or VerdictKind.NotReproduced or VerdictKind.Invalid => CellMark.Bad,
        _ => CellMark.Muted,
    };

    private static int Order(VerdictKind kind) => kind switch
    {
        VerdictKind.Passed => 0,
        VerdictKind.Reproduced => 1,
        VerdictKind.Failed => 2,
        VerdictKind.NotReproduced => 3,
        VerdictKind.Invalid => 4,
        VerdictKind.Inconclusive => 5,
        _ => 6,
    };
}
