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

    /// <summary>Characters of a group's id.</summary>
    public const int GroupIdChars = 1024;

    /// <summary>Committed offsets of all groups in memory: two and a half million without metadata.</summary>
    public const long OffsetBytesMax = 512L * 1024 * 1024;

    /// <summary>All members of all groups in memory, their subscriptions and assignments included: a quarter of a million small ones.</summary>
    public const long MemberBytesMax = 256L * 1024 * 1024;

    /// <summary>A request: what it holds becomes objects several times its size, and answers of more.</summary>
    public const int RequestBytesMax = 16 * 1024 * 1024;

    /// <summary>A FindCoordinator request: the answer says where the broker is once for every two bytes of it.</summary>
    public const int FindRequestBytesMax = 1024 * 1024;

    /// <summary>What a member takes in memory beside what it sent, on the safe side.</summary>
    public const int MemberOverheadBytes = 1024;

    /// <summary>What a protocol of a member, an id given out, or an offset takes beside its bytes, on the safe side.</summary>
    public const int EntryOverheadBytes = 200;

    /// <summary>One record of the log of offsets: a group with all its members.</summary>
    public const int RecordBytesMax = 16 * 1024 * 1024;

    /// <summary>What is kept of a client's id, in member ids too.</summary>
    public const int ClientIdChars = 255;

    /// <summary>Kafka's clients hold instance ids to the rule for topics' names.</summary>
    public const int InstanceIdChars = 249;

    /// <summary>A join of a new member that nobody has waited for so long is taken for left behind (Kafka's value).</summary>
    public const int NewMemberJoinTimeoutMs = 5 * 60 * 1000;
}
