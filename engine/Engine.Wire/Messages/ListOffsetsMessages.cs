namespace Engine.Wire;

public sealed class ListOffsetsRequest : IWireMessage<ListOffsetsRequest>
{
    /// <summary>Special timestamps: the next offset to be written, and the first still there.</summary>
    public const long Latest = -1;
    public const long Earliest = -2;

    /// <summary>From version 7: the record with the largest timestamp.</summary>
    public const long MaxTimestamp = -3;

    public int ReplicaId = -1;
    public sbyte IsolationLevel;
    public List<ListOffsetsTopic> Topics = [];

    public static void Describe<TIo>(ref TIo io, ListOffsetsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ReplicaId);
        if (version >= 2)
        {
            io.Int8(ref message.IsolationLevel);
        }

        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class ListOffsetsTopic : IWireMessage<ListOffsetsTopic>
{
    public string Name = "";
    public List<ListOffsetsPartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, ListOffsetsTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class ListOffsetsPartition : IWireMessage<ListOffsetsPartition>
{
    public int Index;
    public int CurrentLeaderEpoch = -1;
    public long Timestamp;

    public static void Describe<TIo>(ref TIo io, ListOffsetsPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        if (version >= 4)
        {
            io.Int32(ref message.CurrentLeaderEpoch);
        }

        io.Int64(ref message.Timestamp);
        io.Tags();
    }
}

public sealed class ListOffsetsResponse : IWireMessage<ListOffsetsResponse>
{
    public int ThrottleTimeMs;
    public List<ListOffsetsTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, ListOffsetsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 2)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class ListOffsetsTopicResult : IWireMessage<ListOffsetsTopicResult>
{
    public string Name = "";
    public List<ListOffsetsPartitionResult> Partitions = [];

    public static void Describe<TIo>(ref TIo io, ListOffsetsTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class ListOffsetsPartitionResult : IWireMessage<ListOffsetsPartitionResult>
{
    public int Index;
    public ErrorCode Error;
    public long Timestamp = -1;
    public long Offset = -1;
    public int LeaderEpoch = -1;

    public static void Describe<TIo>(ref TIo io, ListOffsetsPartitionResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Error(ref message.Error);
        io.Int64(ref message.Timestamp);
        io.Int64(ref message.Offset);
        if (version >= 4)
        {
            io.Int32(ref message.LeaderEpoch);
        }

        io.Tags();
    }
}
