using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Keys;

/// <summary>
/// Keys that are each right and together impossible: a run with them would fail, or measure something else than it says.
/// </summary>
/// <param name="Keys">The keys concerned; judged only when each could be read. The problem is shown at the first that the file gives.</param>
/// <param name="Problem">What is wrong and what is allowed, or null.</param>
internal sealed record Combination(IReadOnlyList<string> Keys, Func<ScenarioDraft, string?> Problem)
{
    /// <summary>Fixed part of a record batch's header (Kafka's format, magic 2).</summary>
    private const int BatchHeaderBytes = 61;

    private const string Partitions = "topic.partitions";
    private const string Retention = "topic.config." + TopicConfigNames.RetentionBytes;
    private const string Segment = "topic.config." + TopicConfigNames.SegmentBytes;
    private const string MaxMessage = "topic.config." + TopicConfigNames.MaxMessageBytes;
    private const string Batch = "producers.batch";

    public static IReadOnlyList<Combination> All { get; } =
    [
        new([Batch, "message.size"], d => d.BatchBytes < SmallestBatch(d.MessageBytes)
            ? $"{Size(d.BatchBytes)} cannot hold one message of {Size(d.MessageBytes)}; allowed: at least {SmallestBatch(d.MessageBytes)}B"
            : null),
        new([Batch, MaxMessage], d => d.BatchBytes > MaxMessageBytes(d)
            ? $"{Size(d.BatchBytes)} is more than the broker takes in a batch ({TopicConfigNames.MaxMessageBytes} {Size(MaxMessageBytes(d))})"
            : null),
        new([Batch, Segment], d => d.BatchBytes > d.SegmentBytes
            ? $"{Size(d.BatchBytes)} does not fit into a segment ({TopicConfigNames.SegmentBytes} {Size(d.SegmentBytes)})"
            : null),
        new([Segment, Retention], d => d.SegmentBytes > d.RetentionBytes
            ? $"{TopicConfigNames.SegmentBytes} {Size(d.SegmentBytes)} is more than {TopicConfigNames.RetentionBytes} {Size(d.RetentionBytes)}; "
                + "allowed: segments of at most the retention"
            : null),
        new([Retention, Batch, "producers.inFlight", "producers.count", "producers.connections", Partitions], d => d.RetentionBytes * d.Partitions < InFlightBytes(d)
            ? $"{Size(d.RetentionBytes)} is less than the producers have in flight ({d.Producers * d.Connections} × {d.InFlight} × {Size(d.BatchBytes)}): "
                + "messages would be deleted before a consumer can read them"
            : null),
        new([Retention, "consumers.backlog", "consumers.mode"], d => d.ConsumerMode is not ("none" or "reread") && d.RetentionBytes < d.BacklogBytes
            ? $"{TopicConfigNames.RetentionBytes} {Size(d.RetentionBytes)} is less than what may wait for a consumer (consumers.backlog {Size(d.BacklogBytes)}): "
                + "messages would be deleted before they can be read; allowed: a retention of at least the backlog"
            : null),
        new(["topic.replication", "targets"], d => d.Replication > 1 && d.Targets.Find(target => !target.StartsWith("kafka://", StringComparison.Ordinal)) is { } single
            ? $"{d.Replication} copies need {d.Replication} brokers, and the target '{single}' is one; allowed: 1"
            : null),
        new(["consumers.count", Partitions], d => d.Consumers > d.Partitions
            ? $"{d.Consumers} consumers share {d.Partitions} partition{(d.Partitions == 1 ? "" : "s")}, and some would read nothing; "
                + $"allowed: at most {d.Partitions}"
            : null),
        new(["warmup", "load"], d => d.WarmupSeconds == 0 && d.Load.Any(phase => phase.Shape == "saturate")
            ? "saturate without warm-up would count the first touch of every page; allowed: more than 0s"
            : null),
        new(["firstWarmup", "warmup"], d => d.FirstWarmupSeconds < d.WarmupSeconds
            ? "is shorter than that of the other trials; allowed: at least the warm-up"
            : null),
        new(["warmup", "consumers.mode"], d => d.WarmupSeconds == 0 && ReadsBehind(d)
            ? "without a warm-up there is nothing to catch up with; allowed: more than 0s"
            : null),
        new(["load"], d => d.Load[0].Shape == "pause" ? "begins with a pause, and the warm-up is of the first shape; allowed: any other first" : null),
        new(["load", "producers.count"], d => d.Load.FirstOrDefault(phase => phase.Copies < d.Producers) is { } few
            ? $"{few.Copies} copies leave some of {d.Producers} producers without any; allowed: at least {d.Producers}"
            : null),
        new(["producers.linger", "load"], d => d.Load.Any(phase => phase.Shape != "pause" && d.LingerSeconds >= phase.DuringSeconds)
            ? "is no shorter than the load itself"
            : null),
        new(["claim", "load"], d => d.Claim == "C1" && d.Load.Any(phase => phase.Shape != "saturate")
            ? $"{d.Claim} is about what a broker carries at most; allowed: saturate, or no claim"
            : null),
        new(["consumers.mode", "targets"], d => d.ConsumerMode == "cold" && d.Targets.Find(target => target.StartsWith("kafka://", StringComparison.Ordinal)) is { } remote
            ? $"cold puts the broker's files out of the page cache, and those of '{remote}' are not ours; allowed: a broker that the harness starts, or catch-up"
            : null),
        new(["consumers.mode", "warmup", "firstWarmup", "load", Retention, Partitions], d => ReadsBehind(d) && WarmupBytes(d) > (double)d.RetentionBytes * d.Partitions
            ? $"the warm-up writes {Size((long)WarmupBytes(d))}, and {TopicConfigNames.RetentionBytes} {Size(d.RetentionBytes)} would delete some of it "
                + "before it is read; allowed: a shorter warm-up, a lower rate or more retention"
            : null),
        new(["consumers.client", "producers.client", "consumers.mode"], d => d.ConsumerMode != "none" && (d.ConsumerClient == "raw") != (d.ProducerClient == "replay")
            ? $"{d.ConsumerClient} consumers do not go with {d.ProducerClient} producers: what is replayed cannot be verified message by message; "
                + "allowed: replay with raw, or native with native"
            : null),
        new(["producers.connections", "producers.client"], d => d.Connections > 1 && d.ProducerClient != "replay"
            ? "several connections for each producer have only those that replay; allowed: 1, or producers.client: replay"
            : null),
        new(["producers.client", "load"], d => d.ProducerClient == "replay" && d.Load.Any(phase => phase.Shape != "saturate")
            ? "batches are replayed as fast as the broker takes them; allowed: saturate, or producers.client: native"
            : null),
        new(["producers.client", "producers.acks"], d => d.ProducerClient == "replay" && d.Acks == "none"
            ? "what is replayed is verified by its acknowledgements; allowed: acks leader or all"
            : null),
        new(["claim", "producers.client"], d => d.Claim is not null && d.ProducerClient == "replay"
            ? "a claim is judged by messages that are each encoded and verified; allowed: native, or no claim"
            : null),
        new(["consumers.mode", "consumers.client", "topic.prefill"], d => d.ConsumerMode == "reread" && (d.ConsumerClient != "raw" || d.PrefillBytes is null)
            ? "what is read over and over is written first and not unpacked; allowed with consumers.client: raw and a topic.prefill"
            : null),
        new(["consumers.mode", "consumers.client"], d => d.ConsumerMode == "catch-up" && d.ConsumerClient == "raw"
            ? "raw consumers begin at the log's first batch; allowed: tail, reread or none"
            : null),
        new(["topic.prefill", "consumers.mode", Retention, Partitions], d => d.PrefillBytes is { } prefill && (d.ConsumerMode != "reread" || prefill > d.RetentionBytes * d.Partitions)
            ? d.ConsumerMode != "reread" ? "a topic is filled for consumers.mode: reread alone"
                : $"{Size(prefill)} are more than {TopicConfigNames.RetentionBytes} {Size(d.RetentionBytes)} keeps in {d.Partitions} partition{(d.Partitions == 1 ? "" : "s")}"
            : null),
        new(["targets"], d => d.Targets.Distinct().Count() < d.Targets.Count ? "names a target twice" : null),
        new(["claim", "verify.loss", "verify.duplicates", "verify.order", "verify.checksum"],
            d => d.Claim is not null && !(d.VerifyLoss && d.VerifyDuplicates && d.VerifyOrder && d.VerifyChecksum)
                ? "a claim is judged with every verification on; allowed: verify without false, or no claim"
                : null),
    ];

