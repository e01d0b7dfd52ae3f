using Reports.Charts;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>
/// A run as a report tells it: chosen, named, formatted and in order, but not drawn. Every renderer (page, terminal, Markdown,
/// JUnit) draws this and nothing else, so that a new kind of report is a new renderer and never a second opinion.
/// Immutable; made by a pure function of the result.
/// </summary>
public sealed record RunReport
{
    public required RunResult Run { get; init; }
    public required string Title { get; init; }
    public required IReadOnlyList<Banner> Banners { get; init; }
    public required IReadOnlyList<Verdict> Verdicts { get; init; }
    public required IReadOnlyList<Headline> Headlines { get; init; }
    public required IReadOnlyList<Fact> Conditions { get; init; }

    /// <summary>The variants of each point that has several, beside each other.</summary>
    public required IReadOnlyList<SideBySide> SideBySide { get; init; }

    /// <summary>True where the tables of variants say what matters, and those of trials are their details.</summary>
    public bool ComparesVariants => Matrix is not null || SideBySide.Count > 0;

    /// <summary>True where several scenarios were put together for their verdicts, which then say themselves what was compared and under what conditions.</summary>
    public bool ForVerdicts => Verdicts.Count > 0 && Run.Variants.Select(variant => variant.Scenario.Name).Distinct().Count() > 1;

    /// <summary>Of several scenarios put together, those that no verdict speaks of; null where there are none.</summary>
    public required ReportTable? BesideVerdicts { get; init; }

    /// <summary>When each technique applies; null where no verdict speaks of that.</summary>
    public required ReportTable? Techniques { get; init; }

    /// <summary>What figures and ratios of the variants are; null where none are compared.</summary>
    public required string? ComparisonStatement { get; init; }

    /// <summary>All points of a matrix in one table; null without a matrix.</summary>
    public required ReportTable? Matrix { get; init; }

    /// <summary>The variants over each other, second by second; null for one, or too many to be told apart.</summary>
    public required ChartSpec? VariantsChart { get; init; }

    public required ReportTable Throughput { get; init; }
    public required ReportTable Latency { get; init; }

    /// <summary>From when the batch was due to be sealed; without rows where that is not known.</summary>
    public required ReportTable SealedLatency { get; init; }

    /// <summary>What publishing took where a thread only answers; without rows where it was not measured.</summary>
    public required ReportTable BareAnswers { get; init; }

    /// <summary>What the latencies mean; null without trials.</summary>
    public required string? LatencyStatement { get; init; }

    public required ReportTable Limits { get; init; }
    public required ReportTable Verification { get; init; }
    public required ReportTable Violations { get; init; }
    public required ReportTable Ceilings { get; init; }

    /// <summary>What the machine carries, of a run that measured just that; else without rows.</summary>
    public required ReportTable Probe { get; init; }
    public required ReportTable Storage { get; init; }
    public required IReadOnlyList<Fact> StorageSentences { get; init; }

    /// <summary>What the kernel saw of the broker; without rows where it was not looked at.</summary>
    public required ReportTable Evidence { get; init; }

    /// <summary>The system calls of each variant, per megabyte and per message; without rows where they were not counted.</summary>
    public required ReportTable Calls { get; init; }

    /// <summary>Collections, pauses and allocations of brokers that tell of theirs; without rows where none does.</summary>
    public required ReportTable Collections { get; init; }

    /// <summary>Where the brokers' CPU time went; without rows where it was not sampled.</summary>
    public required ReportTable ProfileShares { get; init; }

    /// <summary>In which functions.</summary>
    public required ReportTable ProfileSymbols { get; init; }

    /// <summary>What of that could not be seen, with the commands that would allow it.</summary>
    public required IReadOnlyList<string> ProfileNotMeasured { get; init; }

    /// <summary>What could not be seen, with the commands that would allow it.</summary>
    public required IReadOnlyList<string> NotMeasured { get; init; }
    public required IReadOnlyList<Fact> Machine { get; init; }
    public required IReadOnlyList<Fact> Tool { get; init; }
    public required IReadOnlyList<TrialCharts> TrialCharts { get; init; }

    /// <summary>All variants in one picture; null where no latency was measured, or of too many.</summary>
    public required ChartSpec? LatencyChart { get; init; }

    public static RunReport Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        string[] latencyStatements = [.. run.Trials.Select(t => Wording.Latency(t.Latency)).Distinct()];
        return new RunReport
        {
            Run = run,
            Title = PlainText.OneLine(run.Title ?? run.Scenario.Title ?? run.Name),
            Banners = Banner.Of(run),
            Verdicts = run.Verdicts,
            Headlines = Headline.Of(run),
            Conditions = run.Probe is { } probe ? ProbeTable.Conditions(probe) : Model.Conditions.Of(run),
            SideBySide = Model.SideBySide.Of(run),
            ComparisonStatement = Model.SideBySide.Statement(run),
            Matrix = MatrixTable.Of(run),
            BesideVerdicts = MatrixTable.Besides(run),
            Techniques = TechniquesTable.Of(run),
            VariantsChart = VariantCharts.Throughput(run),
            Throughput = TrialTables.Throughput(run),
            Latency = TrialTables.Latency(run),
            SealedLatency = TrialTables.SealedLatency(run),
            BareAnswers = TrialTables.BareAnswers(run),
            LatencyStatement = latencyStatements.LastOrDefault(),
            Limits = TrialTables.Limits(run),
            Verification = TrialTables.Verification(run),
            Violations = TrialTables.Violations(run),
            Ceilings = CeilingsTable.Of(run),
            Probe = ProbeTable.Of(run),
            Storage = TrialTables.Storage(run),
            StorageSentences = Model.Conditions.Storage(run),
            Evidence = EvidenceTables.Trials(run),
            Calls = EvidenceTables.Calls(run),
            Collections = EvidenceTables.Collections(run),
            ProfileShares = ProfileTables.Shares(run),
            ProfileSymbols = ProfileTables.Symbols(run),
            ProfileNotMeasured = ProfileTables.NotMeasured(run),
            NotMeasured = EvidenceTables.NotMeasured(run),
            Machine = MachineFacts.Of(run.Machine),
            Tool = MachineFacts.Of(run.Tool),
            TrialCharts = Charts.TrialCharts.Of(run),
            LatencyChart = Charts.LatencyChart.Of(run),
        };
    }
}
