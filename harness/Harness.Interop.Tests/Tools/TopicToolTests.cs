using Harness.Interop.Tests.Brokers;
using Harness.Targets;

namespace Harness.Interop.Tests.Tools;

/// <summary>Tools for topics, their configuration and their records.</summary>
public sealed class TopicToolTests(World world) : ToolTests(world)
{
    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Topics_are_created_described_and_deleted(string broker)
    {
        BrokerAddress address = await World.BrokerAsync(broker);
        const string Topic = "made-by-kafka-topics";
        await RunAsync("kafka-topics", address, "--create", "--topic", Topic, "--partitions", "3", "--config", "retention.bytes=1000000");
        string described = await RunAsync("kafka-topics", address, "--describe", "--topic", Topic);
        Assert.Contains("PartitionCount: 3", described, StringComparison.Ordinal);
        Assert.Contains("retention.bytes=1000000", described, StringComparison.Ordinal);
        await RunAsync("kafka-topics", address, "--delete", "--topic", Topic);
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: Cancel);
        Assert.DoesNotContain(Topic, (await admin.GetMetadataAsync([], Cancel)).Topics.Select(topic => topic.Name));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task Topics_are_listed_and_grow(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.CreatePartitions);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        Assert.Contains(topic, (await RunAsync("kafka-topics", address, "--list")).Split('\n'));
        await RunAsync("kafka-topics", address, "--alter", "--topic", topic, "--partitions", "4");
        Assert.Contains("PartitionCount: 4", await RunAsync("kafka-topics", address, "--describe", "--topic", topic), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Configurations_are_altered_and_described(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.IncrementalAlterConfigs);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        string[] entity = ["--entity-type", "topics", "--entity-name", topic];
        await RunAsync("kafka-configs", address, [.. entity, "--alter", "--add-config", "retention.bytes=2000000"]);
        Assert.Contains("retention.bytes=2000000", await RunAsync("kafka-configs", address, [.. entity, "--describe"]), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task Configurations_are_taken_back_and_brokers_described(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.IncrementalAlterConfigs);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        string[] entity = ["--entity-type", "topics", "--entity-name", topic];
        await RunAsync("kafka-configs", address, [.. entity, "--alter", "--add-config", "retention.bytes=2000000,max.message.bytes=100000"]);
        await RunAsync("kafka-configs", address, [.. entity, "--alter", "--delete-config", "retention.bytes"]);
        string described = await RunAsync("kafka-configs", address, [.. entity, "--describe"]);
        Assert.Contains("max.message.bytes=100000", described, StringComparison.Ordinal);
        Assert.DoesNotContain("retention.bytes", described, StringComparison.Ordinal);
        Assert.Contains(
            "log.segment.bytes=1073741824",
            await RunAsync("kafka-configs", address, "--entity-type", "brokers", "--entity-name", "1", "--describe", "--all"),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Records_are_deleted_up_to_an_offset(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.DeleteRecords);
        string topic = await TopicWithAsync(address, 100);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $$"""{"partitions": [{"topic": "{{topic}}", "partition": 0, "offset": 40}], "version": 1}""", Cancel);
            Assert.Contains("low_watermark: 40", await RunAsync("kafka-delete-records", address, "--offset-json-file", file), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal($"{topic}:0:40", await OffsetsAsync(address, topic, "earliest"));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task The_offset_of_the_end_is_told(string broker)
    {
        BrokerAddress address = await World.BrokerAsync(broker);
        string topic = await TopicWithAsync(address, 100);
        Assert.Equal($"{topic}:0:100", await OffsetsAsync(address, topic, "latest"));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task A_segment_on_disk_is_read(string broker)
    {
        string topic = await TopicWithAsync(await World.BrokerAsync(broker), 50);
        string segment = Path.Combine(await World.LogFolderAsync(broker, topic, partition: 0), "00000000000000000000.log");
        string dumped = await KafkaTool.RunAsync("kafka-dump-log", ["--files", segment, "--deep-iteration", "--print-data-log"]);
        Assert.Contains("payload: message 0\n", dumped, StringComparison.Ordinal);
        Assert.Contains("payload: message 49\n", dumped, StringComparison.Ordinal);
        Assert.DoesNotContain("isvalid: false", dumped, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task The_broker_tells_its_versions(string broker)
    {
        string versions = await RunAsync("kafka-broker-api-versions", await World.BrokerAsync(broker));
        Assert.Contains("(id: 1 ", versions, StringComparison.Ordinal);
        Assert.Contains("Produce(0): 0 to ", versions, StringComparison.Ordinal);
        Assert.Contains("Fetch(1): 4 to ", versions, StringComparison.Ordinal);
    }
}
