using System.Net;
using Engine.Linux;
using Engine.Storage;

namespace Engine.Server;

/// <summary>What the command line asks of the engine.</summary>
internal sealed record ServerOptions
{
    public required IPEndPoint Listen { get; init; }
    public required string DataDirectory { get; init; }

    /// <summary>The address clients are told to connect to; null: the one it listens on.</summary>
    public DnsEndPoint? Advertise { get; init; }
    public IPEndPoint? Metrics { get; init; }
    public bool ExitWithParent { get; init; }
    public ServerConfig Config { get; init; } = ServerConfig.Default;

    /// <summary>Makes what each thread that waits for the disk reads with.</summary>
    public Func<PageReader> PageReader { get; init; } = () => new PageReader();
}

/// <summary>
/// The running engine: opens the data directory, starts loops and listener, waits for the end, and stops them in the order
/// in which nothing acknowledged can be lost: no new connections, no more requests, then the logs.
/// </summary>
internal sealed class ServerHost : IDisposable
{
    public const int NodeId = 1;

    private const int ListenBacklog = 1024;

    private readonly LogManager _logs;
    private readonly GroupThread _groups;
    private readonly FileDescriptor? _listener;
    private readonly EventLoop[] _loops;
    private readonly Acceptor _acceptor;
    private readonly MetricsPage? _metrics;
    private readonly RecordValidators _validators;
    private readonly ColdReaders _coldReaders;

    public ServerHost(ServerOptions options, ServerLog log)
    {
        options.Config.CheckCombinations();
        _logs = LogManager.Open(
            options.DataDirectory,
            options.Config.Log,
            log.Storage,
            options.Config.ProducerLimits,
            options.Config.Maintenance,
            log.Error,
            options.Config.Techniques);
        try
        {
            TopicTable topics = new(_logs, options.Config, log);
            _groups = new GroupThread(topics, options.Config.Groups, log);

            // Bound first, because metadata names the port that the kernel chose; accepted from only once everything stands.
            _listener = Sockets.Listen(options.Listen, ListenBacklog);
            EndPoint = Sockets.LocalEndPoint(_listener);
            ClusterInfo cluster = new(
                ClusterIdFile.ReadOrCreate(options.DataDirectory),
                NodeId,
                options.Advertise?.Host ?? EndPoint.Address.ToString(),
                options.Advertise?.Port ?? EndPoint.Port,
                EndPoint);
            _validators = new RecordValidators(options.Config, log);
            _coldReaders = new ColdReaders(options.Config.ColdReadThreads, options.PageReader, log);
            Dispatcher dispatcher = new(options.Config, topics, _logs.ProducerIds, _validators, _groups, _coldReaders, cluster, log);
            _loops = [.. Enumerable.Range(0, options.Config.NetworkThreads).Select(i => new EventLoop(i, dispatcher))];
            _acceptor = new Acceptor(_listener, _loops, dispatcher);
            _metrics = options.Metrics is null ? null : new MetricsPage(options.Metrics, _loops, dispatcher, topics);
        }
        catch
        {
            _listener?.Dispose();
            _logs.Dispose();
            throw;
        }
    }

    public IPEndPoint EndPoint { get; }

    public ColdReaders ColdReaders => _coldReaders;

    public IPEndPoint? MetricsEndPoint => _metrics?.EndPoint;

    public void Start()
    {
        _groups.Start();
        foreach (EventLoop loop in _loops)
        {
            loop.Start();
        }

        _acceptor.Start();
        _metrics?.Start();
    }

    /// <summary>Stops cleanly: what was acknowledged is in the logs, which are closed and marked so.</summary>
    public void Dispose()
    {
        _acceptor.Dispose();
        _listener?.Dispose();
        _metrics?.Dispose();

        // Before the loops that it wakes.
        _groups.Stop();
        foreach (EventLoop loop in _loops)
        {
            loop.Stop();
        }

        // Before the loops go, to which they report.
        _validators.Dispose();
        _coldReaders.Dispose();
        _logs.StopFlushing();
        foreach (EventLoop loop in _loops)
        {
            loop.Dispose();
        }

        _logs.Close();
        _logs.Dispose();
    }
}
