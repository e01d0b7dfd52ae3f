using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>One row a trial, in the order of running: what flowed, how long it took, what became of it, where it was stored.</summary>
internal static class TrialTables
{
    private static readonly ReportColumn Index = new("Trial");

    public static ReportTable Throughput(RunResult run) => new(
        [
            Index,
            Who(run),
            new("sent", "msg/s", Drop: 2),
            new("consumed", "msg/s"),
            new("values", "per second"),
            new("of bare", "per second", Drop: 1),
            .. Checked(run, new ReportColumn("of checked", "per second", Drop: 1)),
            new("broker", "CPUs"),
            new("generator", "CPUs"),
            new("Verified", Numeric: false),
        ],
        [.. run.Trials.Select(t => Row(
            t,
            [
                Figure(t, Flow.PerSecond(t, t.Sent.Messages), Format.Si),
                Figure(t, VariantNaming.ScenarioOf(run, t).Consumers.Mode == "none" ? null : Flow.PerSecond(t, t.Consumed.Messages), Format.Si),
                Figure(t, Flow.Headline(VariantNaming.ScenarioOf(run, t)).ValueBytesPerSecond(t), Format.BytesPerSecond),
                Figure(t, t.BarePipelineShare, Format.Percent),
                .. Checked(run, Figure(t, t.CheckedPipelineShare, Format.Percent)),
                Figure(t, t.Broker.CpuShare, Format.Cpus),
                Figure(t, t.Generator.CpuShare, Format.Cpus),
                Verified(t),
            ]))]);

    /// <summary>Nothing for documents from before the checked pipeline was measured.</summary>
    private static IEnumerable<T> Checked<T>(RunResult run, T cell) => run.Trials.Any(t => t.CheckedPipelineShare is not null) ? [cell] : [];

    public static ReportTable Latency(RunResult run) => new(
        [Index, Who(run), .. LatencyColumns("publish"), .. LatencyColumns("end to end")],
        [.. run.Trials.Select(t => Row(t, [.. LatencyCells(t, t.Latency.Publish), .. LatencyCells(t, t.Latency.EndToEnd)]))]);

    /// <summary>The same without the wait for the batch. Empty where no client says when a batch is sealed.</summary>
    public static ReportTable SealedLatency(RunResult run) => new(
        [Index, Who(run), .. LatencyColumns("publish"), .. LatencyColumns("end to end")],
        run.Trials.Any(t => t.Latency.SealedPublish is not null || t.Latency.SealedEndToEnd is not null)
            ? [.. run.Trials.Select(t => Row(t, [.. LatencyCells(t, t.Latency.SealedPublish), .. LatencyCells(t, t.Latency.SealedEndToEnd)]))]
            : []);

    /// <summary>What publishing took beside each trial where a thread only answers, and how many times that the trial's median is; not the longest, which is a moment of the machine's. Empty for loads without a schedule.</summary>
    public static ReportTable BareAnswers(RunResult run) => new(
        [
            Index,
            Who(run),
            new("publish", "p50 of bare"),
            new("sealed", "p50 of bare"),
            .. LatencyColumns("bare publish").SkipLast(1),
            .. LatencyColumns("bare, behind the seal").SkipLast(1),
        ],
        run.Trials.Any(t => t.BarePublish is not null)
            ? [.. run.Trials.Select(t => Row(
                t,
                [
                    Figure(t, t.PublishOfBare, Format.Percent),
                    Figure(t, t.SealedPublishOfBare, Format.Percent),
                    .. LatencyCells(t, t.BarePublish).SkipLast(1),
                    .. LatencyCells(t, t.BareSealedPublish).SkipLast(1),
                ]))]
            : []);

    /// <summary>What bounded the rate, and whether the figures may be ranked.</summary>
    public static ReportTable Limits(RunResult run) => new(
        [
            Index,
            Who(run),
            new("Limited by", Numeric: false),
            new("In flight full"),
            new("null sink", "Generator at"),
            new("null source", "Generator at"),
            new("Trend"),
            new("Steal"),
            new("broker", "Peak anonymous"),
            new("generator", "Peak anonymous"),
        ],
        [.. run.Trials.Select(t => Row(
            t,
            new ReportCell(PlainText.OneLine(t.LimitedBy), t.GeneratorLimits.GeneratorLimited ? CellMark.Bad : CellMark.None),
            new ReportCell(Format.Percent(t.GeneratorLimits.InFlightFullShare)),
            Figure(t, t.GeneratorLimits.NullSinkShare, Format.Percent),
            Figure(t, t.GeneratorLimits.NullSourceShare, Format.Percent),
            t.Trend is { } trend ? new ReportCell(Format.Change(trend), t.Steady ? CellMark.None : CellMark.Bad) : Missing,
            new ReportCell(Format.Percent(t.StealShare)),
            new ReportCell(Format.Bytes(t.Broker.AnonymousPeakBytes)),
            new ReportCell(Format.Bytes(t.Generator.AnonymousPeakBytes))))]);

