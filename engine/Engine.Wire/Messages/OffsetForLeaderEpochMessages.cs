namespace Engine.Wire;

public sealed class OffsetForLeaderEpochRequest : IWireMessage<OffsetForLeaderEpochRequest>
{
    /// <summary>−1 for a consumer, −2 for a tool.</summary>
    public int ReplicaId = -2;
    public List<OffsetForLeaderEpochTopic> Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetForLeaderEpochRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 3)
        {
            io.Int32(ref message.ReplicaId);
        }

        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetForLeaderEpochTopic : IWireMessage<OffsetForLeaderEpochTopic>
{
    public string Name = "";
    public List<OffsetForLeaderEpochPartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetForLeaderEpochTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class OffsetForLeaderEpochPartition : IWireMessage<OffsetForLeaderEpochPartition>
{
    public int Index;

    /// <summary>The epoch in which the asker believes the partition to be; −1 when it does not care.</summary>
    public int CurrentLeaderEpoch = -1;

    /// <summary>The epoch whose end is asked for.</summary>
    public int LeaderEpoch;

    public static void Describe<TIo>(ref TIo io, OffsetForLeaderEpochPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int32(ref message.CurrentLeaderEpoch);
        io.Int32(ref message.LeaderEpoch);
        io.Tags();
    }
}

public sealed class OffsetForLeaderEpochResponse : IWireMessage<OffsetForLeaderEpochResponse>
{
    public int ThrottleTimeMs;
    public List<OffsetForLeaderEpochTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetForLeaderEpochResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetForLeaderEpochTopicResult : IWireMessage<OffsetForLeaderEpochTopicResult>
{
    public string Name = "";
    public List<EpochEndOffset> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetForLeaderEpochTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class EpochEndOffset : IWireMessage<EpochEndOffset>
{
    public ErrorCode Error;
    public int Index;

    /// <summary>The largest epoch up to the one asked for that the log knows; −1 when it knows none.</summary>
    public int LeaderEpoch = -1;

    /// <summary>The offset behind the last record of that epoch; −1 with an error, or when there is no such epoch.</summary>
    public long EndOffset = -1;

    public static void Describe<TIo>(ref TIo io, EpochEndOffset message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.Int32(ref message.Index);
        io.Int32(ref message.LeaderEpoch);
        io.Int64(ref message.EndOffset);
        io.Tags();
    }
}
