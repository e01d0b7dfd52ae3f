using System.Net;

namespace Engine.Server.Tests;

/// <summary>The engine in this process, on two loops, with settings of the test's.</summary>
public abstract class EngineBroker : IBroker, IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly EngineLog _log = new();
    private readonly ServerHost _host;
    private int _topics;

    protected EngineBroker(params (string Key, string Value)[] settings)
    {
        ServerConfig config = ServerConfig.Default.With("num.network.threads", "2", "test");
        foreach ((string key, string value) in settings)
        {
            config = config.With(key, value, "test");
        }

        _host = new ServerHost(
            new ServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), DataDirectory = _data.Path, Config = config },
            new ServerLog(_log.Writer));
        _host.Start();
    }

    public IPEndPoint EndPoint => _host.EndPoint;

    public string UnusedName() => $"topic-{Interlocked.Increment(ref _topics)}";

    public void Dispose()
    {
        _host.Dispose();
        _data.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Looks into every record, as Kafka does.</summary>
public sealed class FullValidationBroker() : EngineBroker(("record.validation", "full"))
{
}

/// <summary>Leaves the records shut.</summary>
public sealed class BatchValidationBroker() : EngineBroker(("record.validation", "batch"))
{
}