    public static ReportTable Verification(RunResult run) => new(
        [
            Index,
            Who(run),
            new("sent", "Messages", Drop: 1),
            new("acknowledged", "Messages"),
            new("delivered", "Messages", Drop: 2),
            new("open", "Messages", Drop: 3),
            new("lost", "Violations"),
            new("doubled", "Violations"),
            new("reordered", "Violations"),
            new("damaged", "Violations"),
            new("Verdict", Numeric: false),
        ],
        [.. run.Trials.Select(t => Row(
            t,
            new ReportCell(Format.Count(t.Verification.Sent)),
            new ReportCell(Format.Count(t.Verification.Acknowledged)),
            new ReportCell(Format.Count(t.Verification.Delivered)),
            new ReportCell(Format.Count(t.Verification.Unacknowledged)),
            Violations(t.Verification.Lost),
            Violations(t.Verification.Duplicated),
            Violations(t.Verification.Reordered),
            Violations(t.Verification.Damaged),
            Verified(t)))]);

    public static ReportTable Storage(RunResult run) => new(
        [
            Index,
            Who(run),
            new("Regime", Numeric: false),
            new("Accepted"),
            new("written", "Device"),
            new("cancelled", "Device"),
            new("read", "Device"),
            new("peak", "Dirty pages"),
            new("limit", "Dirty pages"),
        ],
        [.. run.Trials.Select(t => Row(
            t,
            new ReportCell(Wording.Of(t.Storage.Regime)),
            new ReportCell(Format.Bytes(t.Storage.AcceptedBytes)),
            Measured(t.Storage.DeviceWriteBytes),
            Measured(t.Storage.CancelledWriteBytes),
            Measured(t.Storage.DeviceReadBytes),
            new ReportCell(Format.Bytes(t.Storage.DirtyPeakBytes)),
            new ReportCell(Format.Bytes(t.Storage.DirtyLimitBytes))))]);

    /// <summary>The first violations of every trial, in full.</summary>
    public static ReportTable Violations(RunResult run) => new(
        [
            Index,
            new("Kind", Numeric: false),
            new("Partition"),
            new("Offset"),
            new("Producer"),
            new("Sequence"),
            new("Messages"),
            new("What was found", Numeric: false),
        ],
        [.. run.Trials.SelectMany(t => t.Verification.Violations.Select(v => (IReadOnlyList<ReportCell>)
        [
            Number(t.Index + 1),
            new ReportCell(PlainText.OneLine(v.Kind), CellMark.Bad),
            Number(v.Partition),
            v.Offset is { } offset ? Number(offset) : Missing,
            Number(v.Producer),
            Number(v.Sequence),
            new ReportCell(Format.Count(v.Count)),
            new ReportCell(PlainText.OneLine(v.Detail)),
        ]))]);

    private static readonly ReportCell Missing = new(Format.None, CellMark.Muted);

    private static ReportColumn Who(RunResult run) => new(run.Variants.Count > 0 ? "Variant" : "Target", Numeric: false);

    private static IReadOnlyList<ReportCell> Row(Trial trial, params IReadOnlyList<ReportCell> cells) =>
        [Number(trial.Index + 1), new ReportCell(VariantNaming.Of(trial)), .. cells];

    private static ReportColumn[] LatencyColumns(string group) =>
        [new("p50", group), new("p99", group), new("p99.9", group), new("max", group, Drop: 1)];

    private static ReportCell[] LatencyCells(Trial trial, LatencyHistogram? histogram) =>
    [
        Figure(trial, histogram?.P50Micros, Format.Micros),
        Figure(trial, histogram?.P99Micros, Format.Micros),
        Figure(trial, histogram?.P999Micros, Format.Micros),
        Figure(trial, histogram?.MaxMicros, Format.Micros),
    ];

    /// <summary>A figure stands only where its trial was verified.</summary>
    private static ReportCell Figure(Trial trial, double? value, Func<double, string> format) =>
        value is { } known ? new ReportCell(format(known), trial.Verification.Violated ? CellMark.Void : CellMark.None) : Missing;

    private static ReportCell Measured(long? bytes) =>
        bytes is { } known ? new ReportCell(Format.Bytes(known)) : new ReportCell("not measurable", CellMark.Muted);

    private static ReportCell Violations(long count) => new(Format.Count(count), count == 0 ? CellMark.None : CellMark.Bad);

    private static ReportCell Verified(Trial trial) => trial.Verification switch
    {
        { Violated: true } => new ReportCell("violated", CellMark.Bad),
        { Complete: false } => new ReportCell("unproved", CellMark.Bad),
        _ => new ReportCell("yes", CellMark.Good),
    };

    private static ReportCell Number(long value) => new(value.ToString(CultureInfo.InvariantCulture));
}
