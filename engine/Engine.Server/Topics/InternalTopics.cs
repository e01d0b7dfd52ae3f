namespace Engine.Server;

/// <summary>The topics that a broker keeps for itself: clients may read them, and not make, write or delete them. (Kafka: Topic.isInternal.)</summary>
internal static class InternalTopics
{
    /// <summary>Where the groups' offsets are kept: Kafka's name, Kafka's records.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    public static bool Contains(string name) => name is ConsumerOffsets or "__transaction_state" or "__share_group_state";

    /// <summary>The same for a name as it came over the wire.</summary>
    public static bool Contains(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("__"u8)
        && (utf8.SequenceEqual("__consumer_offsets"u8)
            || utf8.SequenceEqual("__transaction_state"u8)
            || utf8.SequenceEqual("__share_group_state"u8));
}
