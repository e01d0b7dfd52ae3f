using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>CreateTopics, DeleteTopics and CreatePartitions. What is wrong is looked for in Kafka's order.</summary>
internal sealed class TopicsHandler
{
    private const int BrokerDefault = -1;
    private const short ReplicationFactor = 1;

    /// <summary>Kafka's own topic of the cluster's metadata, which nobody may make.</summary>
    private const string ClusterMetadata = "__cluster_metadata";

    private readonly TopicTable _topics;
    private readonly ServerConfig _config;

    public TopicsHandler(TopicTable topics, ServerConfig config)
    {
        _topics = topics;
        _config = config;
    }

    public HandlerResult HandleCreate(Connection connection, RequestHeader header, WireReader body)
    {
        CreateTopicsRequest request = ControlAnswer.Read<CreateTopicsRequest>(body, header.Version);
        HashSet<string> twice = Twice(request.Topics.Select(topic => topic.Name));
        CreateTopicsResponse response = new();
        foreach (CreatableTopic topic in request.Topics.DistinctBy(topic => topic.Name))
        {
            response.Topics.Add(twice.Contains(topic.Name)
                ? Refused(topic, (ErrorCode.InvalidRequest, $"topic '{topic.Name}' is named more than once"))
                : Create(topic, request.ValidateOnly));
        }

        return ControlAnswer.Send(connection, header, response);
    }

    public HandlerResult HandleDelete(Connection connection, RequestHeader header, WireReader body)
    {
        DeleteTopicsRequest request = ControlAnswer.Read<DeleteTopicsRequest>(body, header.Version);
        HashSet<(string? Name, Guid Id)> twice = Twice(request.Topics.Select(topic => (topic.Name, topic.TopicId)));
        HashSet<Guid> deleted = [];
        DeleteTopicsResponse response = new();
        foreach (DeletableTopic topic in request.Topics.DistinctBy(topic => (topic.Name, topic.TopicId)))
        {
            DeletableTopicResult result = new() { Name = topic.Name, TopicId = topic.TopicId };
            (result.Error, result.ErrorMessage) = twice.Contains((topic.Name, topic.TopicId))
                ? (ErrorCode.InvalidRequest, "the topic is named more than once")
                : Delete(topic, result, deleted);
            response.Topics.Add(result);
        }

        return ControlAnswer.Send(connection, header, response);
    }

