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
    public Guid TopicId;
    public ErrorCode Error;
    public string? ErrorMessage;
    public int PartitionCount = -1;
    public short ReplicationFactor = -1;
    public List<CreatedTopicConfig>? Configs = [];

    public static void Describe<TIo>(ref TIo io, CreatableTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        if (version >= 7)
        {
            io.Uuid(ref message.TopicId);
        }

        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        if (version >= 5)
        {
            io.Int32(ref message.PartitionCount);
            io.Int16(ref message.ReplicationFactor);
            io.NullableArray(ref message.Configs, version);
        }

        io.Tags();
    }
}

/// <summary>A setting of a topic just created, as it is in effect.</summary>
public sealed class CreatedTopicConfig : IWireMessage<CreatedTopicConfig>
{
    public string Name = "";
    public string? Value;
    public bool ReadOnly;
    public sbyte Source = -1;
    public bool IsSensitive;

    public static void Describe<TIo>(ref TIo io, CreatedTopicConfig message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.NullableString(ref message.Value);
        io.Bool(ref message.ReadOnly);
        io.Int8(ref message.Source);
        io.Bool(ref message.IsSensitive);
        io.Tags();
    }
}

public sealed class DeleteTopicsRequest : IWireMessage<DeleteTopicsRequest>
{
    public List<DeletableTopic> Topics = [];
    public int TimeoutMs;

    public static void Describe<TIo>(ref TIo io, DeleteTopicsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Topics, version);
        io.Int32(ref message.TimeoutMs);
        io.Tags();
    }
}

/// <summary>
/// A topic to be deleted: by name, or from version 6 by name or id. Before that it is a bare string, not a structure, and has no
/// tagged fields of its own.
/// </summary>
public sealed class DeletableTopic : IWireMessage<DeletableTopic>
{
    public string? Name;
    public Guid TopicId;

    public static void Describe<TIo>(ref TIo io, DeletableTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version < 6)
        {
            io.String(ref message.Name!);
            return;
        }

        io.NullableString(ref message.Name);
        io.Uuid(ref message.TopicId);
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
    /// <summary>Null for an id that nobody has, from version 6.</summary>
    public string? Name = "";
    public Guid TopicId;
    public ErrorCode Error;
    public string? ErrorMessage;

    public static void Describe<TIo>(ref TIo io, DeletableTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 6)
        {
            io.NullableString(ref message.Name);
            io.Uuid(ref message.TopicId);
        }
        else
        {
            io.String(ref message.Name!);
        }

        io.Error(ref message.Error);
        if (version >= 5)
        {
            io.NullableString(ref message.ErrorMessage);
        }

        io.Tags();
    }
}
