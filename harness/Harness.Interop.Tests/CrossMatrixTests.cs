using Harness.Interop.Contract;
using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;
using Harness.Interop.Tests.Records;
using Harness.Targets;

namespace Harness.Interop.Tests;

/// <summary>
/// What any client produces with any codec, any client consumes: the same bytes. The ordinary tests take a part in which every pair of producer and
/// consumer, of producer and codec, and of consumer and codec occurs; the long tests take all.
/// </summary>
public sealed class CrossMatrixTests(World world)
{
    private static readonly string[] Codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    public static IEnumerable<TheoryDataRow<string, string, string, string, int>> Cases()
    {
        int clients = ClientTable.Names.Count;
        foreach (string broker in BrokerTable.Names)
        {
            for (int producer = 0; producer < clients; producer++)
            {
                for (int consumer = 0; consumer < clients; consumer++)
                {
                    for (int codec = 0; codec < Codecs.Length; codec++)
                    {
                        TheoryDataRow<string, string, string, string, int> row = new(
                            broker, ClientTable.Names[producer], ClientTable.Names[consumer], Codecs[codec], AcksOf(producer, producer + consumer + codec));
                        // A Latin square: each codec once in each row and in each column.
                        yield return (producer + consumer) % Codecs.Length == codec ? row : row.WithTrait("Category", "Long");
                    }
                }
            }
        }
    }

    /// <summary>They take turns. kcat sends in several runs, which without acknowledgements are in no order: it always wants some.</summary>
    internal static int AcksOf(int producer, int turn)
    {
        int[] acks = ClientTable.Names[producer] == ClientTable.Kcat ? [-1, 1] : [-1, 1, 0];
        return acks[turn % acks.Length];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_one_client_produces_another_consumes(string broker, string producer, string consumer, string codec, int acks)
    {
        await CarryAsync(world, broker, producer, consumer, codec, acks);
    }

    internal static async Task CarryAsync(World world, string broker, string producer, string consumer, string codec, int acks)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        IClient from = world.Client(producer);
        IClient to = world.Client(consumer);
        BrokerAddress address = await world.BrokerWithAsync(broker, [.. Needed(producer, consumer, acks)]);
        string topic = await world.CreateTopicAsync(address, RecordSet.Partitions, cancellation);
        DriverRecord[] sent = [.. RecordSet.All.Where(from.CanProduce).Where(to.CanConsume)];

        await from.ProduceAsync(address, topic, codec, acks, sent, cancellation);
        IReadOnlyList<DriverRecord> received = await to.ConsumeAsync(address, topic, RecordSet.Partitions, sent.Length, cancellation);

        bool[] timed = [.. WithOffsets(sent).Select(record => record.Timestamp is not null)];
        Assert.Equal(
            WithOffsets(sent).Select(record => RecordText.Of(record, record.Timestamp is not null)),
            InOrder(received).Select((record, index) => RecordText.Of(record, index < timed.Length && timed[index])));
    }

    /// <summary>kafkajs consumes in groups only; the Java producer is idempotent unless it is told to want less than all acknowledgements.</summary>
    private static IEnumerable<short> Needed(string producer, string consumer, int acks) =>
    [
        .. consumer == ClientTable.KafkaJs ? (short[])[ApiKeys.JoinGroup] : [],
        .. producer == ClientTable.Java && acks == -1 ? (short[])[ApiKeys.InitProducerId] : [],
    ];

    /// <summary>As they must lie in the log: each partition from offset 0, in the order in which they were sent.</summary>
    private static IEnumerable<DriverRecord> WithOffsets(IEnumerable<DriverRecord> sent) => InOrder(sent
        .GroupBy(record => record.Partition)
        .SelectMany(partition => partition.Select((record, index) => record with { Offset = index })));

    private static IEnumerable<DriverRecord> InOrder(IEnumerable<DriverRecord> records) =>
        records.OrderBy(record => record.Partition).ThenBy(record => record.Offset);
}
