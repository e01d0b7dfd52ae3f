using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>A figure in which variants are compared: what it is called, how a trial gives it, how it is written.</summary>
/// <param name="Metric">The name under which the run's comparisons hold its ratio; null where they hold none.</param>
/// <param name="Of">Null where the trial did not measure it.</param>
internal sealed record VariantFigure(string Name, string? Metric, Func<Trial, double?> Of, Func<double, string> Write)
{
    /// <summary>In the order in which a reader asks: how much, how soon, at what cost.</summary>
    public static IReadOnlyList<VariantFigure> All { get; } =
    [
        new("consumed, msg/s", "consume.rate", t => Above0(Flow.PerSecond(t, t.Consumed.Messages)), Format.Si),
        new("acknowledged, msg/s", "produce.rate", t => Flow.PerSecond(t, Produced(t).Messages), Format.Si),
        new("values a second", null, t => Flow.PerSecond(t, Carried(t).ValueBytes), Format.BytesPerSecond),
        new("publish p50", "publish.p50", t => t.Latency.Publish?.P50Micros, Format.Micros),
        new("publish p99", "publish.p99", t => t.Latency.Publish?.P99Micros, Format.Micros),
        new("publish p50 of bare answers", null, t => t.PublishOfBare, Format.Percent),
        new("behind the seal, p50 of bare answers", null, t => t.SealedPublishOfBare, Format.Percent),
        new("end to end p50", "e2e.p50", t => t.Latency.EndToEnd?.P50Micros, Format.Micros),
        new("end to end p99", "e2e.p99", t => t.Latency.EndToEnd?.P99Micros, Format.Micros),
        new("broker CPU s/GB", "broker.cpu-per-gb", BrokerCost, Format.Cost),
        new("broker CPU of bare calls", null, t => t.BrokerCpuOfBare, Format.Percent),
        new("broker memory", "broker.memory", t => Above0(t.Broker.AnonymousPeakBytes), Format.Bytes),
        new("of bare pipeline", null, t => t.BarePipelineShare, Format.Percent),
        new("of checked pipeline", null, t => t.CheckedPipelineShare, Format.Percent),
    ];

    public static VariantFigure Named(string metric) => All.Single(figure => figure.Metric == metric);

    /// <summary>The median over the trials that completed, or over those there are where none did.</summary>
    public double? Median(IReadOnlyList<Trial> trials)
    {
        Trial[] completed = [.. trials.Where(t => t.Status == TrialStatus.Completed)];
        return Spread.Of((completed.Length > 0 ? completed : trials).Select(Of).OfType<double>())?.Median;
    }

    /// <summary>What was consumed, or produced where nothing consumes.</summary>
    private static FlowTotals Carried(Trial trial) => trial.Consumed.ValueBytes > 0 ? trial.Consumed : Produced(trial);

    private static FlowTotals Produced(Trial trial) => trial.Acknowledged.Messages > 0 ? trial.Acknowledged : trial.Sent;

    private static double? BrokerCost(Trial trial)
    {
        long bytes = Carried(trial).ValueBytes;
        return bytes > 0 ? Above0((trial.Broker.UserSeconds + trial.Broker.SystemSeconds) / (bytes / 1e9)) : null;
    }

    private static double? Above0(double? value) => value > 0 ? value : null;
}
