namespace Engine.Server;

/// <summary>The topics that a broker keeps for itself: clients may read them, and not write to them. (Kafka: Topic.isInternal.)</summary>
internal static class InternalTopics
{
    public static bool Contains(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("__"u8)
        && (utf8.SequenceEqual("__consumer_offsets"u8)
            || utf8.SequenceEqual("__transaction_state"u8)
            || utf8.SequenceEqual("__share_group_state"u8));
}
