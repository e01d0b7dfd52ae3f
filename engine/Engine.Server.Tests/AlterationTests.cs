using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Alterations of topics that are in use, and where settings are said to come from.</summary>
public sealed class AlterationTests : IDisposable
{
    private static readonly (string Key, string Value)[] Given = [("log.segment.bytes", "3000000"), ("message.max.bytes", "1048588")];

    private readonly ConfiguredBroker _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_fetch_that_waits_while_its_topic_is_altered_is_woken_by_the_next_append()
    {
        using TestClient consumer = _engine.Connect();
        using TestClient admin = _engine.Connect();
        string topic = _engine.NewTopic(admin);
        consumer.SendFetch(topic, 0, maxWaitMs: 60_000);
        Assert.Equal(ErrorCode.None, Set(admin, topic, "retention.bytes", "1000000"));
        CreatePartitionsResponse added = admin.Ask<CreatePartitionsRequest, CreatePartitionsResponse>(
            ApiKey.CreatePartitions, 0, new CreatePartitionsRequest { Topics = [new() { Name = topic, Count = 2 }] });
        Assert.Equal(ErrorCode.None, added.Results.Single().Error);
        admin.Produce(topic, TestClient.Batch([1]));
        Assert.Equal(0, RecordBatch.BaseOffset(consumer.ReadFetch().Records));
    }

    [Fact]
    public void Only_checking_alters_nothing()
    {
        using TestClient client = _engine.Connect();
        string topic = _engine.NewTopic(client);
        Assert.Equal(ErrorCode.None, Set(client, topic, "max.message.bytes", "10", validateOnly: true));
        Assert.Equal(ErrorCode.InvalidConfig, Set(client, topic, "max.message.bytes", "ten", validateOnly: true));
        Assert.Equal(ErrorCode.None, client.Produce(topic, TestClient.Batch([1])).Error);
        Assert.Equal(ErrorCode.None, Set(client, topic, "max.message.bytes", "10"));
        Assert.Equal(ErrorCode.MessageTooLarge, client.Produce(topic, TestClient.Batch([1])).Error);
    }

    [Fact]
    public void A_topics_setting_goes_back_to_the_brokers_and_that_to_the_default()
    {
        using TestClient client = _engine.Connect();
        string topic = _engine.NewTopic(client);
        Assert.Equal(
            ("3000000", "StaticBroker", "StaticBroker log.segment.bytes=3000000, Default log.segment.bytes=1073741824"),
            Describe(client, ConfigResourceType.Topic, topic, "segment.bytes"));
        Assert.Equal(
            ("-1", "Default", "Default log.retention.bytes=-1"), Describe(client, ConfigResourceType.Topic, topic, "retention.bytes"));
        Set(client, topic, "segment.bytes", "4000000");
        Assert.Equal(
            (
                "4000000",
                "DynamicTopic",
                "DynamicTopic segment.bytes=4000000, StaticBroker log.segment.bytes=3000000, Default log.segment.bytes=1073741824"),
            Describe(client, ConfigResourceType.Topic, topic, "segment.bytes"));
    }

    [Fact]
    public void What_was_given_to_the_broker_is_not_a_default_though_it_is_equal()
    {
        using TestClient client = _engine.Connect();
        Assert.Equal(
            ("1048588", "StaticBroker", "StaticBroker message.max.bytes=1048588, Default message.max.bytes=1048588"),
            Describe(client, ConfigResourceType.Broker, "1", "message.max.bytes"));
        Assert.Equal(("1", "Default", "Default num.partitions=1"), Describe(client, ConfigResourceType.Broker, "1", "num.partitions"));
        Assert.Equal(("1", "StaticBroker", "StaticBroker node.id=1"), Describe(client, ConfigResourceType.Broker, "1", "node.id"));
    }

    [Fact]
    public void Every_setting_is_described_with_type_and_words_and_none_is_sensitive()
    {
        using TestClient client = _engine.Connect();
        string topic = _engine.NewTopic(client);
        DescribeConfigsResponse response = client.Ask<DescribeConfigsRequest, DescribeConfigsResponse>(
            ApiKey.DescribeConfigs, 4, new DescribeConfigsRequest
            {
                IncludeDocumentation = true,
                Resources =
                [
                    new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic },
                    new() { Type = (sbyte)ConfigResourceType.Broker, Name = "1", ConfigurationKeys = [] },
                ],
            });
        Assert.All(response.Results, result => Assert.NotEmpty(result.Configs));
        Assert.All(response.Results.SelectMany(result => result.Configs), config =>
        {
            Assert.False(config.IsSensitive);
            Assert.True(Enum.IsDefined((ConfigType)config.Type), config.Name);
            Assert.NotNull(config.Value);
            Assert.Empty(config.Synonyms);
        });
        Assert.All(response.Results[0].Configs, config => Assert.False(string.IsNullOrEmpty(config.Documentation), config.Name));
        Assert.All(response.Results[0].Configs, config => Assert.False(config.ReadOnly));
        Assert.All(response.Results[1].Configs, config => Assert.True(config.ReadOnly));
    }

    [Fact]
    public void A_topic_named_by_name_and_by_id_is_deleted_once()
    {
        using TestClient client = _engine.Connect();
        string topic = _engine.NewTopic(client);
        Guid id = client.Ask<MetadataRequest, MetadataResponse>(
            ApiKey.Metadata, 12, new MetadataRequest { Topics = [new() { Name = topic }] }).Topics.Single().TopicId;
        DeleteTopicsResponse response = client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 6, new DeleteTopicsRequest { Topics = [new() { Name = topic }, new() { TopicId = id }] });
        Assert.Single(response.Topics, result => result.Error == ErrorCode.None);
        Assert.Equal(2, response.Topics.Count);
        client.CreateTopic(topic);
        MetadataTopic again = client.Ask<MetadataRequest, MetadataResponse>(
            ApiKey.Metadata, 12, new MetadataRequest { Topics = [new() { Name = null, TopicId = id }] }).Topics.Single();
        Assert.Equal(ErrorCode.UnknownTopicId, again.Error);
    }

    private static ErrorCode Set(TestClient client, string topic, string name, string value, bool validateOnly = false) =>
        client.Ask<IncrementalAlterConfigsRequest, AlterConfigsResponse>(ApiKey.IncrementalAlterConfigs, 1, new IncrementalAlterConfigsRequest
        {
            ValidateOnly = validateOnly,
            Resources = [new() { Type = (sbyte)ConfigResourceType.Topic, Name = topic, Configs = [new() { Name = name, Value = value }] }],
        }).Results.Single().Error;

    private static (string Value, string Source, string Synonyms) Describe(TestClient client, ConfigResourceType type, string resource, string setting)
    {
        DescribedConfig described = client.Ask<DescribeConfigsRequest, DescribeConfigsResponse>(
            ApiKey.DescribeConfigs, 4, new DescribeConfigsRequest
            {
                IncludeSynonyms = true,
                Resources = [new() { Type = (sbyte)type, Name = resource, ConfigurationKeys = [setting] }],
            }).Results.Single().Configs.Single();
        return (
            described.Value!,
            ((ConfigSource)described.Source).ToString(),
            string.Join(", ", described.Synonyms.Select(s => $"{(ConfigSource)s.Source} {s.Name}={s.Value}")));
    }

    private sealed class ConfiguredBroker() : EngineBroker(Given)
    {
    }
}
