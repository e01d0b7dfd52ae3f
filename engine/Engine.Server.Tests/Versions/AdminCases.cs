using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The part of <see cref="ApiCases"/> that administers.</summary>
internal static class AdminCases
{
    public static void DescribeConfigs(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic, 1, ("segment.bytes", "2000000"));
        DescribeConfigsResult answered = Assert.Single(client.Ask<DescribeConfigsRequest, DescribeConfigsResponse>(
            ApiKey.DescribeConfigs, version, new DescribeConfigsRequest
            {
                Resources = [new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic, ConfigurationKeys = ["segment.bytes"] }],
                IncludeSynonyms = true,
                IncludeDocumentation = true,
            }).Results);
        Assert.Equal((ErrorCode.None, topic), (answered.Error, answered.Name));
        DescribedConfig segment = Assert.Single(answered.Configs);
        Assert.Equal(("segment.bytes", "2000000", (sbyte)ConfigSource.DynamicTopic), (segment.Name, segment.Value, segment.Source));
        Assert.Equal((false, false), (segment.ReadOnly, segment.IsSensitive));
        Assert.Equal(
            [("segment.bytes", "2000000", (sbyte)ConfigSource.DynamicTopic), ("log.segment.bytes", "1073741824", (sbyte)ConfigSource.Default)],
            segment.Synonyms.Select(s => (s.Name, s.Value!, s.Source)));
        Assert.Equal(version >= 3 ? (sbyte)ConfigType.Int : 0, segment.Type);
        Assert.Equal(version >= 3, segment.Documentation is { Length: > 0 });
    }

    public static void AlterConfigs(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic, 1, ("segment.bytes", "2000000"), ("retention.bytes", "5"));
        AlterConfigsResult answered = Assert.Single(client.Ask<AlterConfigsRequest, AlterConfigsResponse>(
            ApiKey.AlterConfigs, version, new AlterConfigsRequest
            {
                Resources = [new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic, Configs = [new() { Name = "retention.bytes", Value = "9" }] }],
            }).Results);
        Assert.Equal((ErrorCode.None, topic, null), (answered.Error, answered.Name, answered.ErrorMessage));
        Assert.Equal([("retention.bytes", "9")], OwnSettings(client, topic));
    }

    public static void IncrementalAlterConfigs(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic, 1, ("segment.bytes", "2000000"), ("retention.bytes", "5"));
        AlterConfigsResult answered = Assert.Single(client.Ask<IncrementalAlterConfigsRequest, AlterConfigsResponse>(
            ApiKey.IncrementalAlterConfigs, version, new IncrementalAlterConfigsRequest
            {
                Resources =
                [
                    new()
                    {
                        Type = (sbyte)ConfigResourceType.Topic,
                        Name = topic,
                        Configs =
                        [
                            new() { Name = "max.message.bytes", Operation = (sbyte)AlterConfigOperation.Set, Value = "1000" },
                            new() { Name = "retention.bytes", Operation = (sbyte)AlterConfigOperation.Delete },
                        ],
                    },
                ],
            }).Results);
        Assert.Equal((ErrorCode.None, topic, null), (answered.Error, answered.Name, answered.ErrorMessage));
        Assert.Equal([("max.message.bytes", "1000"), ("segment.bytes", "2000000")], OwnSettings(client, topic));
        Assert.Equal(ErrorCode.MessageTooLarge, client.Produce(topic, TestClient.Batch(new byte[2000])).Error);
    }

    public static void DescribeLogDirs(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic, 2);
        byte[] batch = TestClient.Batch([1]);
        client.Produce(topic, batch);
        LogDirResult one = Assert.Single(client.Ask<DescribeLogDirsRequest, DescribeLogDirsResponse>(
            ApiKey.DescribeLogDirs, version, new DescribeLogDirsRequest { Topics = [new() { Name = topic, Partitions = [0, 7] }] }).Results);
        LogDirPartition partition = Assert.Single(Assert.Single(one.Topics).Partitions);
        Assert.Equal((0, batch.Length, 0, false), (partition.Index, partition.SizeBytes, partition.OffsetLag, partition.IsFuture));
        Assert.Equal(version >= 4, one.TotalBytes > 0 && one.UsableBytes > 0);
        LogDirResult all = Assert.Single(client.Ask<DescribeLogDirsRequest, DescribeLogDirsResponse>(
            ApiKey.DescribeLogDirs, version, new DescribeLogDirsRequest()).Results);
        Assert.Equal(2, all.Topics.Single(t => t.Name == topic).Partitions.Count);
        Assert.True(Directory.Exists(all.LogDir));
    }

    public static void CreatePartitions(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        client.Produce(topic, TestClient.Batch([1]));
        foreach (bool validateOnly in (bool[])[true, false])
        {
            CreatePartitionsResult answered = Assert.Single(client.Ask<CreatePartitionsRequest, CreatePartitionsResponse>(
                ApiKey.CreatePartitions, version, new CreatePartitionsRequest
                {
                    Topics = [new() { Name = topic, Count = 3, Assignments = [new() { BrokerIds = [1] }, new() { BrokerIds = [1] }] }],
                    ValidateOnly = validateOnly,
                }).Results);
            Assert.Equal((topic, ErrorCode.None, null), (answered.Name, answered.Error, answered.ErrorMessage));
            ErrorCode added = client.Produce(topic, TestClient.Batch([1]), partition: 2).Error;
            Assert.Equal(validateOnly ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None, added);
        }

        Assert.Equal(1, client.Fetch(topic, 0).HighWatermark);
    }

    public static void ListPartitionReassignments(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        ListPartitionReassignmentsResponse response = client.Ask<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(
            ApiKey.ListPartitionReassignments, version, new ListPartitionReassignmentsRequest
            {
                Topics = [new() { Name = topic, Partitions = [0] }],
            });
        Assert.Equal((ErrorCode.None, 0), (response.Error, response.Topics.Count));
    }

    public static void DescribeCluster(TestClient client, string topic, short version)
    {
        string? cluster = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 12, new MetadataRequest()).ClusterId;
        DescribeClusterResponse response = client.Ask<DescribeClusterRequest, DescribeClusterResponse>(
            ApiKey.DescribeCluster, version, new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true });
        ClusterBroker broker = Assert.Single(response.Brokers);
        Assert.Equal((ErrorCode.None, cluster, broker.NodeId, 0x1fa0), (response.Error, response.ClusterId, response.ControllerId, response.ClusterAuthorizedOperations));
        Assert.NotEmpty(topic);
    }

    private static (string Name, string Value)[] OwnSettings(TestClient client, string topic) =>
        [.. client.Ask<DescribeConfigsRequest, DescribeConfigsResponse>(ApiKey.DescribeConfigs, 4, new DescribeConfigsRequest
        {
            Resources = [new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic }],
        }).Results.Single().Configs.Where(c => c.Source == (sbyte)ConfigSource.DynamicTopic).Select(c => (c.Name, c.Value!)).Order()];
}
