using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>What is not on the data path: versions, metadata, topics, configurations, offsets.</summary>
public sealed class ControlTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ApiVersions_tells_what_is_served(short version)
    {
        using TestClient client = engine.Connect();
        ApiVersionsResponse response = client.Ask<ApiVersionsRequest, ApiVersionsResponse>(
            ApiKey.ApiVersions, version, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1.0" });
        Assert.Equal(
            Apis.Served.Select(r => ((short)r.Key, r.AdvertisedMin, r.Max)), response.Apis.Select(a => (a.Key, a.Min, a.Max)));
        Assert.Contains(response.Apis, api => api is { Key: 0, Min: 0 });
    }

    [Fact]
    public void ApiVersions_of_a_version_to_come_is_answered_in_version_0()
    {
        using TestClient client = engine.Connect();
        WireBuffer buffer = new();
        buffer.WriteInt32(10);
        buffer.WriteInt16(18);
        buffer.WriteInt16(99);
        buffer.WriteInt32(7);
        buffer.WriteInt16(-1);
        client.SendRaw(buffer.Written);
        WireReader reader = new(client.ReceiveFrame());
        Assert.Equal(7, reader.ReadInt32());
        ApiVersionsResponse response = new();
        ApiVersionsResponse.Describe(ref reader, response, 0);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(ErrorCode.UnsupportedVersion, response.Error);
        Assert.Equal(18, response.Apis.Single().Key);
    }

    [Fact]
    public void ApiVersions_refuses_a_software_name_that_breaks_the_rule()
    {
        using TestClient client = engine.Connect();
        Assert.Equal(ErrorCode.InvalidRequest, client.Ask<ApiVersionsRequest, ApiVersionsResponse>(
            ApiKey.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "-bad", ClientSoftwareVersion = "1" }).Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(8)]
    public void Metadata_names_the_broker_and_creates_what_is_asked_for(short version)
    {
        using TestClient client = engine.Connect();
        string topic = $"auto-{version}";
        MetadataResponse response = client.Ask<MetadataRequest, MetadataResponse>(
            ApiKey.Metadata, version, new MetadataRequest { Topics = [new MetadataTopicName { Name = topic }] });
        MetadataBroker broker = Assert.Single(response.Brokers);
        Assert.Equal((engine.EndPoint.Address.ToString(), engine.EndPoint.Port), (broker.Host, broker.Port));
        MetadataTopic created = Assert.Single(response.Topics);
        Assert.Equal((ErrorCode.None, topic), (created.Error, created.Name));
        Assert.Equal(broker.NodeId, Assert.Single(created.Partitions).LeaderId);
        Assert.Equal(ErrorCode.None, client.Produce(topic, TestClient.Batch([1])).Error);
    }

    [Fact]
    public void Metadata_creates_nothing_when_it_is_told_not_to_and_refuses_invalid_names()
    {
        using TestClient client = engine.Connect();
        MetadataResponse response = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 5, new MetadataRequest
        {
            AllowAutoTopicCreation = false,
            Topics = [new MetadataTopicName { Name = "not-there" }, new MetadataTopicName { Name = "in valid" }],
        });
        Assert.Equal([ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidTopic], response.Topics.Select(t => t.Error));
    }

    [Fact]
    public void Metadata_of_all_topics_is_asked_for_with_null_or_in_version_0_with_none()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 3);
        MetadataResponse all = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 1, new MetadataRequest { Topics = null });
        Assert.Equal(3, all.Topics.Single(t => t.Name == topic).Partitions.Count);
        Assert.Contains(client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 0, new MetadataRequest()).Topics, t => t.Name == topic);
        Assert.Empty(client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 1, new MetadataRequest()).Topics);
    }

    [Fact]
    public void Topics_that_cannot_be_are_refused_each_with_its_own_error()
    {
        using TestClient client = engine.Connect();
        string existing = engine.NewTopic(client);
        engine.NewTopic(client);
        client.CreateTopic("dotted.name");
        CreatableTopic[] asked =
        [
            new() { Name = existing, PartitionCount = 1, ReplicationFactor = 1 },
            new() { Name = "", PartitionCount = 1, ReplicationFactor = 1 },
            new() { Name = "..", PartitionCount = 1, ReplicationFactor = 1 },
            new() { Name = new string('a', 250), PartitionCount = 1, ReplicationFactor = 1 },
            new() { Name = "dotted_name", PartitionCount = 1, ReplicationFactor = 1 },
            new() { Name = "no-partitions", PartitionCount = 0, ReplicationFactor = 1 },
            new() { Name = "no-replicas", PartitionCount = 1, ReplicationFactor = 0 },
            new() { Name = "two-replicas", PartitionCount = 1, ReplicationFactor = 2 },
            new() { Name = "null-config", PartitionCount = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.bytes" }] },
            new() { Name = "unknown-config", PartitionCount = 1, ReplicationFactor = 1, Configs = [new() { Name = "colour", Value = "red" }] },
            new() { Name = "bad-config", PartitionCount = 1, ReplicationFactor = 1, Configs = [new() { Name = "segment.bytes", Value = "many" }] },
        ];
        CreateTopicsResponse response = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(
            ApiKey.CreateTopics, 3, new CreateTopicsRequest { Topics = [.. asked] });
        Assert.Equal(
            [
                ErrorCode.TopicAlreadyExists, ErrorCode.InvalidTopic, ErrorCode.InvalidTopic, ErrorCode.InvalidTopic, ErrorCode.InvalidTopic,
                ErrorCode.InvalidPartitions, ErrorCode.InvalidReplicationFactor, ErrorCode.InvalidReplicationFactor,
                ErrorCode.InvalidConfig, ErrorCode.InvalidConfig, ErrorCode.InvalidConfig,
            ],
            response.Topics.Select(t => t.Error));
        Assert.All(response.Topics, t => Assert.False(string.IsNullOrEmpty(t.ErrorMessage)));
    }

    [Fact]
    public void The_same_topic_named_twice_is_refused_once_and_checking_creates_nothing()
    {
        using TestClient client = engine.Connect();
        CreateTopicsResponse response = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 2, new CreateTopicsRequest
        {
            ValidateOnly = true,
            Topics =
            [
                new() { Name = "twin", PartitionCount = 1, ReplicationFactor = 1 },
                new() { Name = "twin", PartitionCount = 2, ReplicationFactor = 1 },
                new() { Name = "only-checked", PartitionCount = 1, ReplicationFactor = 1 },
            ],
        });
        Assert.Equal([("twin", ErrorCode.InvalidRequest), ("only-checked", ErrorCode.None)], response.Topics.Select(t => (t.Name, t.Error)));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Fetch("only-checked", 0).Error);
    }

    [Fact]
    public void A_deleted_topic_is_gone_and_may_be_made_anew_empty()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        client.Produce(topic, TestClient.Batch([1]));
        DeleteTopicsResponse response = client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 1, new DeleteTopicsRequest { Topics = [new() { Name = topic }, new() { Name = "never-there" }] });
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicOrPartition], response.Topics.Select(t => t.Error));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce(topic, TestClient.Batch([1])).Error);
        client.CreateTopic(topic);
        Assert.Equal(0, client.Produce(topic, TestClient.Batch([1])).BaseOffset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Configurations_are_described_with_value_and_source(short version)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 1, ("retention.bytes", "123456"));
        DescribeConfigsResponse response = client.Ask<DescribeConfigsRequest, DescribeConfigsResponse>(
            ApiKey.DescribeConfigs, version, new DescribeConfigsRequest
            {
                Resources =
                [
                    new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic },
                    new() { Type = (sbyte)ConfigResourceType.Broker, Name = "1", ConfigurationKeys = ["num.network.threads"] },
                    new() { Type = (sbyte)ConfigResourceType.Topic, Name = "not-there" },
                    new() { Type = (sbyte)ConfigResourceType.Broker, Name = "2" },
                ],
            });
        DescribedConfig retention = response.Results[0].Configs.Single(c => c.Name == "retention.bytes");
        Assert.Equal(("123456", (sbyte)ConfigSource.DynamicTopic), (retention.Value, retention.Source));
        DescribedConfig segment = response.Results[0].Configs.Single(c => c.Name == "segment.bytes");
        Assert.Equal(("1073741824", (sbyte)ConfigSource.Default), (segment.Value, segment.Source));
        Assert.Equal("2", Assert.Single(response.Results[1].Configs).Value);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest],
            response.Results.Select(r => r.Error));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Offsets_are_found_by_end_and_by_time(short version)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        client.Produce(topic, TestClient.Batch([1], [2]));
        client.Produce(topic, TestClient.Batch([3]));
        ListOffsetsPartitionResult Ask(long timestamp, int partition = 0) => client.Ask<ListOffsetsRequest, ListOffsetsResponse>(
            ApiKey.ListOffsets, version, new ListOffsetsRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { Index = partition, Timestamp = timestamp }] }],
            }).Topics.Single().Partitions.Single();

        Assert.Equal(3, Ask(ListOffsetsRequest.Latest).Offset);
        Assert.Equal(0, Ask(ListOffsetsRequest.Earliest).Offset);
        Assert.Equal(0, Ask(0).Offset);
        Assert.Equal(-1, Ask(long.MaxValue).Offset);
        Assert.Equal(ErrorCode.UnsupportedVersion, Ask(-77).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Ask(0, partition: 9).Error);
    }

    [Fact]
    public void ListOffsets_that_names_a_partition_twice_is_refused_for_it()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        ListOffsetsResponse response = client.Ask<ListOffsetsRequest, ListOffsetsResponse>(ApiKey.ListOffsets, 1, new ListOffsetsRequest
        {
            Topics = [new() { Name = topic, Partitions = [new() { Index = 0 }, new() { Index = 0 }] }],
        });
        Assert.All(response.Topics.Single().Partitions, p => Assert.Equal(ErrorCode.InvalidRequest, p.Error));
    }
}
