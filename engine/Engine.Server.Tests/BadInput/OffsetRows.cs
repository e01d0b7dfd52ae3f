using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// What is wrong in Fetch, ListOffsets, OffsetForLeaderEpoch, Metadata and DeleteRecords: the rows 31 to 37 of the table of bad input. Each
/// runs against the engine and against Apache Kafka.
/// </summary>
public abstract class OffsetRows(IBroker broker)
{
    private const short FetchVersion = 12;

    [Fact]
    public void Row_31_an_offset_outside_the_log()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        client.Produce(topic, Batches.Sound());
        long end = client.Fetch(topic, 0).HighWatermark;
        Assert.Equal(ErrorCode.None, client.Fetch(topic, end).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch(topic, end + 1, maxWaitMs: 60_000).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch(topic, -1, maxWaitMs: 60_000).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, DataPath.Fetch(client, FetchVersion, topic, long.MaxValue).Error);
        Assert.Equal(ErrorCode.None, DeleteRecords(client, topic, DeleteRecordsRequest.HighWatermark).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch(topic, 0, maxWaitMs: 60_000).Error);
    }

    /// <summary>The epoch is 0, and Kafka takes a negative one of a Fetch for none: there, none can be too old.</summary>
    [Fact]
    public void Row_32_a_leader_epoch_too_old_or_too_new()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, DataPath.Fetch(client, FetchVersion, topic, 0, leaderEpoch: 1).Error);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, DataPath.Fetch(client, 9, topic, 0, leaderEpoch: 1).Error);
        Assert.Equal(ErrorCode.None, DataPath.Fetch(client, FetchVersion, topic, 0, leaderEpoch: 0).Error);
        Assert.Equal(ErrorCode.FencedLeaderEpoch, ListOffset(client, 5, topic, ListOffsetsRequest.Latest, leaderEpoch: -2).Error);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, ListOffset(client, 5, topic, ListOffsetsRequest.Latest, leaderEpoch: 1).Error);
        Assert.Equal(ErrorCode.None, ListOffset(client, 5, topic, ListOffsetsRequest.Latest, leaderEpoch: 0).Error);
        Assert.Equal(ErrorCode.FencedLeaderEpoch, EpochEnd(client, topic, -2));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, EpochEnd(client, topic, 1));
        Assert.Equal(ErrorCode.None, EpochEnd(client, topic, 0));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, EpochEnd(client, broker.UnusedName(), 0));
    }

    /// <summary>The engine keeps no sessions and calls all of them 0, which is told so to whoever asks for one.</summary>
    [Fact]
    public void Row_33_an_unknown_fetch_session_or_a_wrong_epoch()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, DataPath.Fetch(client, FetchVersion, topic, 0, sessionId: 77, sessionEpoch: 1).Error);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, DataPath.Fetch(client, 7, topic, 0, sessionId: 77, sessionEpoch: 1).Error);
        Fetched full = DataPath.Fetch(client, FetchVersion, topic, 0, sessionEpoch: 0);
        Assert.Equal(ErrorCode.None, full.Error);
        Assert.Equal(
            ErrorCode.InvalidFetchSessionEpoch,
            DataPath.Fetch(client, FetchVersion, topic, 0, sessionId: full.SessionId, sessionEpoch: 9).Error);
    }

    [Fact]
    public void Row_33_a_full_request_is_served_whatever_session_it_names()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        client.Produce(topic, Batches.Sound());
        Assert.NotEmpty(DataPath.Fetch(client, FetchVersion, topic, 0, sessionId: 77, sessionEpoch: -1).Records);
        Assert.NotEmpty(DataPath.Fetch(client, FetchVersion, topic, 0, sessionId: 77, sessionEpoch: 0).Records);
    }

    [Fact]
    public void Row_34_ListOffsets_names_a_partition_twice()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        ListOffsetsResponse response = client.Ask<ListOffsetsRequest, ListOffsetsResponse>(ApiKey.ListOffsets, 6, new ListOffsetsRequest
        {
            Topics = [new() { Name = topic, Partitions = [new() { Index = 0, Timestamp = -1 }, new() { Index = 0, Timestamp = -2 }] }],
        });
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(Assert.Single(response.Topics).Partitions).Error);
    }

    [Fact]
    public void Row_35_a_negative_timestamp_that_means_nothing_in_the_version()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.UnsupportedVersion, ListOffset(client, 7, topic, -77).Error);
        Assert.Equal(ErrorCode.UnsupportedVersion, ListOffset(client, 1, topic, -77).Error);
        Assert.Equal(ErrorCode.UnsupportedVersion, ListOffset(client, 6, topic, ListOffsetsRequest.MaxTimestamp).Error);
        Assert.Equal(ErrorCode.UnsupportedVersion, ListOffset(client, 7, topic, -4).Error);
        Assert.Equal(ErrorCode.None, ListOffset(client, 7, topic, ListOffsetsRequest.MaxTimestamp).Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(12)]
    public void Row_36_Metadata_of_an_invalid_name_and_of_an_unknown_topic(short version)
    {
        using TestClient client = broker.Connect();
        string unknown = broker.UnusedName();
        MetadataResponse response = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, version, new MetadataRequest
        {
            AllowAutoTopicCreation = false,
            Topics = version < 4 ? [new() { Name = "in valid" }] : [new() { Name = "in valid" }, new() { Name = unknown }],
        });
        Assert.Equal(ErrorCode.InvalidTopic, response.Topics.Single(t => t.Name == "in valid").Error);
        if (version >= 4)
        {
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, response.Topics.Single(t => t.Name == unknown).Error);
        }
    }

    [Fact]
    public void Row_36_Metadata_by_an_unknown_id_or_by_id_before_version_12()
    {
        using TestClient client = broker.Connect();
        MetadataTopic unknown = ById(12);
        Assert.Equal((ErrorCode.UnknownTopicId, null), (unknown.Error, unknown.Name));
        Assert.Equal(ErrorCode.InvalidRequest, ById(11).Error);
        Assert.Equal(ErrorCode.InvalidRequest, ById(10).Error);

        MetadataTopic ById(short version) => Assert.Single(client.Ask<MetadataRequest, MetadataResponse>(
            ApiKey.Metadata, version, new MetadataRequest { Topics = [new() { Name = null, TopicId = Guid.NewGuid() }] }).Topics);
    }

    [Fact]
    public void Row_37_DeleteRecords_past_the_high_watermark()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        client.Produce(topic, Batches.Sound());
        long end = client.Fetch(topic, 0).HighWatermark;
        DeleteRecordsPartitionResult refused = DeleteRecords(client, topic, end + 1);
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), (refused.Error, refused.LowWatermark));
        Assert.Equal(ErrorCode.OffsetOutOfRange, DeleteRecords(client, topic, -2).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, DeleteRecords(client, broker.UnusedName(), 0).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, DeleteRecords(client, topic, 0, partition: 1).Error);
        Assert.Equal(0, DeleteRecords(client, topic, 0).LowWatermark);
        Assert.NotEmpty(client.Fetch(topic, 0).Records);
        Assert.Equal(end, DeleteRecords(client, topic, DeleteRecordsRequest.HighWatermark).LowWatermark);
        Assert.Equal(end, DeleteRecords(client, topic, 0).LowWatermark);
    }

    private static ListOffsetsPartitionResult ListOffset(TestClient client, short version, string topic, long timestamp, int leaderEpoch = -1) =>
        client.Ask<ListOffsetsRequest, ListOffsetsResponse>(ApiKey.ListOffsets, version, new ListOffsetsRequest
        {
            Topics = [new() { Name = topic, Partitions = [new() { Index = 0, Timestamp = timestamp, CurrentLeaderEpoch = leaderEpoch }] }],
        }).Topics.Single().Partitions.Single();

    private static ErrorCode EpochEnd(TestClient client, string topic, int leaderEpoch) =>
        client.Ask<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(ApiKey.OffsetForLeaderEpoch, 4, new OffsetForLeaderEpochRequest
        {
            ReplicaId = -1,
            Topics = [new() { Name = topic, Partitions = [new() { Index = 0, CurrentLeaderEpoch = leaderEpoch }] }],
        }).Topics.Single().Partitions.Single().Error;

    private static DeleteRecordsPartitionResult DeleteRecords(TestClient client, string topic, long offset, int partition = 0) =>
        client.Ask<DeleteRecordsRequest, DeleteRecordsResponse>(ApiKey.DeleteRecords, 2, new DeleteRecordsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new() { Name = topic, Partitions = [new() { Index = partition, Offset = offset }] }],
        }).Topics.Single().Partitions.Single();
}
