using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>For every API one sound exchange that works in any version of it: asked, answered, read to the last byte, and looked at.</summary>
internal static class ApiCases
{
    public static readonly IReadOnlyDictionary<ApiKey, Action<TestClient, string, short>> All =
        new Dictionary<ApiKey, Action<TestClient, string, short>>
        {
            [ApiKey.Produce] = Produce,
            [ApiKey.Fetch] = Fetch,
            [ApiKey.ListOffsets] = ListOffsets,
            [ApiKey.Metadata] = Metadata,
            [ApiKey.ApiVersions] = ApiVersions,
            [ApiKey.CreateTopics] = CreateTopics,
            [ApiKey.DeleteTopics] = DeleteTopics,
            [ApiKey.DeleteRecords] = DeleteRecords,
            [ApiKey.InitProducerId] = InitProducerId,
            [ApiKey.OffsetForLeaderEpoch] = OffsetForLeaderEpoch,
            [ApiKey.DescribeConfigs] = AdminCases.DescribeConfigs,
            [ApiKey.AlterConfigs] = AdminCases.AlterConfigs,
            [ApiKey.DescribeLogDirs] = AdminCases.DescribeLogDirs,
            [ApiKey.CreatePartitions] = AdminCases.CreatePartitions,
            [ApiKey.IncrementalAlterConfigs] = AdminCases.IncrementalAlterConfigs,
            [ApiKey.ListPartitionReassignments] = AdminCases.ListPartitionReassignments,
            [ApiKey.DescribeCluster] = AdminCases.DescribeCluster,
        };

