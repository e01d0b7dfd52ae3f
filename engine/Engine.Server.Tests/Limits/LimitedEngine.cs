using System.Net;

namespace Engine.Server.Tests.Limits;

/// <summary>An engine in this process with settings of its own, and its log.</summary>
internal sealed class LimitedEngine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _data = new();
    private readonly EngineLog _log = new();
    private readonly ServerHost _host;

    public LimitedEngine(params string[] settings)
    {
        ServerConfig config = ServerConfig.Default.With("num.network.threads", "1", "test");
        foreach (string setting in settings)
        {
            string[] pair = setting.Split('=');
            config = config.With(pair[0], pair[1], "test");
        }

        ServerOptions options = new()
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Metrics = new IPEndPoint(IPAddress.Loopback, 0),
            DataDirectory = _data.Path,
            Config = config,
        };
        _host = new ServerHost(options, new ServerLog(_log.Writer));
        _host.Start();
    }

    public IPEndPoint EndPoint => _host.EndPoint;

    public string Log => _log.ToString();

    public TestClient Connect() => new(EndPoint);

    /// <summary>Waits until the log holds a text.</summary>
    public void AssertLogged(string text) =>
        Assert.True(SpinWait.SpinUntil(() => Log.Contains(text, StringComparison.Ordinal), Patience), $"'{text}' is not in: {Log}");

    /// <summary>Waits until a series of the metrics page has a value.</summary>
    public async Task AssertMetric(string series, Func<double, bool> holds)
    {
        DateTime end = DateTime.UtcNow + Patience;
        double value;
        while (!holds(value = await ReadMetric(series)))
        {
            Assert.True(DateTime.UtcNow < end, $"{series} is {value}");
            await Task.Delay(10);
        }
    }

    public Task<double> ReadMetric(string series) => MetricsReader.Read(_host.MetricsEndPoint!, series);

    public void Dispose()
    {
        _host.Dispose();
        _data.Dispose();
    }
}
