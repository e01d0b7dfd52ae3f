namespace Harness.Runs.Scenarios.Keys;

/// <summary>Topic configurations by Kafka's names.</summary>
internal static class TopicConfigNames
{
    public const string RetentionBytes = "retention.bytes";
    public const string SegmentBytes = "segment.bytes";
    public const string IndexIntervalBytes = "index.interval.bytes";
    public const string MaxMessageBytes = "max.message.bytes";

    /// <summary>Kafka's value of <see cref="MaxMessageBytes"/> where a topic sets none.</summary>
    public const long MaxMessageBytesDefault = 1_048_588;

    /// <summary>What else Kafka 4 has for a topic: known, and refused until a target honours it.</summary>
    public static IReadOnlyList<string> Planned { get; } =
    [
        "cleanup.policy", "compression.type", "compression.gzip.level", "compression.lz4.level", "compression.zstd.level",
        "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms", "local.retention.bytes", "local.retention.ms",
        "max.compaction.lag.ms", "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.type",
        "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "min.insync.replicas", "preallocate", "remote.storage.enable",
        "retention.ms", "segment.index.bytes", "segment.jitter.ms", "segment.ms", "unclean.leader.election.enable",
    ];
}
