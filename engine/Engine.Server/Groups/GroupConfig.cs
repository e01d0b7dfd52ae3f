namespace Engine.Server;

/// <summary>What groups are governed by, under Kafka's broker names.</summary>
internal sealed record GroupConfig
{
    /// <summary>How long an empty group waits for more members before its first generation (group.initial.rebalance.delay.ms).</summary>
    public int InitialRebalanceDelayMs { get; init; } = 3000;

    public int MinSessionTimeoutMs { get; init; } = 6000;
    public int MaxSessionTimeoutMs { get; init; } = 30 * 60 * 1000;

    /// <summary>Members of one group (group.max.size). Kafka has no limit unless told to; here there is always one.</summary>
    public int MaxSize { get; init; } = 10_000;

    public int OffsetMetadataMaxBytes { get; init; } = 4096;
    public int OffsetsRetentionMinutes { get; init; } = 7 * 24 * 60;
    public int OffsetsRetentionCheckIntervalMs { get; init; } = 10 * 60 * 1000;

    /// <summary>Segments of the topic that holds the offsets; it is compacted when it has outgrown one.</summary>
    public int OffsetsTopicSegmentBytes { get; init; } = 100 * 1024 * 1024;

    public long OffsetsRetentionMs => OffsetsRetentionMinutes * 60_000L;
}

/// <summary>Limits of the engine's own, which Kafka does not have.</summary>
internal static class GroupLimits
{
    public const int GroupsMax = 100_000;

    /// <summary>Committed offsets of all groups.</summary>
    public const int OffsetsMax = 2_000_000;

    /// <summary>Subscriptions and assignments of all members of all groups.</summary>
    public const long MemberBytesMax = 256L * 1024 * 1024;

    /// <summary>One record of the log of offsets: a group with all its members.</summary>
    public const int RecordBytesMax = 16 * 1024 * 1024;

    /// <summary>What is kept of a client's id, in member ids too.</summary>
    public const int ClientIdChars = 255;

    /// <summary>Kafka's clients hold instance ids to the rule for topics' names.</summary>
    public const int InstanceIdChars = 249;

    /// <summary>A join of a new member that nobody has waited for so long is taken for left behind (Kafka's value).</summary>
    public const int NewMemberJoinTimeoutMs = 5 * 60 * 1000;
}
