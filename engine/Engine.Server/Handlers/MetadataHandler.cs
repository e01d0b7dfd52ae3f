using Engine.Wire;

namespace Engine.Server;

/// <summary>Metadata: one broker that leads everything; topics asked for by name are created when that is allowed.</summary>
internal sealed class MetadataHandler
{
    private const short FirstByTopicId = 12;

    private static readonly Dictionary<string, string?> NoConfig = [];

    private readonly TopicTable _topics;
    private readonly ServerConfig _config;
    private readonly ClusterInfo _cluster;

    public MetadataHandler(TopicTable topics, ServerConfig config, ClusterInfo cluster)
    {
        _topics = topics;
        _config = config;
        _cluster = cluster;
    }

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        MetadataRequest request = ControlAnswer.Read<MetadataRequest>(body, header.Version);
        MetadataResponse response = new() { ClusterId = _cluster.ClusterId, ControllerId = _cluster.NodeId };
        response.Brokers.Add(new MetadataBroker { NodeId = _cluster.NodeId, Host = _cluster.Host, Port = _cluster.Port });
        bool all = request.Topics is null || (header.Version == 0 && request.Topics.Count == 0);
        if (all)
        {
            response.Topics.AddRange(_topics.All.Select(Describe));
        }
        else
        {
            bool mayCreate = _config.AutoCreateTopics && request.AllowAutoTopicCreation;
            short version = header.Version;
            response.Topics.AddRange(request.Topics!.Select(topic => Find(topic, mayCreate, version)));
        }

        if (request.IncludeTopicAuthorizedOperations)
        {
            response.Topics.ForEach(topic => topic.AuthorizedOperations = AuthorizedOperations.Topic);
        }

        if (request.IncludeClusterAuthorizedOperations)
        {
            response.ClusterAuthorizedOperations = AuthorizedOperations.Cluster;
        }

        return ControlAnswer.Send(connection, header, response);
    }

    /// <summary>By id from version 12; versions 10 and 11 have the field, and Kafka refuses what is in it.</summary>
    private MetadataTopic Find(MetadataTopicName asked, bool mayCreate, short version)
    {
        bool byId = asked.TopicId != Guid.Empty;
        if (version < FirstByTopicId ? byId || asked.Name is null : !byId && asked.Name is null)
        {
            return new MetadataTopic { Name = asked.Name ?? "", TopicId = asked.TopicId, Error = ErrorCode.InvalidRequest };
        }

        if (!byId)
        {
            return FindOrCreate(asked.Name!, mayCreate);
        }

        return _topics.Find(asked.TopicId) is { } known
            ? Describe(known)
            : new MetadataTopic { Name = null, TopicId = asked.TopicId, Error = ErrorCode.UnknownTopicId };
    }

    private MetadataTopic FindOrCreate(string name, bool mayCreate)
    {
        if (_topics.Find(name) is { } known)
        {
            return Describe(known);
        }

        ErrorCode error = Storage.TopicName.Validate(name) is not null ? ErrorCode.InvalidTopic : ErrorCode.UnknownTopicOrPartition;
        if (error == ErrorCode.UnknownTopicOrPartition && mayCreate)
        {
            (error, _) = _topics.Create(name, _config.DefaultPartitions, NoConfig, validateOnly: false);
            if (error is ErrorCode.None or ErrorCode.TopicAlreadyExists && _topics.Find(name) is { } created)
            {
                return Describe(created);
            }
        }

        return new MetadataTopic { Name = name, Error = error };
    }

    private MetadataTopic Describe(TopicEntry entry) => new()
    {
        Name = entry.Name,
        TopicId = entry.Topic.Id,
        IsInternal = entry.IsInternal,
        Partitions = [.. entry.Partitions.Select(partition => new MetadataPartition
        {
            Index = partition.Index,
            LeaderId = _cluster.NodeId,
            LeaderEpoch = LeaderEpoch.Current,
            Replicas = [_cluster.NodeId],
            InSyncReplicas = [_cluster.NodeId],
        })],
    };
}