    public HandlerResult HandleCreatePartitions(Connection connection, RequestHeader header, WireReader body)
    {
        CreatePartitionsRequest request = ControlAnswer.Read<CreatePartitionsRequest>(body, header.Version);
        HashSet<string> twice = Twice(request.Topics.Select(topic => topic.Name));
        CreatePartitionsResponse response = new();
        foreach (CreatePartitionsTopic topic in request.Topics.DistinctBy(topic => topic.Name))
        {
            (ErrorCode error, string? message) = twice.Contains(topic.Name)
                ? (ErrorCode.InvalidRequest, $"topic '{topic.Name}' is named more than once")
                : AddPartitions(topic, request.ValidateOnly);
            response.Results.Add(new CreatePartitionsResult { Name = topic.Name, Error = error, ErrorMessage = message });
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private static HashSet<T> Twice<T>(IEnumerable<T> names) => [.. names.GroupBy(name => name).Where(g => g.Count() > 1).Select(g => g.Key)];

    private static CreatableTopicResult Refused(CreatableTopic topic, (ErrorCode Error, string? Message) why) =>
        new() { Name = topic.Name, Error = why.Error, ErrorMessage = why.Message };

    private (ErrorCode Error, string? Message) Delete(DeletableTopic topic, DeletableTopicResult result, HashSet<Guid> deleted)
    {
        bool byId = topic.TopicId != Guid.Empty;
        if (byId == topic.Name is not null)
        {
            return (ErrorCode.InvalidRequest, "a topic is deleted by its name or by its id, by one of them");
        }

        TopicEntry? entry = byId ? _topics.Find(topic.TopicId) : _topics.Find(topic.Name!);
        if (entry is null)
        {
            return deleted.Contains(topic.TopicId)
                ? (ErrorCode.InvalidRequest, "the topic is named more than once, by its name and by its id")
                : (byId ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition, "there is no such topic");
        }

        result.Name = entry.Name;
        result.TopicId = entry.Topic.Id;
        deleted.Add(entry.Topic.Id);
        return (_topics.Delete(entry.Name), null);
    }

    private CreatableTopicResult Create(CreatableTopic topic, bool validateOnly)
    {
        (ErrorCode Error, string? Message) refused = topic.Name == ClusterMetadata
            ? (ErrorCode.InvalidRequest, $"'{ClusterMetadata}' is the broker's own")
            : _topics.CheckNew(topic.Name);
        if (refused.Error != ErrorCode.None)
        {
            return Refused(topic, refused);
        }

        Dictionary<string, string?> overrides = [];
        foreach (CreatableTopicConfig entry in topic.Configs)
        {
            overrides[entry.Name] = entry.Value;
        }

        if (overrides.Where(entry => entry.Value is null).Select(entry => entry.Key).ToList() is { Count: > 0 } nulls)
        {
            return Refused(topic, (ErrorCode.InvalidConfig, $"{string.Join(", ", nulls)}: null is not a value"));
        }

        LogConfig config;
        try
        {
            config = LogConfig.Parse(overrides, _topics.Defaults);
        }
        catch (InvalidLogConfigException invalid)
        {
            return Refused(topic, (ErrorCode.InvalidConfig, invalid.Message));
        }

        refused = CountPartitions(topic, out int partitions);
        if (refused.Error == ErrorCode.None)
        {
            refused = _topics.Create(topic.Name, partitions, overrides, validateOnly);
        }

        return refused.Error != ErrorCode.None ? Refused(topic, refused) : new CreatableTopicResult
        {
            Name = topic.Name,
            TopicId = validateOnly ? Guid.NewGuid() : _topics.Find(topic.Name)?.Topic.Id ?? Guid.Empty,
            PartitionCount = partitions,
            ReplicationFactor = ReplicationFactor,
            Configs = [.. ConfigDescriptions.Topic(_config, config, overrides.Keys).Select(described => new CreatedTopicConfig
            {
                Name = described.Name,
                Value = described.Value,
                ReadOnly = described.ReadOnly,
                Source = described.Source,
                IsSensitive = described.IsSensitive,
            })],
        };
    }

    private (ErrorCode Error, string? Message) CountPartitions(CreatableTopic topic, out int partitions)
    {
        partitions = topic.PartitionCount == BrokerDefault ? _config.DefaultPartitions : topic.PartitionCount;
        if (topic.Assignments.Count > 0)
        {
            partitions = topic.Assignments.Count;
            return topic.PartitionCount != BrokerDefault || topic.ReplicationFactor != BrokerDefault
                ? (ErrorCode.InvalidRequest, "with assignments, partition count and replication factor must be -1")
                : CheckAssignments(topic.Assignments);
        }

        return topic.ReplicationFactor is ReplicationFactor or BrokerDefault
            ? (ErrorCode.None, null)
            : (ErrorCode.InvalidReplicationFactor, $"replication factor {topic.ReplicationFactor}: there is one broker");
    }

    /// <summary>Assignments must name partitions 0, 1, 2, …, each on the one broker.</summary>
    private static (ErrorCode Error, string? Message) CheckAssignments(List<CreatableReplicaAssignment> assignments)
    {
        bool valid = assignments
            .OrderBy(assignment => assignment.PartitionIndex)
            .Select((assignment, i) => assignment.PartitionIndex == i && assignment.BrokerIds is [ServerHost.NodeId])
            .All(ok => ok);
        return valid
            ? (ErrorCode.None, null)
            : (ErrorCode.InvalidReplicaAssignment, $"partitions must be 0, 1, 2, … on broker {ServerHost.NodeId} alone");
    }

    private (ErrorCode Error, string? Message) AddPartitions(CreatePartitionsTopic topic, bool validateOnly)
    {
        if (_topics.Find(topic.Name) is not { } entry)
        {
            return (ErrorCode.UnknownTopicOrPartition, $"topic '{topic.Name}' does not exist");
        }

        int added = topic.Count - entry.Partitions.Count;
        if (added > 0 && topic.Assignments is { } assignments)
        {
            if (assignments.Count != added)
            {
                return (ErrorCode.InvalidReplicaAssignment, $"{added} partitions are to be added, {assignments.Count} are assigned");
            }

            if (assignments.Exists(assignment => assignment.BrokerIds is not [ServerHost.NodeId]))
            {
                return (ErrorCode.InvalidReplicaAssignment, $"partitions can only be on broker {ServerHost.NodeId}, once");
            }
        }

        return _topics.AddPartitions(topic.Name, topic.Count, validateOnly);
    }
}
