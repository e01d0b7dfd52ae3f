using System.Text;

namespace Engine.Wire.Tests.Messages;

/// <summary>
/// Flexible messages as the Java clients 4.3 sent them and as Apache Kafka 4.3 answered them, taken from the socket: each is read to
/// its last byte and written again, and must come out as it went in.
/// </summary>
public sealed class GoldenBytesTests
{
    private static readonly Guid Gold = Guid.Parse("60d40372-3867-4923-87ca-75179d946c7d");

    [Fact]
    public void ApiVersions_4_as_asked()
    {
        ApiVersionsRequest request = Request<ApiVersionsRequest>(
            "0012000400000000000d61646d696e636c69656e742d3100126170616368652d6b61666b612d6a61766106342e332e3000");
        Assert.Equal(("apache-kafka-java", "4.3.0"), (request.ClientSoftwareName, request.ClientSoftwareVersion));
    }

    [Fact]
    public void CreateTopics_7_as_asked()
    {
        CreatableTopic topic = Assert.Single(Request<CreateTopicsRequest>(
            "0013000700000003000d61646d696e636c69656e742d31000205676f6c6400000002ffff01020e7365676d656e742e627974657308323030303030300000000075240000").Topics);
        Assert.Equal(("gold", 2, -1), (topic.Name, topic.PartitionCount, topic.ReplicationFactor));
        CreatableTopicConfig config = Assert.Single(topic.Configs);
        Assert.Equal(("segment.bytes", "2000000"), (config.Name, config.Value));
    }

    [Fact]
    public void CreateTopics_7_as_answered()
    {
        // The list of settings cut to its first and the one that was set.
        CreatableTopicResult topic = Assert.Single(Response<CreateTopicsResponse>(
            ApiKey.CreateTopics,
            7,
            "0000000300000000000205676f6c6460d403723867492387ca75179d946c7d000000000000020001030f636c65616e75702e706f6c6963790764656c65746500050000"
            + "0e7365676d656e742e627974657308323030303030300001000000" + "00").Topics);
        Assert.Equal((Gold, 2, 1), (topic.TopicId, topic.PartitionCount, topic.ReplicationFactor));
        Assert.Equal(
            [("cleanup.policy", "delete", (sbyte)ConfigSource.Default), ("segment.bytes", "2000000", (sbyte)ConfigSource.DynamicTopic)],
            topic.Configs!.Select(c => (c.Name, c.Value!, c.Source)));
    }

    [Fact]
    public void Metadata_12_as_asked()
    {
        MetadataRequest request = Request<MetadataRequest>("0003000c00000001000d61646d696e636c69656e742d310001010000");
        Assert.Empty(request.Topics!);
        Assert.True(request.AllowAutoTopicCreation);
    }

    [Fact]
    public void Metadata_12_as_answered()
    {
        MetadataResponse response = Response<MetadataResponse>(
            ApiKey.Metadata,
            12,
            "00000001000000000002000000010a3132372e302e302e3100009918000017754d325030794878514953572d353875484f355337670000000102000005676f6c64"
            + "60d403723867492387ca75179d946c7d0004000000000000000000010000000002000000010200000001010000000000000100000001000000000200000001020000"
            + "000101000000000000020000000100000000020000000102000000010100800000000000");
        Assert.Equal((1, "127.0.0.1", 39192), (response.Brokers[0].NodeId, response.Brokers[0].Host, response.Brokers[0].Port));
        MetadataTopic topic = Assert.Single(response.Topics);
        Assert.Equal(("gold", Gold), (topic.Name, topic.TopicId));
        Assert.Equal([0, 1, 2], topic.Partitions.Select(p => p.Index));
    }

    [Fact]
    public void ListOffsets_7_as_asked()
    {
        ListOffsetsTopic topic = Assert.Single(Request<ListOffsetsRequest>(
            "0002000700000008000e4765744f66667365745368656c6c00ffffffff000205676f6c640400000001ffffffffffffffffffffffff0000000002ffffffffffffffff"
            + "ffffffff0000000000ffffffffffffffffffffffff000000").Topics);
        Assert.Equal([1, 2, 0], topic.Partitions.Select(p => p.Index));
        Assert.All(topic.Partitions, p => Assert.Equal(ListOffsetsRequest.Latest, p.Timestamp));
    }

    [Fact]
    public void ListOffsets_7_as_answered()
    {
        ListOffsetsTopicResult topic = Assert.Single(Response<ListOffsetsResponse>(
            ApiKey.ListOffsets,
            7,
            "0000000800000000000205676f6c6404000000010000ffffffffffffffff00000000000000000000000000000000000000ffffffffffffffff0000000000000000"
            + "0000000000000000020000ffffffffffffffff000000000000000000000000000000").Topics);
        Assert.All(topic.Partitions, p => Assert.Equal((ErrorCode.None, -1L, 0L, 0), (p.Error, p.Timestamp, p.Offset, p.LeaderEpoch)));
    }

