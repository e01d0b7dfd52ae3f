using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;

namespace Harness.Interop.Tests;

/// <summary>
/// The engine's techniques, in every combination that is valid, are none of a client's business: every pair of clients carries the same records over each. The
/// ordinary tests take each opposite once (copy with direct, which it belongs to), with each client once on either side; the long tests take all.
/// </summary>
public sealed class TechniqueMatrixTests(World world)
{
    /// <summary>A scattered log takes the whole size of a segment with its first batch, and there is a topic for each case.</summary>
    private const string SmallSegments = "log.segment.bytes=16777216";

    private static readonly string[] Codecs = ["none", "gzip", "snappy", "lz4", "zstd"];

    public static IEnumerable<TheoryDataRow<string, string, string, string, int>> Cases()
    {
        int clients = ClientTable.Names.Count;
        foreach ((string[] settings, bool ordinary) in Combinations())
        {
            string broker = string.Join('+', [BrokerTable.Engine, .. settings, SmallSegments]);
            for (int producer = 0; producer < clients; producer++)
            {
                for (int consumer = 0; consumer < clients; consumer++)
                {
                    // What stores record by record takes no compressed batches.
                    string codec = settings[0].EndsWith("=record", StringComparison.Ordinal) ? Codecs[0] : Codecs[(producer + consumer) % Codecs.Length];
                    TheoryDataRow<string, string, string, string, int> row = new(
                        broker, ClientTable.Names[producer], ClientTable.Names[consumer], codec, CrossMatrixTests.AcksOf(producer, producer + (2 * consumer)));
                    yield return ordinary && consumer == (producer + 1) % clients ? row : row.WithTrait("Category", "Long");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task However_the_engine_stores_and_sends_clients_read_what_clients_wrote(string broker, string producer, string consumer, string codec, int acks)
    {
        Assert.SkipWhen(
            broker.Contains("=direct", StringComparison.Ordinal) && new DriveInfo(Path.GetTempPath()).DriveFormat is "tmpfs" or "ramfs",
            $"{Path.GetTempPath()} lies in memory, where nothing is direct: set TMPDIR");
        await CrossMatrixTests.CarryAsync(world, broker, producer, consumer, codec, acks);
    }

    /// <summary>All that are valid but the one without any opposite, which the cross matrix has. Past the page cache nothing is sent from it.</summary>
    private static IEnumerable<(string[] Settings, bool Ordinary)> Combinations() =>
        from batching in (string[])["batch", "record"]
        from log in (string[])["sequential", "scattered"]
        from cache in (string[])["page", "direct"]
        from transfer in (string[])["sendfile", "copy"]
        where cache == "page" || transfer == "copy"
        where (batching, log, transfer) is not ("batch", "sequential", "sendfile")
        select (
            (string[])[$"technique.batching={batching}", $"technique.log={log}", $"technique.cache={cache}", $"technique.transfer={transfer}"],
            (batching, log, cache, transfer) is ("record", "sequential", "page", "sendfile") or ("batch", "scattered", "page", "sendfile") or ("batch", "sequential", "direct", "copy"));
}
