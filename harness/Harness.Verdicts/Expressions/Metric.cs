using Results;

namespace Harness.Verdicts.Expressions;

/// <summary>
/// A figure of a trial that an expectation may name. The table is the whole list; what is not in it cannot be expected.
/// </summary>
/// <param name="Kind">The kind of quantity that it is compared with.</param>
/// <param name="Of">Its value in base units; null where the trial did not measure it.</param>
public sealed record Metric(string Name, QuantityKind Kind, string Description, Func<Trial, double?> Of)
{
    private const double MicrosPerSecond = 1e6;

    /// <summary>Names of shares of a ceiling begin so.</summary>
    private const string Shares = "share.";

    private const string RateKept = "rate.kept";

    public static IReadOnlyList<Metric> All { get; } =
    [
        new("produce.rate", QuantityKind.Rate, "messages acknowledged a second (sent, where acks are off), all producers together",
            trial => PerSecond(trial, Produced(trial).Messages)),
        new("produce.bytes", QuantityKind.ByteRate, "bytes of values acknowledged a second (sent, where acks are off)",
            trial => PerSecond(trial, Produced(trial).ValueBytes)),
        new("consume.rate", QuantityKind.Rate, "messages consumed and verified a second, all groups together",
            trial => PerSecond(trial, trial.Consumed.Messages)),
        new("consume.bytes", QuantityKind.ByteRate, "bytes of values consumed and verified a second, all groups together",
            trial => PerSecond(trial, trial.Consumed.ValueBytes)),
        .. Latencies("publish", "from the send stamp to the acknowledgement", trial => trial.Latency.Publish),
        .. Latencies("e2e", "from the send stamp to the consumer's hand", trial => trial.Latency.EndToEnd),
        .. Latencies("sealed.publish", "from when the batch was due to be sealed to the acknowledgement", trial => trial.Latency.SealedPublish),
        .. Latencies("sealed.e2e", "from when the batch was due to be sealed to the consumer's hand", trial => trial.Latency.SealedEndToEnd),
        new("publish.of-bare", QuantityKind.Share, "publish.p50 as a share of the bare answer's beside the trial; of an open load",
            trial => trial.PublishOfBare),
        new("sealed.publish.of-bare", QuantityKind.Share, "the same of sealed.publish.p50",
            trial => trial.SealedPublishOfBare),
        new(RateKept, QuantityKind.Share, "what was carried a second in the second half of the window, as a share of the first half",
            trial => 1 + trial.Trend),
        new("broker.cpu-per-gb", QuantityKind.CpuCost, "CPU seconds of the broker for each GB of values consumed (produced, where nothing consumes)",
            CpuSecondsPerGigabyte),
        new("broker.cpu-of-bare", QuantityKind.Share, "CPU of the broker for what was carried, as a share of what the bare calls beside the trial take in its place",
            trial => trial.BrokerCpuOfBare),
        new("broker.memory", QuantityKind.Bytes, "anonymous memory of the broker at its peak", trial => Measured(trial.Broker.AnonymousPeakBytes)),
        new("broker.memory-growth", QuantityKind.Bytes, "anonymous memory of the broker in the last quarter of the window less that in the second",
            trial => Growth(trial, second => second.BrokerAnonymousBytes)),
        new("generator.memory-growth", QuantityKind.Bytes, "the same of the load generator",
            trial => Growth(trial, second => second.GeneratorAnonymousBytes)),
        new("broker.idle-cpu", QuantityKind.Share, "CPU of the broker in the seconds of the window in which nothing was sent or delivered, as a share of one CPU",
            IdleCpuShare),
        new("broker.allocated-per-batch", QuantityKind.Bytes, "bytes allocated on the broker's managed heap for each batch carried",
            trial => PerBatch(trial, trial.Broker.AllocatedBytes)),
        new("broker.collections", QuantityKind.Count, "garbage collections of the broker in the window", trial => trial.Broker.GcCount),
        new("generator.allocated-per-batch", QuantityKind.Bytes, "bytes allocated by the threads of producers and consumers for each batch carried",
            trial => PerBatch(trial, trial.WorkersAllocatedBytes)),
        new("generator.collections", QuantityKind.Count, "garbage collections of the load generator in the window", trial => trial.Generator.GcCount),
        new(Shares + "bare", QuantityKind.Share, "bytes of batches carried a second, as a share of the bare pipeline beside the trial",
            trial => trial.BarePipelineShare),
        new(Shares + "checked", QuantityKind.Share, "the same of the checked pipeline, which also copies once and computes three checksums",
            trial => trial.CheckedPipelineShare),
        new(Shares + "recv-write", QuantityKind.Share, "bytes of batches acknowledged a second, as a share of bare receiving and writing; of a load without consumers",
            trial => StageShare(trial, CeilingKinds.SocketToPageCache)),
        new(Shares + "sendfile", QuantityKind.Share, "bytes of batches read a second, as a share of bare sendfile; of a load that reads over and over",
            trial => StageShare(trial, CeilingKinds.PageCacheToSocket)),
        new("broker.start", QuantityKind.Duration, "from the start of the broker's process to its first answer", static _ => null)
        {
            OfTarget = static target => target.StartSeconds ?? [],
        },
    ];

