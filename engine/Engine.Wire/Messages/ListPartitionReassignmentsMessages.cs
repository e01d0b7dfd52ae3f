namespace Engine.Wire;

public sealed class ListPartitionReassignmentsRequest : IWireMessage<ListPartitionReassignmentsRequest>
{
    public int TimeoutMs = 60_000;

    /// <summary>Null asks for all.</summary>
    public List<TopicPartitions>? Topics;

    public static void Describe<TIo>(ref TIo io, ListPartitionReassignmentsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.TimeoutMs);
        io.NullableArray(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class ListPartitionReassignmentsResponse : IWireMessage<ListPartitionReassignmentsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ErrorMessage;
    public List<ReassignedTopic> Topics = [];

    public static void Describe<TIo>(ref TIo io, ListPartitionReassignmentsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class ReassignedTopic : IWireMessage<ReassignedTopic>
{
    public string Name = "";
    public List<ReassignedPartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, ReassignedTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class ReassignedPartition : IWireMessage<ReassignedPartition>
{
    public int Index;
    public List<int> Replicas = [];
    public List<int> AddingReplicas = [];
    public List<int> RemovingReplicas = [];

    public static void Describe<TIo>(ref TIo io, ReassignedPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int32Array(ref message.Replicas);
        io.Int32Array(ref message.AddingReplicas);
        io.Int32Array(ref message.RemovingReplicas);
        io.Tags();
    }
}
