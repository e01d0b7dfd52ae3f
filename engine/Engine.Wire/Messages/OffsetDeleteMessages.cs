namespace Engine.Wire;

public sealed class OffsetDeleteRequest : IWireMessage<OffsetDeleteRequest>
{
    public string GroupId = "";
    public List<OffsetDeleteTopic> Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetDeleteRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetDeleteTopic : IWireMessage<OffsetDeleteTopic>
{
    public string Name = "";
    public List<OffsetDeletePartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetDeleteTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class OffsetDeletePartition : IWireMessage<OffsetDeletePartition>
{
    public int Index;

    public static void Describe<TIo>(ref TIo io, OffsetDeletePartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Tags();
    }
}

public sealed class OffsetDeleteResponse : IWireMessage<OffsetDeleteResponse>
{
    public ErrorCode Error;
    public int ThrottleTimeMs;
    public List<OffsetDeleteTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetDeleteResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetDeleteTopicResult : IWireMessage<OffsetDeleteTopicResult>
{
    public string Name = "";
    public List<OffsetDeletePartitionResult> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetDeleteTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class OffsetDeletePartitionResult : IWireMessage<OffsetDeletePartitionResult>
{
    public int Index;
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, OffsetDeletePartitionResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Error(ref message.Error);
        io.Tags();
    }
}
