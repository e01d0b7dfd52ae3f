using Harness.Interop.Tests.Brokers;
using Harness.Targets;

namespace Harness.Interop.Tests.Tools;

/// <summary><c>kafka-consumer-groups.sh</c>.</summary>
public sealed class GroupToolTests(World world) : ToolTests(world)
{
    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Groups_are_described_and_their_offsets_reset(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.JoinGroup);
        (string topic, string group) = await GroupAsync(address);
        Assert.True(HasLine(await DescribeAsync(address, group), group, topic, "0", "50", "50", "0"));
        string reset = await RunAsync("kafka-consumer-groups", address, "--group", group, "--topic", topic, "--reset-offsets", "--to-offset", "7", "--execute");
        Assert.True(HasLine(reset, group, topic, "0", "7"), reset);
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    [Trait("Category", "Long")]
    public async Task Groups_are_listed_reset_emptied_and_deleted(string broker)
    {
        BrokerAddress address = await World.BrokerWithAsync(broker, ApiKeys.JoinGroup, ApiKeys.ListGroups, ApiKeys.OffsetDelete);
        (string topic, string group) = await GroupAsync(address);
        Assert.Contains(group, (await RunAsync("kafka-consumer-groups", address, "--list")).Split('\n'));
        Assert.Contains("Empty", await RunAsync("kafka-consumer-groups", address, "--describe", "--group", group, "--state"), StringComparison.Ordinal);

        await RunAsync("kafka-consumer-groups", address, "--group", group, "--topic", topic, "--reset-offsets", "--to-earliest", "--execute");
        string described = await DescribeAsync(address, group);
        Assert.True(HasLine(described, group, topic, "0", "0", "50", "50"), described);

        string deleted = await RunAsync("kafka-consumer-groups", address, "--group", group, "--topic", topic, "--delete-offsets");
        Assert.True(HasLine(deleted, topic, "0", "Successful"), deleted);
        Assert.Contains("successful", await RunAsync("kafka-consumer-groups", address, "--group", group, "--delete"), StringComparison.Ordinal);
        Assert.DoesNotContain(group, (await RunAsync("kafka-consumer-groups", address, "--list")).Split('\n'));
    }

    /// <summary>A group that has read a topic to its end and has no member any more.</summary>
    private async Task<(string Topic, string Group)> GroupAsync(BrokerAddress broker)
    {
        string topic = await TopicWithAsync(broker, 50);
        string group = $"group-of-{topic}";
        string read = await RunAsync(
            "kafka-console-consumer", broker, "--topic", topic, "--group", group, "--from-beginning", "--max-messages", "50", "--timeout-ms", "60000");
        Assert.Equal(Enumerable.Range(0, 50).Select(number => $"message {number}"), read.Trim().Split('\n'));
        return (topic, group);
    }

    private static Task<string> DescribeAsync(BrokerAddress broker, string group) =>
        RunAsync("kafka-consumer-groups", broker, "--describe", "--group", group, "--offsets");
}