    [Fact]
    public void DeleteTopics_6_as_asked_and_answered()
    {
        DeletableTopic asked = Assert.Single(Request<DeleteTopicsRequest>(
            "0014000600000004000d61646d696e636c69656e742d31000205676f6c6400000000000000000000000000000000000000753000").Topics);
        Assert.Equal(("gold", Guid.Empty), (asked.Name, asked.TopicId));
        DeletableTopicResult answered = Assert.Single(Response<DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 6, "0000000400000000000205676f6c6460d403723867492387ca75179d946c7d0000000000").Topics);
        Assert.Equal(("gold", Gold), (answered.Name, answered.TopicId));
    }

    [Fact]
    public void DeleteRecords_2_as_asked_and_answered()
    {
        DeleteRecordsTopic asked = Assert.Single(Request<DeleteRecordsRequest>(
            "0015000200000004000d61646d696e636c69656e742d31000205676f6c640200000000ffffffffffffffff00000000ea6000").Topics);
        Assert.Equal(DeleteRecordsRequest.HighWatermark, Assert.Single(asked.Partitions).Offset);
        DeleteRecordsTopicResult answered = Assert.Single(Response<DeleteRecordsResponse>(
            ApiKey.DeleteRecords, 2, "0000000400000000000205676f6c64020000000000000000000000000000000000").Topics);
        Assert.Equal(0, Assert.Single(answered.Partitions).LowWatermark);
    }

    [Fact]
    public void CreatePartitions_3_as_asked_and_answered()
    {
        CreatePartitionsTopic asked = Assert.Single(Request<CreatePartitionsRequest>(
            "0025000300000007000d61646d696e636c69656e742d31000205676f6c64000000030000000075300000").Topics);
        Assert.Equal(("gold", 3, null), (asked.Name, asked.Count, asked.Assignments));
        CreatePartitionsResult answered = Assert.Single(Response<CreatePartitionsResponse>(
            ApiKey.CreatePartitions, 3, "0000000700000000000205676f6c640000000000").Results);
        Assert.Equal(("gold", ErrorCode.None, null), (answered.Name, answered.Error, answered.ErrorMessage));
    }

    [Fact]
    public void IncrementalAlterConfigs_1_as_asked_and_answered()
    {
        IncrementalAlterConfigsResource asked = Assert.Single(Request<IncrementalAlterConfigsRequest>(
            "002c000100000003000d61646d696e636c69656e742d3100020205676f6c640210726574656e74696f6e2e627974657300083530303030303000000000").Resources);
        ConfigAlteration alteration = Assert.Single(asked.Configs);
        Assert.Equal(("retention.bytes", (sbyte)AlterConfigOperation.Set, "5000000"), (alteration.Name, alteration.Operation, alteration.Value));
        AlterConfigsResult answered = Assert.Single(Response<AlterConfigsResponse>(
            ApiKey.IncrementalAlterConfigs, 1, "000000030000000000020000000205676f6c640000").Results);
        Assert.Equal(("gold", (sbyte)ConfigResourceType.Topic), (answered.Name, answered.Type));
    }

    [Fact]
    public void DescribeLogDirs_4_as_asked_and_answered()
    {
        Assert.Null(Request<DescribeLogDirsRequest>("0023000400000004000d6c6f672d646972732d746f6f6c000000").Topics);
        LogDirResult directory = Assert.Single(Response<DescribeLogDirsResponse>(
            ApiKey.DescribeLogDirs,
            4,
            "0000000400000000000000020000102f746d702f776972652f6b646174610305676f6c64040000000100000000000000000000000000000000000000000000000000"
            + "000000000000000000000000000000000000020000000000000000000000000000000000000004636d70030000000000000000000000000000000000000000000000"
            + "000001000000000000000000000000000000000000000000003efe39d00000000013928330000000").Results);
        Assert.Equal([("gold", 3), ("cmp", 2)], directory.Topics.Select(t => (t.Name, t.Partitions.Count)));
        Assert.Equal((0x3efe39d000L, 0x1392833000L), (directory.TotalBytes, directory.UsableBytes));
    }

    [Fact]
    public void DescribeCluster_1_as_asked_and_ListPartitionReassignments_0_as_both()
    {
        Assert.False(Request<DescribeClusterRequest>("003c000100000004000d61646d696e636c69656e742d3100000100").IncludeClusterAuthorizedOperations);
        DescribeClusterResponse cluster = Response<DescribeClusterResponse>(
            ApiKey.DescribeCluster,
            1,
            "0000000400000000000000000117754d325030794878514953572d353875484f355337670000000102000000010a3132372e302e302e310000991800008000000000");
        Assert.Equal(("uM2P0yHxQISW-58uHO5S7g", 1), (cluster.ClusterId, cluster.ControllerId));
        Assert.Null(Request<ListPartitionReassignmentsRequest>("002e0000000000030018726561737369676e2d706172746974696f6e732d746f6f6c000000752a0000").Topics);
        Assert.Empty(Response<ListPartitionReassignmentsResponse>(
            ApiKey.ListPartitionReassignments, 0, "0000000300000000000000000100").Topics);
    }

    [Fact]
    public void Produce_12_as_sent()
    {
        byte[] frame = Convert.FromHexString(
            "0000000c000000050010636f6e736f6c652d70726f64756365720000ffff000005dc0205676f6c6402000000005900000000000000000000004cffffffff02abfd9ead"
            + "000000000002000001a2057426fb000001a2057427180000000000000000000000000000000000031000000001046d31001000380201046d320010003a0401046d3300000000");
        WireReader body = Body(frame, ApiKey.Produce, 12);
        ProduceRequestReader.CheckWhole(body);
        ProduceRequestReader request = new(body);
        Assert.Equal(((short)-1, 1500, false), (request.Acks, request.TimeoutMs, request.HasTransactionalId));
        Assert.True(request.NextTopic(out ReadOnlySpan<byte> name, out int partitions));
        Assert.Equal(("gold", 1), (Encoding.UTF8.GetString(name), partitions));
        Assert.True(request.NextPartition(out int index, out int at, out int bytes));
        ReadOnlySpan<byte> batch = frame.AsSpan(at, bytes);
        Assert.Equal((0, 88, 3), (index, bytes, RecordBatch.RecordCount(batch)));
        Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
        Assert.False(request.NextPartition(out _, out _, out _));
        Assert.False(request.NextTopic(out _, out _));
    }

    [Fact]
    public void Fetch_12_as_asked()
    {
        byte[] frame = Convert.FromHexString(
            "0001000c000000050010636f6e736f6c652d636f6e73756d657200ffffffff000001f400000001032000000000000000000000000205676f6c6402000000000000000000"
            + "00000000000000ffffffffffffffffffffffff001000000000010100");
        WireReader body = Body(frame, ApiKey.Fetch, 12);
        FetchRequestReader.CheckWhole(body, 12);
        FetchRequestReader request = new(body, 12);
        Assert.Equal((500, 1, 50 << 20, 0, 0), (request.MaxWaitMs, request.MinBytes, request.MaxBytes, request.SessionId, request.SessionEpoch));
        Assert.True(request.NextTopic(out ReadOnlySpan<byte> name, out int partitions));
        Assert.Equal(("gold", 1), (Encoding.UTF8.GetString(name), partitions));
        Assert.True(request.NextPartition(out FetchPartition partition));
        Assert.Equal(new FetchPartition(0, 0, 0, 1 << 20, LastFetchedEpoch: -1), partition);
        Assert.False(request.NextPartition(out _));
        Assert.False(request.NextTopic(out _, out _));
    }

    private static WireReader Body(byte[] frame, ApiKey key, short version)
    {
        WireReader reader = new(frame);
        RequestHeader header = RequestHeader.Read(ref reader);
        Assert.Equal(((short)key, version), (header.Key, header.Version));
        RequestHeader.ReadRest(ref reader, Apis.IsFlexible(key, version));
        return reader;
    }

    /// <summary>Reads a request, header included, and writes it again.</summary>
    private static T Request<T>(string hex)
        where T : class, IWireMessage<T>, new()
    {
        byte[] frame = Convert.FromHexString(hex);
        WireReader reader = new(frame);
        RequestHeader header = RequestHeader.Read(ref reader);
        short version = header.Version;
        RequestHeader.ReadRest(ref reader, Apis.IsFlexible((ApiKey)header.Key, version));
        int bodyAt = reader.Position;
        T message = new();
        T.Describe(ref reader, message, version);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(frame[bodyAt..], Written(message, version));
        return message;
    }

    private static T Response<T>(ApiKey key, short version, string hex)
        where T : class, IWireMessage<T>, new()
    {
        byte[] frame = Convert.FromHexString(hex);
        WireReader reader = new(frame);
        Frames.ReadResponseHeader(ref reader, key, version);
        int bodyAt = reader.Position;
        T message = new();
        T.Describe(ref reader, message, version);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(frame[bodyAt..], Written(message, version));
        return message;
    }

    private static byte[] Written<T>(T message, short version)
        where T : class, IWireMessage<T>, new()
    {
        WireBuffer buffer = new() { Flexible = true };
        T.Describe(ref buffer, message, version);
        return buffer.Written.ToArray();
    }
}