    /// <summary>For what is measured of a target and not of its trials; null for all else.</summary>
    public Func<TargetInfo, IReadOnlyList<double>>? OfTarget { get; init; }

    /// <summary>True for what a process did by itself, whoever set the pace: heap, growth and idleness.</summary>
    public bool OfTheProcess => Kind == QuantityKind.Count || Name.EndsWith("-per-batch", StringComparison.Ordinal) || Name.EndsWith("-growth", StringComparison.Ordinal) || Name.EndsWith("idle-cpu", StringComparison.Ordinal);

    /// <summary>True where a trial that the generator limited still proves "at least".</summary>
    public bool BoundsFromBelow => Kind is QuantityKind.Rate or QuantityKind.ByteRate || Name == RateKept || Name.StartsWith(Shares, StringComparison.Ordinal);

    /// <summary>True for rates and what is kept of them; of a latency, a cost or memory less is better.</summary>
    public bool MoreIsBetter => BoundsFromBelow;

    /// <summary>True where the figure says how long messages took.</summary>
    public bool IsLatency => Kind == QuantityKind.Duration;

    public static Metric? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);

    /// <summary>With acks none nothing is ever acknowledged, and what was sent is all that can be counted.</summary>
    private static FlowTotals Produced(Trial trial) => trial.Acknowledged.Messages > 0 ? trial.Acknowledged : trial.Sent;

    private static double? PerSecond(Trial trial, long count) => trial.WindowSeconds > 0 ? count / trial.WindowSeconds : null;

    /// <summary>Over the values that went through: with several groups the broker serves each of them, and every copy is carried.</summary>
    private static double? CpuSecondsPerGigabyte(Trial trial)
    {
        long bytes = trial.Consumed.ValueBytes > 0 ? trial.Consumed.ValueBytes : Produced(trial).ValueBytes;
        return bytes > 0 ? Measured(trial.Broker.UserSeconds + trial.Broker.SystemSeconds) / (bytes / 1e9) : null;
    }

    private static double? StageShare(Trial trial, string kind) => trial.StageKind == kind ? trial.StageShare : null;

    private static double? IdleCpuShare(Trial trial)
    {
        const double ShortestSampleSeconds = 0.5;
        SecondSample[] idle =
        [
            .. trial.Series.Where(s => s.Phase == TrialPhase.Counted && s.LengthSeconds >= ShortestSampleSeconds
                && s.SentMessages == 0 && s.AcknowledgedMessages == 0 && s.ConsumedMessages == 0),
        ];
        return idle.Length > 0 && trial.Broker.ResidentPeakBytes > 0 ? idle.Sum(s => s.BrokerCpuSeconds) / idle.Sum(s => s.LengthSeconds) : null;
    }

    private static double? PerBatch(Trial trial, long? bytes)
    {
        long batches = trial.Consumed.Batches + Produced(trial).Batches;
        return batches > 0 ? bytes / (double)batches : null;
    }

    /// <summary>Between quarters, each by its mean, because memory goes up and down with every collection; not from the first, which begins with what is made once.</summary>
    private static double? Growth(Trial trial, Func<SecondSample, long?> memory)
    {
        const int Quarters = 4;
        double[] seconds = [.. trial.Series.Where(second => second.Phase == TrialPhase.Counted).Select(memory).OfType<long>().Select(bytes => (double)bytes)];
        int quarter = seconds.Length / Quarters;
        return quarter > 0 ? seconds[^quarter..].Average() - seconds[quarter..(2 * quarter)].Average() : null;
    }

    /// <summary>A broker out of reach (on another host) shows no CPU time and no memory at all; a running one cannot.</summary>
    private static double? Measured(double figure) => figure > 0 ? figure : null;

    private static IEnumerable<Metric> Latencies(string prefix, string way, Func<Trial, LatencyHistogram?> histogram)
    {
        (string Name, Func<LatencyHistogram, double> Micros)[] figures =
        [
            ("mean", h => h.MeanMicros), ("p50", h => h.P50Micros), ("p90", h => h.P90Micros), ("p99", h => h.P99Micros),
            ("p999", h => h.P999Micros), ("p9999", h => h.P9999Micros), ("max", h => h.MaxMicros),
        ];
        return figures.Select(figure => new Metric(
            $"{prefix}.{figure.Name}", QuantityKind.Duration, $"latency {way}, {figure.Name}",
            trial => histogram(trial) is { Count: > 0 } h ? figure.Micros(h) / MicrosPerSecond : null));
    }
}
