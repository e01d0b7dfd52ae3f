namespace Engine.Wire;

public sealed class CreateTopicsRequest : IWireMessage<CreateTopicsRequest>
{
    public List<CreatableTopic> Topics = [];
    public int TimeoutMs;
    public bool ValidateOnly;

    public static void Describe<TIo>(ref TIo io, CreateTopicsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Topics, version);
        io.Int32(ref message.TimeoutMs);
        io.Bool(ref message.ValidateOnly);
        io.Tags();
    }
}

public sealed class CreatableTopic : IWireMessage<CreatableTopic>
{
    public string Name = "";

    /// <summary>−1: the broker's default (from version 4), or given by the assignments.</summary>
    public int PartitionCount;
    public short ReplicationFactor;
    public List<CreatableReplicaAssignment> Assignments = [];
    public List<CreatableTopicConfig> Configs = [];

    public static void Describe<TIo>(ref TIo io, CreatableTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Int32(ref message.PartitionCount);
        io.Int16(ref message.ReplicationFactor);
        io.Array(ref message.Assignments, version);
        io.Array(ref message.Configs, version);
        io.Tags();
    }
}

public sealed class CreatableReplicaAssignment : IWireMessage<CreatableReplicaAssignment>
{
    public int PartitionIndex;
    public List<int> BrokerIds = [];

    public static void Describe<TIo>(ref TIo io, CreatableReplicaAssignment message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.PartitionIndex);
        io.Int32Array(ref message.BrokerIds);
        io.Tags();
    }
}

public sealed class CreatableTopicConfig : IWireMessage<CreatableTopicConfig>
{
    public string Name = "";
    public string? Value;

    public static void Describe<TIo>(ref TIo io, CreatableTopicConfig message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.NullableString(ref message.Value);
        io.Tags();
    }
}

public sealed class CreateTopicsResponse : IWireMessage<CreateTopicsResponse>
{
    public int ThrottleTimeMs;
    public List<CreatableTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, CreateTopicsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class CreatableTopicResult : IWireMessage<CreatableTopicResult>
{
    public string Name = "";
    public ErrorCode Error;
    public string? ErrorMessage;

    public static void Describe<TIo>(ref TIo io, CreatableTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        io.Tags();
    }
}

public sealed class DeleteTopicsRequest : IWireMessage<DeleteTopicsRequest>
{
    public List<string> TopicNames = [];
    public int TimeoutMs;

    public static void Describe<TIo>(ref TIo io, DeleteTopicsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.StringArray(ref message.TopicNames);
        io.Int32(ref message.TimeoutMs);
        io.Tags();
    }
}

public sealed class DeleteTopicsResponse : IWireMessage<DeleteTopicsResponse>
{
    public int ThrottleTimeMs;
    public List<DeletableTopicResult> Topics = [];

    public static void Describe<TIo>(ref TIo io, DeleteTopicsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class DeletableTopicResult : IWireMessage<DeletableTopicResult>
{
    public string Name = "";
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, DeletableTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Error(ref message.Error);
        io.Tags();
    }
}
