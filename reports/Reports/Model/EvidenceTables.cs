using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>What the kernel saw the broker do, and whether that is what it was told to do.</summary>
internal static class EvidenceTables
{
    /// <summary>Of each variant the most frequent ones; the result holds all.</summary>
    private const int CallsLimit = 8;
    private static readonly string[] Techniques = ["batching", "log", "cache", "transfer"];

    /// <summary>Without rows where nothing was seen.</summary>
    public static ReportTable Trials(RunResult run) => new(
        [
            new("Trial"),
            Who(run),
            .. Techniques.Select(technique => new ReportColumn(technique, "Looks like", Numeric: false)),
            new("calls", "per MB of batches"),
            new("writes that go on"),
            new("segments in memory", Drop: 1),
        ],
        [.. run.Trials.Where(trial => trial.Evidence is not null).Select(trial => Row(run, trial, trial.Evidence!))]);

    /// <summary>Over all trials of a variant in which they were counted.</summary>
    public static ReportTable Calls(RunResult run) => new(
        [
            Who(run),
            new("System call", Numeric: false),
            new("calls"),
            new("per MB", "of batches in and out"),
            new("per 1,000 messages", "of batches in and out"),
        ],
        [.. run.Trials.Where(trial => trial.Evidence?.Calls is not null).GroupBy(VariantNaming.Of).SelectMany(Calls)]);

    /// <summary>The managed heap of brokers that tell of theirs.</summary>
    public static ReportTable Collections(RunResult run) => new(
        [
            new("Trial"),
            Who(run),
            new("collections"),
            new("all", "Paused for"),
            new("longest, at most", "Paused for"),
            new("allocated"),
            new("allocated per message"),
        ],
        [.. run.Trials.Where(trial => trial.Broker.GcCount is not null).Select(Collections)]);

    /// <summary>What could not be seen of the broker, each with the command that would allow it.</summary>
    public static IReadOnlyList<string> NotMeasured(RunResult run) => [.. run.Trials.SelectMany(t => t.Evidence?.NotMeasured ?? []).Distinct()];

    private static IReadOnlyList<ReportCell> Row(RunResult run, Trial trial, KernelEvidence evidence) =>
    [
        new(Format.Count(trial.Index + 1)),
        new(VariantNaming.Of(trial)),
        .. Techniques.Select(technique => Seen(run, trial, evidence, technique)),
        Known(evidence.Calls is { } calls && Megabytes(trial) is > 0 and { } megabytes ? calls.Sum(c => c.Count) / megabytes : null, Format.Si),
        Known(evidence.Recorded?.Writes.ContinuingShare, Format.Percent),
        Known(evidence.Segments is { Bytes: > 0 } segments ? (double)segments.ResidentBytes / segments.Bytes : null, Format.Percent),
    ];

    private static IReadOnlyList<ReportCell> Collections(Trial trial) =>
    [
        new(Format.Count(trial.Index + 1)),
        new(VariantNaming.Of(trial)),
        new(Format.Count(trial.Broker.GcCount!.Value)),
        Known(trial.Broker.GcPauseSeconds, Format.Seconds),
        Known(trial.Broker.GcLongestPauseSeconds, Format.Seconds),
        Known(trial.Broker.AllocatedBytes, Format.Bytes),
        Known(trial.Broker.AllocatedBytes is { } bytes && trial.Acknowledged.Messages > 0 ? (double)bytes / trial.Acknowledged.Messages : null, Format.Bytes),
    ];

    private static IEnumerable<IReadOnlyList<ReportCell>> Calls(IGrouping<string, Trial> variant)
    {
        double megabytes = variant.Sum(Megabytes);
        double thousands = variant.Sum(Messages) / 1000.0;
        return variant.SelectMany(t => t.Evidence!.Calls!)
            .GroupBy(call => call.Name)
            .Select(calls => (Name: calls.Key, Count: calls.Sum(call => call.Count)))
            .OrderByDescending(calls => calls.Count).ThenBy(calls => calls.Name, StringComparer.Ordinal)
            .Take(CallsLimit)
            .Select(IReadOnlyList<ReportCell> (calls) =>
            [
                new(variant.Key),
                new(PlainText.OneLine(calls.Name)),
                new(Format.Count(calls.Count)),
                Known(megabytes > 0 ? calls.Count / megabytes : null, Format.Si),
                Known(thousands > 0 ? calls.Count / thousands : null, Format.Si),
            ]);
    }

    /// <summary>A setting that the broker reports, and that its calls contradict, is shown beside what they look like.</summary>
    private static ReportCell Seen(RunResult run, Trial trial, KernelEvidence evidence, string technique)
    {
        if (evidence.Techniques.FirstOrDefault(t => t.Technique == technique) is not { } seen)
        {
            return Missing;
        }

        string? told = run.Targets.FirstOrDefault(target => target.Name == trial.Target)?.Configuration.GetValueOrDefault($"technique.{technique}");
        return told is null || told == seen.Setting
            ? new ReportCell(PlainText.OneLine(seen.Setting))
            : new ReportCell(PlainText.OneLine($"{seen.Setting}, set to {told}"), CellMark.Bad);
    }

    /// <summary>What the broker carried while its calls were counted.</summary>
    private static double Megabytes(Trial trial) => (Acknowledged(trial).WireBytes + Consumed(trial).WireBytes) / 1e6;

    private static long Messages(Trial trial) => Acknowledged(trial).Messages + Consumed(trial).Messages;

    private static FlowTotals Acknowledged(Trial trial) => trial.Evidence?.Counted?.Acknowledged ?? trial.Acknowledged;

    private static FlowTotals Consumed(Trial trial) => trial.Evidence?.Counted?.Consumed ?? trial.Consumed;

    private static ReportCell Known(double? value, Func<double, string> format) => value is { } known ? new ReportCell(format(known)) : Missing;

    private static readonly ReportCell Missing = new(Format.None, CellMark.Muted);

    private static ReportColumn Who(RunResult run) => new(run.Variants.Count > 0 ? "Variant" : "Target", Numeric: false);
}
