using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harness.Interop.Tests.Brokers;
using Harness.Targets;

namespace Harness.Interop.Tests.Tools;

/// <summary>Tools that send and receive.</summary>
public sealed partial class LoadToolTests(World world) : ToolTests(world)
{
    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task What_the_verifiable_producer_sent_the_verifiable_consumer_gets(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.JoinGroup, ApiKeys.InitProducerId);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        string sent = await RunAsync("kafka-verifiable-producer", address, "--topic", topic, "--max-messages", "200", "--acks", "-1");
        Assert.Equal(200, Events(sent, "producer_send_success").Count());

        string received = await RunAsync(
            "kafka-verifiable-consumer", address, "--topic", topic, "--group-id", $"group-of-{topic}", "--max-messages", "200", "--reset-policy", "earliest");
        Assert.Equal(200, Events(received, "records_consumed").Sum(message => message.GetProperty("count").GetInt32()));
        Assert.All(Events(received, "offsets_committed"), message => Assert.True(message.GetProperty("success").GetBoolean()));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task The_console_producer_and_consumer_carry_keys_headers_and_values(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.JoinGroup, ApiKeys.InitProducerId);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        await KafkaTool.RunAsync(
            "kafka-console-producer",
            ["--bootstrap-server", address.ToString(), "--topic", topic, "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true"],
            Encoding.UTF8.GetBytes("a:1,b:2\tkey\tvalue\nc:3\tother\tдругое\n"));
        string read = await RunAsync(
            "kafka-console-consumer", address, "--topic", topic, "--from-beginning", "--max-messages", "2", "--timeout-ms", "60000",
            "--formatter-property", "print.key=true", "--formatter-property", "print.headers=true", "--formatter-property", "print.offset=true");
        Assert.Equal(["Offset:0\ta:1,b:2\tkey\tvalue", "Offset:1\tc:3\tother\tдругое"], read.Trim().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task The_performance_tools_count_what_was_sent(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.JoinGroup, ApiKeys.InitProducerId);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        string sent = await RunAsync(
            "kafka-producer-perf-test", address, "--topic", topic, "--num-records", "5000", "--record-size", "100", "--throughput", "-1");
        Assert.Contains("5000 records sent", sent, StringComparison.Ordinal);
        string received = await RunAsync("kafka-consumer-perf-test", address, "--topic", topic, "--num-records", "5000", "--timeout", "60000");
        // Its columns: start, end, MB, MB a second, messages, …
        Assert.Equal("5000", received.Trim().Split('\n')[^1].Split(',')[4].Trim());
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task The_latency_tool_gets_each_message_back(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.JoinGroup);
        string topic = await World.CreateTopicAsync(address, 1, Cancel);
        string said = await RunAsync(
            "kafka-e2e-latency", address, "--topic", topic, "--num-records", "200", "--producer-acks", "all", "--record-size", "20");
        Assert.Matches(AverageLatency(), said);
    }

    private static IEnumerable<JsonElement> Events(string output, string name) => output
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line.StartsWith('{'))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(message => message.GetProperty("name").GetString() == name);

    [GeneratedRegex(@"Avg latency: \d+[.,]\d+ ms")]
    private static partial Regex AverageLatency();
}
