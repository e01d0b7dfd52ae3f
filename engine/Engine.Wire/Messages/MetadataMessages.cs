namespace Engine.Wire;

public sealed class MetadataRequest : IWireMessage<MetadataRequest>
{
    /// <summary>Null asks for all topics; in version 0 an empty list does.</summary>
    public List<MetadataTopicName>? Topics = [];
    public bool AllowAutoTopicCreation = true;
    public bool IncludeClusterAuthorizedOperations;
    public bool IncludeTopicAuthorizedOperations;

    public static void Describe<TIo>(ref TIo io, MetadataRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version == 0)
        {
            List<MetadataTopicName> named = message.Topics ?? [];
            io.Array(ref named, version);
            message.Topics = named;
        }
        else
        {
            io.NullableArray(ref message.Topics, version);
        }

        if (version >= 4)
        {
            io.Bool(ref message.AllowAutoTopicCreation);
        }

        if (version is >= 8 and <= 10)
        {
            io.Bool(ref message.IncludeClusterAuthorizedOperations);
        }

        if (version >= 8)
        {
            io.Bool(ref message.IncludeTopicAuthorizedOperations);
        }

        io.Tags();
    }
}

public sealed class MetadataTopicName : IWireMessage<MetadataTopicName>
{
    /// <summary>Null where the topic is asked for by its id, from version 12.</summary>
    public string? Name = "";
    public Guid TopicId;

    public static void Describe<TIo>(ref TIo io, MetadataTopicName message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 10)
        {
            io.Uuid(ref message.TopicId);
            io.NullableString(ref message.Name);
        }
        else
        {
            io.String(ref message.Name!);
        }

        io.Tags();
    }
}

public sealed class MetadataResponse : IWireMessage<MetadataResponse>
{
    /// <summary>The value of authorized operations that says they were not asked for.</summary>
    public const int OperationsNotRequested = int.MinValue;

    public int ThrottleTimeMs;
    public List<MetadataBroker> Brokers = [];
    public string? ClusterId;
    public int ControllerId;
    public List<MetadataTopic> Topics = [];
    public int ClusterAuthorizedOperations = OperationsNotRequested;

    public static void Describe<TIo>(ref TIo io, MetadataResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 3)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Array(ref message.Brokers, version);
        if (version >= 2)
        {
            io.NullableString(ref message.ClusterId);
        }

        if (version >= 1)
        {
            io.Int32(ref message.ControllerId);
        }

        io.Array(ref message.Topics, version);
        if (version is >= 8 and <= 10)
        {
            io.Int32(ref message.ClusterAuthorizedOperations);
        }

        io.Tags();
    }
}

public sealed class MetadataBroker : IWireMessage<MetadataBroker>
{
    public int NodeId;
    public string Host = "";
    public int Port;
    public string? Rack;

    public static void Describe<TIo>(ref TIo io, MetadataBroker message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.NodeId);
        io.String(ref message.Host);
        io.Int32(ref message.Port);
        if (version >= 1)
        {
            io.NullableString(ref message.Rack);
        }

        io.Tags();
    }
}

public sealed class MetadataTopic : IWireMessage<MetadataTopic>
{
    public ErrorCode Error;

    /// <summary>Null for an id that nobody has, from version 12.</summary>
    public string? Name = "";
    public Guid TopicId;
    public bool IsInternal;
    public List<MetadataPartition> Partitions = [];
    public int AuthorizedOperations = MetadataResponse.OperationsNotRequested;

    public static void Describe<TIo>(ref TIo io, MetadataTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        if (version >= 12)
        {
            io.NullableString(ref message.Name);
        }
        else
        {
            io.String(ref message.Name!);
        }

        if (version >= 10)
        {
            io.Uuid(ref message.TopicId);
        }

        if (version >= 1)
        {
            io.Bool(ref message.IsInternal);
        }

        io.Array(ref message.Partitions, version);
        if (version >= 8)
        {
            io.Int32(ref message.AuthorizedOperations);
        }

        io.Tags();
    }
}

public sealed class MetadataPartition : IWireMessage<MetadataPartition>
{
    public ErrorCode Error;
    public int Index;
    public int LeaderId;
    public int LeaderEpoch;
    public List<int> Replicas = [];
    public List<int> InSyncReplicas = [];
    public List<int> OfflineReplicas = [];

    public static void Describe<TIo>(ref TIo io, MetadataPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.Int32(ref message.Index);
        io.Int32(ref message.LeaderId);
        if (version >= 7)
        {
            io.Int32(ref message.LeaderEpoch);
        }

        io.Int32Array(ref message.Replicas);
        io.Int32Array(ref message.InSyncReplicas);
        if (version >= 5)
        {
            io.Int32Array(ref message.OfflineReplicas);
        }

        io.Tags();
    }
}
