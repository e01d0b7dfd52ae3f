namespace Engine.Wire;

public sealed class DeleteRecordsRequest : IWireMessage<DeleteRecordsRequest>
{
    /// <summary>The offset that stands for the high watermark.</summary>
    public const long HighWatermark = -1;

    public List<DeleteRecordsTopic> Topics = [];
    public int TimeoutMs;

    public static void Describe<TIo>(ref TIo io, DeleteRecordsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Topics, version);
        io.Int32(ref message.TimeoutMs);
        io.Tags();
    }
}

public sealed class DeleteRecordsTopic : IWireMessage<DeleteRecordsTopic>
{
    public string Name = "";
    public List<DeleteRecordsPartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, DeleteRecordsTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class DeleteRecordsPartition : IWireMessage<DeleteRecordsPartition>
{
    public int Index;

    /// <summary>The first offset that is to stay.</summary>
    public long Offset;

    public static void Describe<TIo>(ref TIo io, DeleteRecordsPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int64(ref message.Offset);
        io.Tags();
    }
}

public sealed class DeleteRecordsResponse : IWireMessage<DeleteRecordsResponse>
{
    public int ThrottleTimeMs;
    public List<DeleteRecordsTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, DeleteRecordsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class DeleteRecordsTopicResult : IWireMessage<DeleteRecordsTopicResult>
{
    public string Name = "";
    public List<DeleteRecordsPartitionResult> Partitions = [];

    public static void Describe<TIo>(ref TIo io, DeleteRecordsTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class DeleteRecordsPartitionResult : IWireMessage<DeleteRecordsPartitionResult>
{
    public int Index;

    /// <summary>The log's first offset; −1 with an error.</summary>
    public long LowWatermark = -1;
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, DeleteRecordsPartitionResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int64(ref message.LowWatermark);
        io.Error(ref message.Error);
        io.Tags();
    }
}
