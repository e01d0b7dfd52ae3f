using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// What is wrong in a request that administers: the rows 38 to 44 of the table of bad input, and what else can be wrong with settings. Each
/// runs against the engine and against Apache Kafka.
/// </summary>
public abstract class AdminRows(IBroker broker)
{
    private const short CreateVersion = 7;

    private protected IBroker Broker => broker;

    [Fact]
    public void Row_38_a_topic_that_exists()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Refused(client, ErrorCode.TopicAlreadyExists, new() { Name = topic, PartitionCount = 1, ReplicationFactor = 1 });
    }

    [Fact]
    public void Row_39_an_invalid_or_colliding_name()
    {
        using TestClient client = broker.Connect();
        string topic = broker.UnusedName() + ".dotted";
        client.CreateTopic(topic);
        broker.WaitFor(client, topic);
        foreach (string name in (string[])["", ".", "..", "a b", "é", new('a', 250), topic.Replace('.', '_')])
        {
            Refused(client, ErrorCode.InvalidTopic, new() { Name = name, PartitionCount = 1, ReplicationFactor = 1 });
        }
    }

    [Fact]
    public void Row_40_no_replicas_or_no_partitions()
    {
        using TestClient client = broker.Connect();
        string name = broker.UnusedName();
        Refused(client, ErrorCode.InvalidReplicationFactor, new() { Name = name, PartitionCount = 1, ReplicationFactor = 0 });
        Refused(client, ErrorCode.InvalidReplicationFactor, new() { Name = name, PartitionCount = 1, ReplicationFactor = 2 });
        Refused(client, ErrorCode.InvalidReplicationFactor, new() { Name = name, PartitionCount = 0, ReplicationFactor = 0 });
        Refused(client, ErrorCode.InvalidPartitions, new() { Name = name, PartitionCount = 0, ReplicationFactor = 1 });
        Refused(client, ErrorCode.InvalidPartitions, new() { Name = name, PartitionCount = -2, ReplicationFactor = 1 });
    }

    [Fact]
    public void Row_40_partitions_that_are_no_more_than_before()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.InvalidPartitions, AddPartitions(client, topic, 1));
        Assert.Equal(ErrorCode.InvalidPartitions, AddPartitions(client, topic, 0));
        Assert.Equal(ErrorCode.InvalidPartitions, AddPartitions(client, topic, -1));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, AddPartitions(client, topic, 2, [2]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, AddPartitions(client, topic, 2, []));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, AddPartitions(client, topic, 2, [1, 1]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, AddPartitions(client, topic, 3, [1]));
        Assert.Equal(ErrorCode.None, AddPartitions(client, topic, 2, [1]));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, AddPartitions(client, broker.UnusedName(), 2));
    }

    [Fact]
    public void Assignments_that_cannot_be()
    {
        using TestClient client = broker.Connect();
        string name = broker.UnusedName();
        Refused(client, ErrorCode.InvalidRequest, Assigned(name, 1, -1, (0, 1)));
        Refused(client, ErrorCode.InvalidRequest, Assigned(name, -1, 1, (0, 1)));
        Refused(client, ErrorCode.InvalidReplicaAssignment, Assigned(name, -1, -1, (1, 1)));
        Refused(client, ErrorCode.InvalidReplicaAssignment, Assigned(name, -1, -1, (0, 2)));
        Refused(client, ErrorCode.InvalidReplicaAssignment, Assigned(name, -1, -1, (0, 1), (0, 1)));
        Assert.Equal(ErrorCode.None, Create(client, Assigned(name, -1, -1, (1, 1), (0, 1))).Error);
    }

    [Fact]
    public void Row_41_a_setting_with_the_value_null()
    {
        using TestClient client = broker.Connect();
        Refused(client, ErrorCode.InvalidConfig, new()
        {
            Name = broker.UnusedName(),
            PartitionCount = 1,
            ReplicationFactor = 1,
            Configs = [new() { Name = "retention.bytes", Value = null }],
        });

        // In the requests that alter settings Kafka calls it 42.
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.InvalidRequest, Alter(client, topic, ("retention.bytes", AlterConfigOperation.Set, null)));
        Assert.Equal(ErrorCode.InvalidRequest, Replace(client, topic, ("retention.bytes", null)));
    }

    [Fact]
    public void Row_42_the_same_topic_named_twice()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        string name = broker.UnusedName();
        CreatableTopic twin = new() { Name = name, PartitionCount = 1, ReplicationFactor = 1 };
        CreateTopicsResponse created = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(
            ApiKey.CreateTopics, CreateVersion, new CreateTopicsRequest { Topics = [twin, twin], TimeoutMs = 10_000 });
        Assert.Equal((name, ErrorCode.InvalidRequest), (Assert.Single(created.Topics).Name, created.Topics[0].Error));
        Assert.Equal([ErrorCode.InvalidRequest], Delete(client, new() { Name = topic }, new() { Name = topic }));
        CreatePartitionsTopic more = new() { Name = topic, Count = 4 };
        CreatePartitionsResponse added = client.Ask<CreatePartitionsRequest, CreatePartitionsResponse>(
            ApiKey.CreatePartitions, 3, new CreatePartitionsRequest { Topics = [more, more], TimeoutMs = 10_000 });
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(added.Results).Error);
        Assert.Equal(ErrorCode.None, client.Fetch(topic, 0).Error);
    }

    [Fact]
    public void Row_42_the_same_resource_or_setting_named_twice()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(
            ErrorCode.InvalidRequest,
            Alter(client, topic, ("retention.bytes", AlterConfigOperation.Set, "1"), ("retention.bytes", AlterConfigOperation.Set, "2")));
        IncrementalAlterConfigsResource resource = new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic };
        AlterConfigsResponse response = client.Ask<IncrementalAlterConfigsRequest, AlterConfigsResponse>(
            ApiKey.IncrementalAlterConfigs, 1, new IncrementalAlterConfigsRequest { Resources = [resource, resource] });
        Assert.All(response.Results, result => Assert.Equal(ErrorCode.InvalidRequest, result.Error));
    }

    [Fact]
    public void Row_43_deletion_of_an_unknown_topic()
    {
        using TestClient client = broker.Connect();
        string name = broker.UnusedName();
        Assert.Equal([ErrorCode.UnknownTopicOrPartition], Delete(client, new DeletableTopic { Name = name }));
        Assert.Equal([ErrorCode.UnknownTopicOrPartition], Delete(client, new DeletableTopic { Name = "in valid" }));
        Assert.Equal([ErrorCode.UnknownTopicId], Delete(client, new DeletableTopic { TopicId = Guid.NewGuid() }));
        Assert.Equal([ErrorCode.InvalidRequest], Delete(client, new DeletableTopic()));
        Assert.Equal([ErrorCode.InvalidRequest], Delete(client, new DeletableTopic { Name = name, TopicId = Guid.NewGuid() }));
    }

    [Fact]
    public void Row_44_DescribeConfigs_of_an_unknown_topic()
    {
        using TestClient client = broker.Connect();
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Describe(client, ConfigResourceType.Topic, broker.UnusedName()));
        Assert.Equal(ErrorCode.InvalidTopic, Describe(client, ConfigResourceType.Topic, "in valid"));
        Assert.Equal(ErrorCode.InvalidRequest, Describe(client, ConfigResourceType.Broker, "2"));
        Assert.Equal(ErrorCode.InvalidRequest, Describe(client, ConfigResourceType.Broker, "one"));
        Assert.Equal(ErrorCode.InvalidRequest, Describe(client, (ConfigResourceType)99, "x"));
        Assert.Equal(ErrorCode.None, Describe(client, ConfigResourceType.Broker, ""));
    }

    [Fact]
    public void Settings_that_cannot_be()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.InvalidConfig, Alter(client, topic, ("colour", AlterConfigOperation.Set, "red")));
        Assert.Equal(ErrorCode.InvalidConfig, Alter(client, topic, ("retention.bytes", AlterConfigOperation.Set, "many")));
        Assert.Equal(ErrorCode.InvalidConfig, Alter(client, topic, ("retention.bytes", AlterConfigOperation.Append, "5")));
        Assert.Equal(ErrorCode.InvalidConfig, Alter(client, topic, ("cleanup.policy", AlterConfigOperation.Set, "shred")));
        Assert.Equal(ErrorCode.InvalidConfig, Replace(client, topic, ("colour", "red")));
        Assert.Equal(ErrorCode.None, Alter(client, topic, ("colour", AlterConfigOperation.Delete, null)));
        Assert.Equal(ErrorCode.None, Alter(client, topic, ("cleanup.policy", AlterConfigOperation.Append, "delete")));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Alter(client, broker.UnusedName(), ("retention.bytes", AlterConfigOperation.Set, "1")));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Replace(client, broker.UnusedName()));
        Assert.Equal(ErrorCode.InvalidTopic, Alter(client, "in valid", ("retention.bytes", AlterConfigOperation.Set, "1")));
        Assert.Equal(ErrorCode.InvalidRequest, Alter(client, "", ("retention.bytes", AlterConfigOperation.Set, "1")));
    }

    [Fact]
    public void Settings_of_the_broker_that_cannot_be_altered()
    {
        using TestClient client = broker.Connect();
        Assert.Equal(ErrorCode.InvalidRequest, AlterBroker("1"));
        Assert.Equal(ErrorCode.InvalidRequest, AlterBroker(""));
        Assert.Equal(ErrorCode.InvalidRequest, AlterBroker("2"));
        Assert.Equal(ErrorCode.InvalidRequest, AlterBroker("one"));

        ErrorCode AlterBroker(string name) =>
            Alter(client, name, ConfigResourceType.Broker, ("num.partitions", AlterConfigOperation.Set, "4"));
    }

    private protected static ErrorCode Alter(TestClient client, string topic, params (string Name, AlterConfigOperation Operation, string? Value)[] configs) =>
        Alter(client, topic, ConfigResourceType.Topic, configs);

    private static ErrorCode Alter(
        TestClient client, string name, ConfigResourceType type, params (string Name, AlterConfigOperation Operation, string? Value)[] configs) =>
        Assert.Single(client.Ask<IncrementalAlterConfigsRequest, AlterConfigsResponse>(
            ApiKey.IncrementalAlterConfigs, 1, new IncrementalAlterConfigsRequest
            {
                Resources =
                [
                    new()
                    {
                        Type = (sbyte)type,
                        Name = name,
                        Configs = [.. configs.Select(c => new ConfigAlteration { Name = c.Name, Operation = (sbyte)c.Operation, Value = c.Value })],
                    },
                ],
            }).Results).Error;

    private static ErrorCode Replace(TestClient client, string topic, params (string Name, string? Value)[] configs) =>
        Assert.Single(client.Ask<AlterConfigsRequest, AlterConfigsResponse>(ApiKey.AlterConfigs, 2, new AlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    Type = (sbyte)ConfigResourceType.Topic,
                    Name = topic,
                    Configs = [.. configs.Select(c => new AlterableConfig { Name = c.Name, Value = c.Value })],
                },
            ],
        }).Results).Error;

    private static ErrorCode Describe(TestClient client, ConfigResourceType type, string name) =>
        Assert.Single(client.Ask<DescribeConfigsRequest, DescribeConfigsResponse>(
            ApiKey.DescribeConfigs, 4, new DescribeConfigsRequest { Resources = [new() { Type = (sbyte)type, Name = name }] }).Results).Error;

    private static IEnumerable<ErrorCode> Delete(TestClient client, params DeletableTopic[] topics) =>
        client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 6, new DeleteTopicsRequest { Topics = [.. topics], TimeoutMs = 10_000 }).Topics.Select(t => t.Error);

    private static ErrorCode AddPartitions(TestClient client, string topic, int count, int[]? brokers = null) =>
        Assert.Single(client.Ask<CreatePartitionsRequest, CreatePartitionsResponse>(ApiKey.CreatePartitions, 3, new CreatePartitionsRequest
        {
            ValidateOnly = true,
            TimeoutMs = 10_000,
            Topics =
            [
                new()
                {
                    Name = topic,
                    Count = count,
                    Assignments = brokers is null ? null : [.. brokers.Select(id => new PartitionAssignment { BrokerIds = [id] })],
                },
            ],
        }).Results).Error;

    private static CreatableTopic Assigned(string name, int partitions, short replicas, params (int Partition, int Broker)[] assignments) => new()
    {
        Name = name,
        PartitionCount = partitions,
        ReplicationFactor = replicas,
        Assignments = [.. assignments.Select(a => new CreatableReplicaAssignment { PartitionIndex = a.Partition, BrokerIds = [a.Broker] })],
    };

    private static CreatableTopicResult Create(TestClient client, CreatableTopic topic) =>
        Assert.Single(client.Ask<CreateTopicsRequest, CreateTopicsResponse>(
            ApiKey.CreateTopics, CreateVersion, new CreateTopicsRequest { Topics = [topic], TimeoutMs = 10_000 }).Topics);

    private static void Refused(TestClient client, ErrorCode expected, CreatableTopic topic)
    {
        CreatableTopicResult result = Create(client, topic);
        Assert.Equal((topic.Name, expected), (result.Name, result.Error));
        Assert.False(string.IsNullOrEmpty(result.ErrorMessage));
        Assert.Equal((-1, -1, Guid.Empty), (result.PartitionCount, result.ReplicationFactor, result.TopicId));
    }
}