    private static void Produce(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 0), DataPath.Produce(client, version, topic, TestClient.Batch([1], [2])));
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 2), DataPath.Produce(client, version, topic, TestClient.Batch([3])));
        Assert.Equal(3, client.Fetch(topic, 0).HighWatermark);
    }

    private static void Fetch(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        Fetched empty = DataPath.Fetch(client, version, topic, 0, maxWaitMs: 1);
        Assert.Equal((ErrorCode.None, 0), (empty.Error, empty.Records.Length));
        byte[] batch = TestClient.Batch([1], [2]);
        client.Produce(topic, batch);
        Fetched fetched = DataPath.Fetch(client, version, topic, 0);
        Assert.Equal((ErrorCode.None, 2, version >= 5 ? 0 : -1), (fetched.Error, fetched.HighWatermark, fetched.LogStartOffset));
        Assert.Equal(batch[RecordBatch.MagicAt..], fetched.Records[RecordBatch.MagicAt..]);
    }

    private static void ListOffsets(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        client.Produce(topic, TestClient.Batch([1], [2]));
        ListOffsetsTopicResult answered = Assert.Single(client.Ask<ListOffsetsRequest, ListOffsetsResponse>(
            ApiKey.ListOffsets, version, new ListOffsetsRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { Index = 0, CurrentLeaderEpoch = 0, Timestamp = ListOffsetsRequest.Latest }] }],
            }).Topics);
        ListOffsetsPartitionResult end = Assert.Single(answered.Partitions);
        Assert.Equal((topic, ErrorCode.None, 2, version >= 4 ? 0 : -1), (answered.Name, end.Error, end.Offset, end.LeaderEpoch));
    }

    private static void Metadata(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic, 2);
        MetadataResponse response = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, version, new MetadataRequest
        {
            Topics = [new() { Name = topic }],
            IncludeClusterAuthorizedOperations = true,
            IncludeTopicAuthorizedOperations = true,
        });
        MetadataTopic answered = Assert.Single(response.Topics);
        Assert.Equal((ErrorCode.None, topic, 2), (answered.Error, answered.Name, answered.Partitions.Count));
        Assert.Equal(version >= 10, answered.TopicId != Guid.Empty);
        Assert.Equal(version >= 8 ? 0xdf8 : int.MinValue, answered.AuthorizedOperations);
        Assert.Equal(version is >= 8 and <= 10 ? 0x1fa0 : int.MinValue, response.ClusterAuthorizedOperations);
        Assert.Equal(version >= 2, response.ClusterId is not null);
        if (version >= 12)
        {
            MetadataResponse byId = client.Ask<MetadataRequest, MetadataResponse>(
                ApiKey.Metadata, version, new MetadataRequest { Topics = [new() { Name = null, TopicId = answered.TopicId }] });
            Assert.Equal(topic, Assert.Single(byId.Topics).Name);
        }
    }

    private static void ApiVersions(TestClient client, string topic, short version)
    {
        ApiVersionsResponse response = client.Ask<ApiVersionsRequest, ApiVersionsResponse>(
            ApiKey.ApiVersions, version, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1.0" });
        Assert.Equal(Apis.Served.Select(r => ((short)r.Key, r.AdvertisedMin, r.Max)), response.Apis.Select(a => (a.Key, a.Min, a.Max)));
        Assert.NotEmpty(topic);
    }

    private static void CreateTopics(TestClient client, string topic, short version)
    {
        CreatableTopicResult created = Assert.Single(client.Ask<CreateTopicsRequest, CreateTopicsResponse>(
            ApiKey.CreateTopics, version, new CreateTopicsRequest
            {
                Topics =
                [
                    new() { Name = topic, PartitionCount = 3, ReplicationFactor = 1, Configs = [new() { Name = "retention.bytes", Value = "7" }] },
                ],
            }).Topics);
        Assert.Equal((topic, ErrorCode.None, null), (created.Name, created.Error, created.ErrorMessage));
        Assert.Equal(version >= 5 ? (3, 1) : (-1, -1), (created.PartitionCount, created.ReplicationFactor));
        Assert.Equal(version >= 7, created.TopicId != Guid.Empty);
        if (version >= 5)
        {
            CreatedTopicConfig retention = created.Configs!.Single(config => config.Name == "retention.bytes");
            Assert.Equal(("7", (sbyte)ConfigSource.DynamicTopic), (retention.Value, retention.Source));
            Assert.Equal((sbyte)ConfigSource.Default, created.Configs!.Single(config => config.Name == "cleanup.policy").Source);
        }
    }

    private static void DeleteTopics(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        Guid id = client.Ask<MetadataRequest, MetadataResponse>(
            ApiKey.Metadata, 12, new MetadataRequest { Topics = [new() { Name = topic }] }).Topics.Single().TopicId;
        DeletableTopicResult deleted = Assert.Single(client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, version, new DeleteTopicsRequest
            {
                Topics = [version >= 6 ? new DeletableTopic { TopicId = id } : new DeletableTopic { Name = topic }],
            }).Topics);
        Assert.Equal((topic, ErrorCode.None, null), (deleted.Name, deleted.Error, deleted.ErrorMessage));
        Assert.Equal(version >= 6 ? id : Guid.Empty, deleted.TopicId);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Fetch(topic, 0).Error);
    }

    private static void DeleteRecords(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        client.Produce(topic, TestClient.Batch([1], [2], [3]));
        DeleteRecordsTopicResult answered = Assert.Single(client.Ask<DeleteRecordsRequest, DeleteRecordsResponse>(
            ApiKey.DeleteRecords, version, new DeleteRecordsRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { Index = 0, Offset = 2 }] }],
            }).Topics);
        DeleteRecordsPartitionResult deleted = Assert.Single(answered.Partitions);
        Assert.Equal((topic, ErrorCode.None, 2), (answered.Name, deleted.Error, deleted.LowWatermark));
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch(topic, 1).Error);
        Assert.Equal(2, client.Fetch(topic, 2).LogStartOffset);
    }

    private static void InitProducerId(TestClient client, string topic, short version)
    {
        InitProducerIdResponse response = client.Ask<InitProducerIdRequest, InitProducerIdResponse>(
            ApiKey.InitProducerId, version, new InitProducerIdRequest());
        Assert.Equal((ErrorCode.None, 0), (response.Error, response.ProducerEpoch));
        Assert.NotEqual(-1, response.ProducerId);
        Assert.NotEmpty(topic);
    }

    private static void OffsetForLeaderEpoch(TestClient client, string topic, short version)
    {
        client.CreateTopic(topic);
        client.Produce(topic, TestClient.Batch([1], [2], [3]));
        OffsetForLeaderEpochTopicResult answered = Assert.Single(client.Ask<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
            ApiKey.OffsetForLeaderEpoch, version, new OffsetForLeaderEpochRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { Index = 0 }, new() { Index = 0, LeaderEpoch = 3 }] }],
            }).Topics);
        Assert.Equal([(ErrorCode.None, 0, 3), (ErrorCode.None, -1, -1)], answered.Partitions.Select(p => (p.Error, p.LeaderEpoch, p.EndOffset)));
    }
}
