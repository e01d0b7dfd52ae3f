using System.Text;
using System.Text.RegularExpressions;
using Harness.Interop.Contract;
using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;
using Harness.Targets;

namespace Harness.Interop.Tests.Tools;

/// <summary>What the tests of Kafka's tools have in common.</summary>
public abstract class ToolTests(World world)
{
    private const int Partitions = 1;

    private protected World World { get; } = world;

    public static IEnumerable<TheoryDataRow<string>> Brokers() => BrokerTable.Names.Select(name => new TheoryDataRow<string>(name));

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A topic with one partition and so many messages, as a client of its own produced them.</summary>
    private protected async Task<string> TopicWithAsync(BrokerAddress broker, int messages)
    {
        string topic = await World.CreateTopicAsync(broker, Partitions, Cancel);
        DriverRecord[] records = [.. Enumerable.Range(0, messages).Select(number => new DriverRecord { Value = Encoding.UTF8.GetBytes($"message {number}") })];
        await World.Client(ClientTable.Confluent).ProduceAsync(broker, topic, "none", acks: -1, records, Cancel);
        return topic;
    }

    private protected static Task<string> RunAsync(string tool, BrokerAddress broker, params string[] arguments) =>
        KafkaTool.RunAsync(tool, ["--bootstrap-server", broker.ToString(), .. arguments]);

    /// <summary>As <c>kafka-get-offsets.sh</c> shows it: TOPIC:PARTITION:OFFSET.</summary>
    private protected static async Task<string> OffsetsAsync(BrokerAddress broker, string topic, string time) =>
        (await RunAsync("kafka-get-offsets", broker, "--topic", topic, "--time", time)).Trim();

    /// <summary>True when a line has these words in this order, with anything that is no letter or digit between them.</summary>
    private protected static bool HasLine(string text, params string[] words) =>
        Regex.IsMatch(text, string.Join(@"[^\w\n]+", words.Select(Regex.Escape)));
}
