using System.Diagnostics;
using System.Globalization;
using Results;

namespace Harness.Targets;

/// <summary>
/// The reference engine as a process of its own on loopback, like any other broker: in the harness's process the two would
/// share a garbage collector and a thread pool, and neither's CPU time could be told from the other's.
/// </summary>
public sealed class EngineTarget : ITarget
{
    private const string Product = "Harness engine";
    private const string AnyPort = "127.0.0.1:0";
    private const string DataDirectoryPlaceholder = "DATA";
    private const int EngineUsageExitCode = 2;

    /// <summary>The engine starts its one-line errors with this.</summary>
    private const string ErrorPrefix = "engine: ";

    /// <summary>Stands between time and text in the engine's log lines.</summary>
    private const string ErrorLevel = " error ";

    /// <summary>Of DOTNET_PerfMapEnabled: methods, and no list of the images besides.</summary>
    private const string PerfMapWithoutImages = "3";

    private readonly EngineTargetOptions _options;
    private readonly OwnFolder _folder;
    private string? _executable;
    private BrokerProcess? _process;
    private ReadyLine? _ready;

    public EngineTarget(EngineTargetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _folder = new OwnFolder(options.Name, options.DataParent, "engine");
    }

    public string Name => _options.Name;

    /// <summary>The engine's data directory: there from the first start until dispose.</summary>
    public string DataDirectory => _folder.FullPath;

    public BrokerAddress Address => Ready.Listen;

    /// <summary>Where the engine answers metrics (<see cref="EngineMetrics"/>).</summary>
    public BrokerAddress MetricsAddress => Ready.Metrics!.Value;

    public int? ProcessId => _process?.Id;

    public Task<TargetExit> Exited => _process?.Exited ?? throw NotStarted();

    public string? LastErrorLogged => _process?.LastErrorLines
        .LastOrDefault(line => line.Contains(ErrorLevel, StringComparison.Ordinal))?.Replace(DataDirectory, DataDirectoryPlaceholder, StringComparison.Ordinal);

    private ReadyLine Ready => _ready ?? throw NotStarted();

    public async Task StartAsync(CancellationToken cancellation = default)
    {
        if (_process is not null)
        {
            int ended = _process.Id;
            await _process.DisposeEndedAsync(Name);
            _process = null;
            ForgetCompiled(ended);
        }

        _ready = null;
        _executable = _options.FindExecutable is { } find ? await find(cancellation) : _options.Executable ?? EngineLocator.Find();
        _folder.Make();
        BrokerProcess process = BrokerProcess.Start(_executable, Arguments(), Environment());
        try
        {
            _ready = await WaitUntilReadyAsync(process, cancellation);
            _process = process;
        }
        catch
        {
            int ended = process.Id;
            await process.DisposeAsync();
            ForgetCompiled(ended);
            throw;
        }
    }

    public async Task<TargetInfo> DescribeAsync(CancellationToken cancellation = default)
    {
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(Address, cancellation: cancellation);
        ClusterMetadata cluster = await admin.GetMetadataAsync([], cancellation);
        if (cluster.Brokers.Count == 0)
        {
            throw new TargetException($"broker {Address} names no broker in its metadata");
        }

        IReadOnlyList<ConfigEntry> entries = await admin.DescribeBrokerConfigsAsync(cluster.Brokers[0].Id, cancellation);
        return new TargetInfo
        {
            Name = Name,
            Product = Product,
            Version = VersionOf(_executable!),
            Configuration = EffectiveConfiguration.From(entries, (DataDirectory, DataDirectoryPlaceholder)),
        };
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync(_options.StopGrace);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_process is not null)
            {
                await _process.StopAsync(_options.StopGrace);
                int ended = _process.Id;
                await _process.DisposeAsync();
                _process = null;
                ForgetCompiled(ended);
            }
        }
        finally
        {
            _folder.Remove();
        }
    }

    private async Task<ReadyLine> WaitUntilReadyAsync(BrokerProcess process, CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(_options.StartTimeout);
        try
        {
            await Task.WhenAny(process.FirstOutputLine, process.Exited).WaitAsync(over.Token);
            string? line = process.FirstOutputLine.IsCompleted ? await process.FirstOutputLine : null;
            if (line is null)
            {
                // It has ended or closed its output, which is the same soon: its own words on standard error say why.
                throw StartFailed(await process.Exited.WaitAsync(over.Token));
            }

            return ReadyLine.Parse(line) switch
            {
                null => throw new TargetException($"{Name} did not start: '{line}' is not its ready line"),
                { Metrics: null } => throw new TargetException($"{Name} did not start: its ready line has no metrics address: '{line}'"),
                { ProcessId: int id } when id != process.Id => throw new TargetException(
                    $"{Name} did not start: it says that it is process {id}, but process {process.Id} was started"),
                ReadyLine ready => ready,
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            IReadOnlyList<string> said = process.LastErrorLines;
            string last = said.Count > 0 ? $"it last said: {said[^1]}" : "it said nothing";
            throw new TargetException($"{Name} was not ready within {_options.StartTimeout.TotalSeconds:0.##} s; {last}");
        }
    }

    private TargetException StartFailed(TargetExit exit)
    {
        string? own = exit.LastErrorLines.LastOrDefault(line => line.StartsWith(ErrorPrefix, StringComparison.Ordinal));
        return new TargetException($"{Name} did not start: {(own is null ? exit.Describe() : own[ErrorPrefix.Length..])}")
        {
            ExitCode = exit.ExitCode == EngineUsageExitCode ? TargetException.UsageExitCode : TargetException.EnvironmentExitCode,
        };
    }

    private IEnumerable<string> Arguments()
    {
        yield return "--listen";
        yield return AnyPort;
        yield return "--data";
        yield return DataDirectory;
        yield return "--exit-with-parent";
        yield return "--metrics";
        yield return AnyPort;
        foreach ((string key, string value) in _options.Configuration)
        {
            yield return "--set";
            yield return $"{key}={value}";
        }
    }

    /// <summary>
    /// The engine runs on the very runtime that runs the harness, wherever that is installed: its launcher finds a runtime
    /// outside the system's folders only by this variable.
    /// </summary>
    private Dictionary<string, string> Environment()
    {
        Dictionary<string, string> environment = new()
        {
            ["DOTNET_ROOT"] = RevisionBuilder.DotnetRoot,
        };
        if (_options.TellCompiled)
        {
            environment["DOTNET_PerfMapEnabled"] = PerfMapWithoutImages;
        }

        foreach ((string name, string value) in _options.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    private void ForgetCompiled(int process)
    {
        if (!_options.TellCompiled)
        {
            return;
        }

        string map = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"perf-{process}.map"));
        try
        {
            File.Delete(map);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"{Name}: {map} cannot be removed: {e.Message}", e);
        }
    }

    /// <summary>The protocol does not tell a broker's version, so it is read from the program that was started.</summary>
    private static string VersionOf(string executable)
    {
        string assembly = executable + ".dll";
        string? version = File.Exists(assembly) ? FileVersionInfo.GetVersionInfo(assembly).ProductVersion : null;
        return string.IsNullOrEmpty(version) ? "unknown" : version;
    }

    private InvalidOperationException NotStarted() => new($"target {Name} is not started");
}
