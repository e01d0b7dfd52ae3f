using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// The leader epoch of every partition. There is one broker, nobody else ever led, and so the epoch never moves; what clients say
/// of it is checked all the same, as Kafka does.
/// </summary>
internal static class LeaderEpoch
{
    public const int Current = 0;

    /// <summary>The value of a client that does not care.</summary>
    public const int NotGiven = -1;

    /// <summary>What a client gets for the epoch in which it believes a partition to be.</summary>
    public static ErrorCode Check(int epoch) => epoch switch
    {
        NotGiven or Current => ErrorCode.None,
        < Current => ErrorCode.FencedLeaderEpoch,
        _ => ErrorCode.UnknownLeaderEpoch,
    };
}
