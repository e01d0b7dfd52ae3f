namespace Engine.Wire;

public sealed class OffsetCommitRequest : IWireMessage<OffsetCommitRequest>
{
    public string GroupId = "";

    /// <summary>−1 of a client that is no member of the group.</summary>
    public int Generation = -1;
    public string MemberId = "";
    public string? GroupInstanceId;

    /// <summary>−1: the broker's own.</summary>
    public long RetentionTimeMs = -1;
    public List<OffsetCommitTopic> Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetCommitRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Int32(ref message.Generation);
        io.String(ref message.MemberId);

        if (version >= 7)
        {
            io.NullableString(ref message.GroupInstanceId);
        }

        if (version is >= 2 and <= 4)
        {
            io.Int64(ref message.RetentionTimeMs);
        }

        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetCommitTopic : IWireMessage<OffsetCommitTopic>
{
    public string Name = "";
    public List<OffsetCommitPartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetCommitTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class OffsetCommitPartition : IWireMessage<OffsetCommitPartition>
{
    public int Index;
    public long Offset;
    public int LeaderEpoch = -1;
    public string? Metadata;

    public static void Describe<TIo>(ref TIo io, OffsetCommitPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int64(ref message.Offset);

        if (version >= 6)
        {
            io.Int32(ref message.LeaderEpoch);
        }

        io.NullableString(ref message.Metadata);
        io.Tags();
    }
}

public sealed class OffsetCommitResponse : IWireMessage<OffsetCommitResponse>
{
    public int ThrottleTimeMs;
    public List<OffsetCommitTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetCommitResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 3)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetCommitTopicResult : IWireMessage<OffsetCommitTopicResult>
{
    public string Name = "";
    public List<OffsetCommitPartitionResult> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetCommitTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class OffsetCommitPartitionResult : IWireMessage<OffsetCommitPartitionResult>
{
    public int Index;
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, OffsetCommitPartitionResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Error(ref message.Error);
        io.Tags();
    }
}