    private static bool ReadsBehind(ScenarioDraft draft) => draft.ConsumerMode is "catch-up" or "cold";

    private static long MaxMessageBytes(ScenarioDraft draft) => draft.MaxMessageBytes ?? TopicConfigNames.MaxMessageBytesDefault;

    /// <summary>Of values alone, by a first shape that has a rate: the warm-up is of the first shape.</summary>
    private static double WarmupBytes(ScenarioDraft draft) => (draft.Load[0].RatePerSecond ?? 0) * (draft.FirstWarmupSeconds ?? draft.WarmupSeconds) * draft.MessageBytes;

    private static long InFlightBytes(ScenarioDraft draft) => (long)draft.Producers * draft.Connections * draft.InFlight * draft.BatchBytes;

    /// <summary>A batch of one record without key and headers: attributes, two deltas of 0, key length −1, value, header count.</summary>
    private static int SmallestBatch(int valueBytes)
    {
        int body = 4 + VarintBytes(valueBytes) + valueBytes + 1;
        return BatchHeaderBytes + VarintBytes(body) + body;
    }

    /// <summary>Of a zigzag varint: one bit goes to the sign, seven to a byte.</summary>
    private static int VarintBytes(int value)
    {
        int bytes = 1;
        for (long rest = (long)value << 1; rest >= 0x80; rest >>= 7)
        {
            bytes++;
        }

        return bytes;
    }

    private static string Size(long bytes) => new Quantity(QuantityKind.Bytes, bytes).ToString();
}
