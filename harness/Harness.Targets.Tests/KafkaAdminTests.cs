using Engine.Wire;

namespace Harness.Targets.Tests;

public sealed class KafkaAdminTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metadata_goes_in_the_highest_version_both_sides_know_and_creates_nothing()
    {
        List<ApiVersionEntry> offered = FakeBroker.Everything();
        offered.Find(api => api.Key == (short)ApiKey.Metadata)!.Max = 5;
        using FakeBroker broker = FakeBroker.Offering(
            request => new Reaction(request.Answer(new MetadataResponse
            {
                ClusterId = "c-1",
                ControllerId = 7,
                Brokers = [new MetadataBroker { NodeId = 7, Host = "localhost", Port = 9092 }],
                Topics =
                [
                    new MetadataTopic
                    {
                        Name = "t",
                        Partitions =
                        [
                            new MetadataPartition { Index = 1, LeaderId = -1, Error = ErrorCode.LeaderNotAvailable },
                            new MetadataPartition { Index = 0, LeaderId = 7, Replicas = [7] },
                        ],
                    },
                ],
            })),
            offered);
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        ClusterMetadata cluster = await admin.GetMetadataAsync(["t"], Cancel);

        Assert.Equal("c-1", cluster.ClusterId);
        Assert.Equal(7, cluster.ControllerId);
        Assert.Equal([new BrokerNode(7, new BrokerAddress("localhost", 9092))], cluster.Brokers);
        TopicDescription topic = Assert.Single(cluster.Topics);
        Assert.Equal([(0, 7, ErrorCode.None), (1, -1, ErrorCode.LeaderNotAvailable)], topic.Partitions.Select(p => (p.Index, p.LeaderId, p.Error)));
        ReceivedRequest sent = broker.Received.Last();
        Assert.Equal(5, sent.Version);
        Assert.False(sent.Body<MetadataRequest>().AllowAutoTopicCreation);
        Assert.Equal("t", Assert.Single(sent.Body<MetadataRequest>().Topics!).Name);
    }

    [Fact]
    public async Task A_broker_that_does_not_know_our_ApiVersions_is_asked_again_in_version_0()
    {
        using FakeBroker broker = new(request => new Reaction(request.Version == 0
            ? request.Answer(new ApiVersionsResponse { Apis = FakeBroker.Everything() })
            : request.Answer(new ApiVersionsResponse { Error = ErrorCode.UnsupportedVersion }, version: 0)));

        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        Assert.Equal([4, 0], broker.Received.Select(r => (int)r.Version));
        Assert.Contains(new ApiSupport((short)ApiKey.Fetch, 4, 12), admin.OfferedApis);
    }

    [Fact]
    public async Task A_refusal_that_names_a_version_of_ApiVersions_is_followed()
    {
        using FakeBroker broker = new(request => new Reaction(request.Version <= 2
            ? request.Answer(new ApiVersionsResponse { Apis = FakeBroker.Everything() })
            : request.Answer(
                new ApiVersionsResponse
                {
                    Error = ErrorCode.UnsupportedVersion,
                    Apis = [new ApiVersionEntry { Key = (short)ApiKey.ApiVersions, Max = 2 }],
                },
                version: 0)));

        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        Assert.Equal([4, 2], broker.Received.Select(r => (int)r.Version));
    }

    [Fact]
    public async Task A_broker_that_refuses_ApiVersions_in_every_version_is_not_asked_for_ever()
    {
        using FakeBroker broker = new(request => new Reaction(
            request.Answer(new ApiVersionsResponse { Error = ErrorCode.UnsupportedVersion }, version: 0)));

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel));

        Assert.Contains("UnsupportedVersion (35)", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, broker.Received.Count);
    }

    [Fact]
    public async Task An_API_the_broker_lacks_is_named()
    {
        using FakeBroker broker = FakeBroker.Offering(
            _ => throw new InvalidOperationException("nothing may be sent"),
            [.. FakeBroker.Everything().Where(api => api.Key != (short)ApiKey.CreateTopics)]);
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => admin.CreateTopicAsync("t", 1, 1, cancellation: Cancel));

        Assert.Equal($"broker {broker.Address} does not offer CreateTopics", e.Message);
        Assert.Equal(TargetException.EnvironmentExitCode, e.ExitCode);
        Assert.Single(broker.Received);
    }

    [Fact]
    public async Task Versions_that_do_not_meet_are_both_named()
    {
        List<ApiVersionEntry> offered = FakeBroker.Everything();
        ApiVersionEntry metadata = offered.Find(api => api.Key == (short)ApiKey.Metadata)!;
        (metadata.Min, metadata.Max) = (13, 14);
        using FakeBroker broker = FakeBroker.Offering(_ => throw new InvalidOperationException("nothing may be sent"), offered);
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => admin.GetMetadataAsync(null, Cancel));

        Assert.Equal($"broker {broker.Address} offers Metadata in versions 13 to 14, the harness speaks 4 to 12", e.Message);
    }

    [Fact]
    public async Task A_topic_is_created_with_its_configuration_and_deleted()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Key == ApiKey.CreateTopics
            ? request.Answer(new CreateTopicsResponse { Topics = [new CreatableTopicResult { Name = "t" }] })
            : request.Answer(new DeleteTopicsResponse { Topics = [new DeletableTopicResult { Name = "t" }] })));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        await admin.CreateTopicAsync("t", 3, 1, new Dictionary<string, string> { ["segment.bytes"] = "1048576" }, Cancel);
        await admin.DeleteTopicAsync("t", Cancel);

        ReceivedRequest[] sent = [.. broker.Received];
        CreatableTopic topic = Assert.Single(sent[1].Body<CreateTopicsRequest>().Topics);
        Assert.Equal(("t", 3, (short)1), (topic.Name, topic.PartitionCount, topic.ReplicationFactor));
        CreatableTopicConfig config = Assert.Single(topic.Configs);
        Assert.Equal(("segment.bytes", "1048576"), (config.Name, config.Value));
        Assert.Equal(["t"], sent[2].Body<DeleteTopicsRequest>().Topics.Select(t => t.Name));
    }

    [Fact]
    public async Task An_error_on_a_topic_names_API_topic_error_address_and_the_brokers_words()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(new CreateTopicsResponse
        {
            Topics = [new CreatableTopicResult { Name = "t", Error = ErrorCode.InvalidConfig, ErrorMessage = "no key\nfoo.bar" }],
        })));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => admin.CreateTopicAsync("t", 1, 1, cancellation: Cancel));

        Assert.Equal($"broker {broker.Address} answers CreateTopics of topic t with InvalidConfig (40): no key foo.bar", e.Message);
        Assert.Equal(ErrorCode.InvalidConfig, e.Error);
    }

    [Fact]
    public async Task An_error_code_without_a_name_is_given_by_number_and_the_connection_serves_on()
    {
        int calls = 0;
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(new DeleteTopicsResponse
        {
            Topics = [new DeletableTopicResult { Name = "t", Error = calls++ == 0 ? (ErrorCode)4711 : ErrorCode.None }],
        })));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => admin.DeleteTopicAsync("t", Cancel));
        await admin.DeleteTopicAsync("t", Cancel);

        Assert.Contains("with error code 4711", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, broker.Connections);
    }

    [Fact]
    public async Task Configuration_is_read_back_with_what_is_default_and_what_is_secret()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(new DescribeConfigsResponse
        {
            Results =
            [
                new DescribeConfigsResult
                {
                    Type = (sbyte)ConfigResourceType.Broker,
                    Name = "1",
                    Configs =
                    [
                        new DescribedConfig { Name = "log.segment.bytes", Value = "1", Source = (sbyte)ConfigSource.StaticBroker },
                        new DescribedConfig { Name = "message.max.bytes", Value = "2", Source = (sbyte)ConfigSource.Default },
                        new DescribedConfig { Name = "ssl.key.password", IsSensitive = true },
                    ],
                },
            ],
        })));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        IReadOnlyList<ConfigEntry> entries = await admin.DescribeBrokerConfigsAsync(1, Cancel);

        Assert.Equal(
            [
                new ConfigEntry("log.segment.bytes", "1", IsDefault: false, IsSensitive: false),
                new ConfigEntry("message.max.bytes", "2", IsDefault: true, IsSensitive: false),
                new ConfigEntry("ssl.key.password", null, IsDefault: false, IsSensitive: true),
            ],
            entries);
        DescribeConfigsResource asked = Assert.Single(broker.Received.Last().Body<DescribeConfigsRequest>().Resources);
        Assert.Equal(((sbyte)ConfigResourceType.Broker, "1"), (asked.Type, asked.Name));
        Assert.Null(asked.ConfigurationKeys);
    }

    [Fact]
    public async Task Offsets_are_asked_for_all_partitions_at_once()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(Offsets(
            request.Body<ListOffsetsRequest>(), p => new ListOffsetsPartitionResult { Index = p.Index, Offset = p.Timestamp == -2 ? 5 : 100 + p.Index }))));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        IReadOnlyDictionary<int, long> latest = await admin.GetLatestOffsetsAsync("t", [0, 2], Cancel);
        IReadOnlyDictionary<int, long> earliest = await admin.GetEarliestOffsetsAsync("t", [1], Cancel);

        Assert.Equal(new Dictionary<int, long> { [0] = 100, [2] = 102 }, latest);
        Assert.Equal(new Dictionary<int, long> { [1] = 5 }, earliest);
    }

    [Fact]
    public async Task A_partition_that_fails_or_is_left_out_is_named()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(Offsets(
            request.Body<ListOffsetsRequest>(),
            p => new ListOffsetsPartitionResult { Index = p.Index == 3 ? 4 : p.Index, Error = ErrorCode.NotLeaderOrFollower }))));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        TargetException failed = await Assert.ThrowsAsync<TargetException>(() => admin.GetLatestOffsetsAsync("t", [2], Cancel));
        TargetException leftOut = await Assert.ThrowsAsync<TargetException>(() => admin.GetLatestOffsetsAsync("t", [3], Cancel));

        Assert.Contains("ListOffsets of topic t partition 2 with NotLeaderOrFollower (6)", failed.Message, StringComparison.Ordinal);
        Assert.Contains("ListOffsets without a word on topic t partition 3", leftOut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_said_with_the_address()
    {
        BrokerAddress address;
        using (FakeBroker broker = new(_ => new Reaction([])))
        {
            address = broker.Address;
        }

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => KafkaAdmin.ConnectAsync(address, cancellation: Cancel));

        Assert.StartsWith($"broker {address}: no connection: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_from_several_threads_queue_on_one_connection()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(new DeleteTopicsResponse
        {
            Topics = [new DeletableTopicResult { Name = request.Body<DeleteTopicsRequest>().Topics[0].Name }],
        })));
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => admin.DeleteTopicAsync($"t{i}", Cancel), Cancel)));

        Assert.Equal(51, broker.Received.Count);
        Assert.Equal(1, broker.Connections);
    }

    private static ListOffsetsResponse Offsets(ListOffsetsRequest request, Func<ListOffsetsPartition, ListOffsetsPartitionResult> answer) => new()
    {
        Topics = [.. request.Topics.Select(t => new ListOffsetsTopicResult { Name = t.Name, Partitions = [.. t.Partitions.Select(answer)] })],
    };
}
