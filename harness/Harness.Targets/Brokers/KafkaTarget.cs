using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Results;

namespace Harness.Targets;

/// <summary>
/// Apache Kafka 4 as one broker that is its own controller, in a folder of its own, on free ports of loopback, started with Kafka's own scripts.
/// <para>
/// Retention has to mean the same as on other brokers, or disk and page cache would be measured under different loads: Kafka applies it
/// every five minutes and deletes a minute later, and here does both within a second.
/// </para>
/// </summary>
public sealed partial class KafkaTarget : ITarget
{
    private const string Product = "Apache Kafka";
    private const string FolderPlaceholder = "DATA";
    private const int NodeId = 1;

    /// <summary>Between their choice and the broker's start anybody may have taken one of its ports.</summary>
    private const int PortAttempts = 3;
    private const string PortTaken = "Address already in use";
    private static readonly TimeSpan FormatTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>What one broker needs to stand alone, and to delete when it is due. All of it can be configured otherwise.</summary>
    private static readonly (string Key, string Value)[] Defaults =
    [
        ("num.partitions", "1"),
        ("offsets.topic.replication.factor", "1"),
        ("offsets.topic.num.partitions", "4"),
        ("transaction.state.log.replication.factor", "1"),
        ("transaction.state.log.min.isr", "1"),
        ("share.coordinator.state.topic.replication.factor", "1"),
        ("share.coordinator.state.topic.min.isr", "1"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("log.retention.check.interval.ms", "500"),
        ("log.initial.task.delay.ms", "500"),
        ("log.segment.delete.delay.ms", "100"),
    ];

    private readonly KafkaTargetOptions _options;
    private readonly OwnFolder _folder;
    private KafkaHome? _home;
    private BrokerProcess? _process;
    private BrokerAddress? _address;
    private bool _formatted;
    private bool _failed;

    public KafkaTarget(KafkaTargetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _folder = new OwnFolder(options.Name, options.DataParent, "kafka");
    }

    public string Name => _options.Name;

    /// <summary>Configuration, data and logs: there from the first start until dispose.</summary>
    public string Folder => _folder.FullPath;

    public BrokerAddress Address => _address ?? throw NotStarted();

    public int? ProcessId => _process?.Id;

    public Task<TargetExit> Exited => _process?.Exited ?? throw NotStarted();

    public string? LastErrorLogged => _process is null ? null : LastError(_process);

    private string Logs => Path.Combine(Folder, "logs");

    public async Task StartAsync(CancellationToken cancellation = default)
    {
        if (_process is not null)
        {
            await _process.DisposeEndedAsync(Name);
            _process = null;
        }

        _home ??= await KafkaHome.OpenAsync(_options.Home, cancellation);
        int attempt = 1;
        while (!await TryStartAsync(isLast: attempt == PortAttempts, cancellation))
        {
            attempt++;
        }
    }

    public async Task<TargetInfo> DescribeAsync(CancellationToken cancellation = default)
    {
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(Address, cancellation: cancellation);
        return new TargetInfo
        {
            Name = Name,
            Product = Product,
            Version = _home!.Version,
            Configuration = EffectiveConfiguration.From(await admin.DescribeBrokerConfigsAsync(NodeId, cancellation), (Folder, FolderPlaceholder)),
        };
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            TargetExit exit = await _process.StopAsync(_options.StopGrace);
            _failed |= !exit.Asked;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
            if (_process is not null)
            {
                await _process.DisposeAsync();
                _process = null;
            }
        }
        finally
        {
            KeepLogs();
            _folder.Remove();
        }
    }

