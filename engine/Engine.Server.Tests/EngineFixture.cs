using System.Net;

namespace Engine.Server.Tests;

/// <summary>One engine for all tests of a class, in this process, on two loops; each test uses topics of its own.</summary>
public sealed class EngineFixture : IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly ServerHost _host;
    private readonly EngineLog _log = new();
    private int _topics;

    public EngineFixture()
    {
        _host = new ServerHost(
            new ServerOptions
            {
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                DataDirectory = _data.Path,
                Config = ServerConfig.Default.With("num.network.threads", "2", "test"),
            },
            new ServerLog(_log.Writer));
        _host.Start();
    }

    internal TestClient Connect() => new(_host.EndPoint);

    internal IPEndPoint EndPoint => _host.EndPoint;

    internal string Log => _log.ToString();

    /// <summary>The first segment of a partition.</summary>
    internal string LogFile(string topic, int partition) => Path.Combine(_data.Path, $"{topic}-{partition}", "00000000000000000000.log");

    internal string NewTopic(TestClient client, int partitions = 1, params (string Name, string Value)[] config)
    {
        string name = $"topic-{Interlocked.Increment(ref _topics)}";
        client.CreateTopic(name, partitions, config);
        return name;
    }

    public void Dispose()
    {
        _host.Dispose();
        _data.Dispose();
    }
}
