using System.Net;
using Engine.Linux;

namespace Engine.Server.Tests;

/// <summary>
/// An engine on one loop, over logs that an earlier one has written and that have left the page cache since, with a gate before its disk.
/// Topics cold-0, cold-1 … of one partition.
/// </summary>
internal sealed class ColdEngine : IDisposable
{
    public const int Batches = 24;
    public const int BatchBytes = 256 * 1024;
    public const long FirstTimestampMs = 1_700_000_000_000;

    private readonly TemporaryDirectory _data = new();
    private readonly EngineLog _log = new();
    private readonly ServerHost _host;

    public ColdEngine(int topics = 1, int readers = 1)
    {
        using (ServerHost writer = Host(readers))
        {
            writer.Start();
            using TestClient client = new(writer.EndPoint);
            for (int i = 0; i < topics; i++)
            {
                client.CreateTopic(Topic(i));
                Fill(client, Topic(i));
            }
        }

        Stored = [.. Enumerable.Range(0, topics).Select(i => File.ReadAllBytes(LogFile(i)))];
        _host = Host(readers);
        _host.Start();
        for (int i = 0; i < topics; i++)
        {
            Drop(i);
        }
    }

    public PageGate Gate { get; } = new();

    /// <summary>The bytes of each topic's log.</summary>
    public byte[][] Stored { get; }

    public ColdReaders Readers => _host.ColdReaders;

    public string Log => _log.ToString();

    public static string Topic(int number) => $"cold-{number}";

    public string Folder(int number) => Path.Combine(_data.Path, $"{Topic(number)}-0");

    public TestClient Connect() => new(_host.EndPoint);

    /// <summary>Takes a log out of the page cache.</summary>
    public void Drop(int number)
    {
        using FileDescriptor file = Files.Open(LogFile(number), OpenFlags.ReadOnly);
        Files.Sync(file);
        PageCache.Drop(file);
        Assert.SkipWhen(
            PageCache.IsResident(file, 0, 1), $"the filesystem of {Path.GetTempPath()} keeps its files in memory: set TMPDIR to a folder on a disk");
    }

    public void Dispose()
    {
        Gate.Open();
        _host.Dispose();
        Gate.Dispose();
        _data.Dispose();
    }

    private static void Fill(TestClient client, string topic)
    {
        Random random = new(topic.Length);
        byte[] value = new byte[BatchBytes];
        for (int i = 0; i < Batches; i++)
        {
            random.NextBytes(value);
            byte[] batch = TestClient.Batch(value);
            Assert.Equal(i, client.Produce(topic, batch).BaseOffset);
        }
    }

    private string LogFile(int number) => Path.Combine(Folder(number), "00000000000000000000.log");

    private ServerHost Host(int readers) => new(
        new ServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            DataDirectory = _data.Path,
            Config = ServerConfig.Default
                .With("num.network.threads", "1", "test")
                .With("cold.read.threads", readers.ToString(System.Globalization.CultureInfo.InvariantCulture), "test"),
            PageReader = Gate.NewReader,
        },
        new ServerLog(_log.Writer));
}
