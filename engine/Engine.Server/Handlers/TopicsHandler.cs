using Engine.Wire;

namespace Engine.Server;

/// <summary>CreateTopics and DeleteTopics.</summary>
internal sealed class TopicsHandler
{
    private const int BrokerDefault = -1;

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
        HashSet<string> twice = [.. request.Topics.GroupBy(topic => topic.Name).Where(g => g.Count() > 1).Select(g => g.Key)];
        CreateTopicsResponse response = new();
        foreach (CreatableTopic topic in request.Topics.DistinctBy(topic => topic.Name))
        {
            (ErrorCode error, string? message) = twice.Contains(topic.Name)
                ? (ErrorCode.InvalidRequest, $"topic '{topic.Name}' is named more than once")
                : Create(topic, request.ValidateOnly);
            response.Topics.Add(new CreatableTopicResult { Name = topic.Name, Error = error, ErrorMessage = message });
        }

        return ControlAnswer.Send(connection, header, response);
    }

    public HandlerResult HandleDelete(Connection connection, RequestHeader header, WireReader body)
    {
        DeleteTopicsRequest request = ControlAnswer.Read<DeleteTopicsRequest>(body, header.Version);
        DeleteTopicsResponse response = new();
        foreach (string name in request.TopicNames.Distinct())
        {
            response.Topics.Add(new DeletableTopicResult { Name = name, Error = _topics.Delete(name) });
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private (ErrorCode Error, string? Message) Create(CreatableTopic topic, bool validateOnly)
    {
        if (CheckConfig(topic, out Dictionary<string, string?> config) is { } refused)
        {
            return (ErrorCode.InvalidConfig, refused);
        }

        if (topic.Assignments.Count > 0)
        {
            return CreateAssigned(topic, config, validateOnly);
        }

        int partitions = topic.PartitionCount == BrokerDefault ? _config.DefaultPartitions : topic.PartitionCount;
        return topic.ReplicationFactor is 1 or BrokerDefault
            ? _topics.Create(topic.Name, partitions, config, validateOnly)
            : (ErrorCode.InvalidReplicationFactor, $"replication factor {topic.ReplicationFactor}: there is one broker");
    }

    /// <summary>Assignments must name partitions 0, 1, 2, …, each on the one broker.</summary>
    private (ErrorCode Error, string? Message) CreateAssigned(
        CreatableTopic topic, Dictionary<string, string?> config, bool validateOnly)
    {
        if (topic.PartitionCount != BrokerDefault || topic.ReplicationFactor != BrokerDefault)
        {
            return (ErrorCode.InvalidRequest, "with assignments, partition count and replication factor must be -1");
        }

        bool valid = topic.Assignments
            .OrderBy(assignment => assignment.PartitionIndex)
            .Select((assignment, i) => assignment.PartitionIndex == i && assignment.BrokerIds is [ServerHost.NodeId])
            .All(ok => ok);
        return valid
            ? _topics.Create(topic.Name, topic.Assignments.Count, config, validateOnly)
            : (ErrorCode.InvalidReplicaAssignment, $"partitions must be 0, 1, 2, … on broker {ServerHost.NodeId} alone");
    }

    private static string? CheckConfig(CreatableTopic topic, out Dictionary<string, string?> config)
    {
        config = [];
        foreach (CreatableTopicConfig entry in topic.Configs)
        {
            if (entry.Value is null)
            {
                return $"{entry.Name}: null is not a value";
            }

            config[entry.Name] = entry.Value;
        }

        return null;
    }
}