    /// <summary>False when a port was taken meanwhile, and others can be tried.</summary>
    private async Task<bool> TryStartAsync(bool isLast, CancellationToken cancellation)
    {
        (int clients, int controller) = FreePorts();
        BrokerAddress address = new("127.0.0.1", clients);
        string properties = WriteProperties(address, controller);
        Dictionary<string, string> environment = Environment();
        if (!_formatted)
        {
            await FormatAsync(properties, environment, cancellation);
            _formatted = true;
        }

        BrokerProcess process = BrokerProcess.Start(_home!.Script("kafka-server-start.sh"), [properties], environment, endWithUs: true);
        try
        {
            await WaitUntilReadyAsync(process, address, cancellation);
            await CheckConfigurationAsync(address, cancellation);
            _process = process;
            _address = address;
            return true;
        }
        catch (TargetException) when (!isLast && process.LastOutputLines.Any(line => line.Contains(PortTaken, StringComparison.Ordinal)))
        {
            await process.DisposeAsync();
            return false;
        }
        catch
        {
            _failed = true;
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Two ports that were free just now: Kafka cannot be asked to choose its own and tell.</summary>
    private static (int Clients, int Controller) FreePorts()
    {
        using Socket first = Bound();
        using Socket second = Bound();
        return (((IPEndPoint)first.LocalEndPoint!).Port, ((IPEndPoint)second.LocalEndPoint!).Port);

        static Socket Bound()
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }
    }

    private string WriteProperties(BrokerAddress address, int controller)
    {
        Dictionary<string, string> properties = Defaults.ToDictionary(pair => pair.Key, pair => pair.Value);
        foreach ((string key, string value) in _options.Configuration)
        {
            properties[key] = value;
        }

        properties["process.roles"] = "broker,controller";
        properties["node.id"] = $"{NodeId}";
        properties["controller.quorum.bootstrap.servers"] = $"127.0.0.1:{controller}";
        properties["listeners"] = $"PLAINTEXT://{address},CONTROLLER://127.0.0.1:{controller}";
        properties["advertised.listeners"] = $"PLAINTEXT://{address}";
        properties["controller.listener.names"] = "CONTROLLER";
        properties["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT";
        properties["log.dirs"] = Path.Combine(Folder, "data");
        string path = Path.Combine(Folder, "server.properties");
        try
        {
            Directory.CreateDirectory(Logs);
            File.WriteAllText(path, string.Concat(properties.Select(pair => $"{Escaped(pair.Key)}={Escaped(pair.Value)}\n")), Encoding.Latin1);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"{Name}: {path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>As java.util.Properties reads it.</summary>
    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);

    private Dictionary<string, string> Environment() => new()
    {
        ["KAFKA_HEAP_OPTS"] = $"-Xms{_options.HeapBytes} -Xmx{_options.HeapBytes}",
        ["LOG_DIR"] = Logs,
    };

    private async Task FormatAsync(string properties, Dictionary<string, string> environment, CancellationToken cancellation)
    {
        string clusterId = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '0').Replace('/', '1');
        try
        {
            await ProgramRun.RunAsync(
                _home!.Script("kafka-storage.sh"),
                ["format", "--standalone", "--cluster-id", clusterId, "--config", properties],
                FormatTimeout,
                cancellation,
                environment);
        }
        catch (TargetException failure)
        {
            _failed = true;
            throw new TargetException($"{Name} did not start: its folder cannot be formatted: {failure.Message}{WhereLogsAre()}", failure);
        }
    }

    private async Task WaitUntilReadyAsync(BrokerProcess process, BrokerAddress address, CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(_options.StartTimeout);
        try
        {
            while (!await AnswersAsync(address, over.Token))
            {
                await Task.WhenAny(process.Exited, Task.Delay(PollInterval, over.Token));
                if (process.Exited.IsCompletedSuccessfully)
                {
                    string cause = LastError(process) ?? process.Exited.Result.Describe();
                    throw new TargetException($"{Name} did not start: {cause}{WhereLogsAre()}");
                }

                over.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            string said = LastError(process) is { } error ? $"it logged: {error}" : "it logged no error";
            throw new TargetException($"{Name} did not answer on {address} within {_options.StartTimeout.TotalSeconds:0.##} s; {said}{WhereLogsAre()}");
        }
    }

    private static async Task<bool> AnswersAsync(BrokerAddress address, CancellationToken cancellation)
    {
        try
        {
            using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: cancellation);
            return (await admin.GetMetadataAsync([], cancellation)).Brokers.Count > 0;
        }
        catch (TargetException)
        {
            // Not listening yet, or not yet ready to answer: what is wrong for good shows in the process or at the time limit.
            return false;
        }
    }

    /// <summary>Kafka takes keys that it does not know without a word, and would then be measured with another configuration than was asked for.</summary>
    private async Task CheckConfigurationAsync(BrokerAddress address, CancellationToken cancellation)
    {
        if (_options.Configuration.Count == 0)
        {
            return;
        }

        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: cancellation);
        Dictionary<string, ConfigEntry> effective = (await admin.DescribeBrokerConfigsAsync(NodeId, cancellation)).ToDictionary(entry => entry.Name);
        foreach ((string key, string value) in _options.Configuration)
        {
            // What it does not know it lists all the same, hidden as if it were a secret.
            if (!effective.TryGetValue(key, out ConfigEntry? entry) || (entry.IsSensitive && !Secret().IsMatch(key)))
            {
                throw new TargetException($"{Name}: {Product} {_home!.Version} knows no configuration {key}") { ExitCode = TargetException.UsageExitCode };
            }

            if (entry.Value is not null && entry.Value != value)
            {
                throw new TargetException($"{Name}: {key} is {entry.Value} in effect where {value} was asked for") { ExitCode = TargetException.UsageExitCode };
            }
        }
    }

    /// <summary>The last error in the broker's log; Kafka logs to its standard output.</summary>
    private string? LastError(BrokerProcess process) => process.LastOutputLines.Concat(process.LastErrorLines)
        .LastOrDefault(line => line.Contains(" ERROR ", StringComparison.Ordinal) || line.Contains(" FATAL ", StringComparison.Ordinal)
            || line.Contains("Exception:", StringComparison.Ordinal) || line.StartsWith("Error:", StringComparison.Ordinal))
        ?.Replace(Folder, FolderPlaceholder, StringComparison.Ordinal);

    /// <summary>Named as they lie beside the result: a result has no paths of the machine in it.</summary>
    private string WhereLogsAre() => _options.KeepLogsAt is { } kept ? $"; its logs are kept in {Path.GetFileName(kept)}, beside the result" : "";

    private void KeepLogs()
    {
        if (!_failed || _options.KeepLogsAt is not { } kept || !Directory.Exists(Logs))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(kept);
            foreach (string file in Directory.EnumerateFiles(Logs))
            {
                File.Copy(file, Path.Combine(kept, Path.GetFileName(file)), overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"{Name}: its logs cannot be kept: {e.Message}", e);
        }
    }

    [GeneratedRegex("password|secret|jaas|keystore|truststore|certificate")]
    private static partial Regex Secret();

    private InvalidOperationException NotStarted() => new($"target {Name} is not started");
}
