using System.Globalization;
using Harness.Load;
using Harness.Measure;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs;

/// <summary>
/// Measures what this machine carries, and writes it as a result. Every round measures each figure once, so that a disturbance of seconds spoils a pass of
/// some figures and not all passes of one. Figures of this start of the machine are taken from the cache unless fresh ones are asked for.
/// </summary>
public sealed class ProbeRun
{
    /// <summary>Of the way of measuring; another one makes what the cache holds another thing.</summary>
    internal const int Version = 3;

    /// <summary>In several pieces, because code is compiled for good while other code runs.</summary>
    private const int WarmupRounds = 4;

    private const string Name = "probe";
    private const string Title = "Ceilings of this machine";

    private readonly ProbeOptions _options;
    private readonly IRunProgress _progress;
    private readonly DateTimeOffset _startedUtc = DateTimeOffset.UtcNow;
    private readonly MachineReading _machine;
    private readonly ProbeBook _book = new();
    private readonly List<string> _notes;
    private readonly List<string> _diskConditions = [];

    private ProbeRun(ProbeOptions options, IRunProgress progress)
    {
        _options = options;
        _progress = progress;
        _machine = MachineProbe.Read(options.DataDirectory);
        _notes = [.. _machine.Notes];
    }

    /// <summary>The folder of the cache that this process's environment asks for.</summary>
    public static string DefaultCacheDirectory() => ProbeCache.DefaultDirectory(
        Environment.GetEnvironmentVariable(ProbeCache.CacheVariable), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>
    /// Measures to the end, or says in the document why not: an interrupt and a failing disk leave the figures that there were. What can be known before
    /// (a folder that is none, too little space) is thrown, and no document is written.
    /// </summary>
    /// <exception cref="IOException">The data folder cannot be used.</exception>
    /// <exception cref="SpaceException">The filesystem has too little space.</exception>
    public static Task<(RunResult Result, RunFolder Folder)> ExecuteAsync(ProbeOptions options, IRunProgress progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        return Task.Run(() => new ProbeRun(options, progress).Execute(cancellation), CancellationToken.None);
    }

    private (RunResult Result, RunFolder Folder) Execute(CancellationToken cancellation)
    {
        if (!Directory.Exists(_options.DataDirectory))
        {
            throw new DirectoryNotFoundException($"{_options.DataDirectory}: no such folder; the disk is measured in a folder that exists");
        }

        ProbeCache cache = new(_options.CacheDirectory);
        ProbeKey key = Key();
        ProbeInfo? known = _options.Fresh || _options.AgainstTools ? null : cache.Find(key);
        (RunStatus status, string? cause) = (RunStatus.Completed, null);
        if (known is null)
        {
            CheckSpace();
            CheckWritable();
        }

        RunFolder folder = _options.OutDirectory is { } chosen
            ? RunFolder.At(chosen, _startedUtc, Name)
            : RunFolder.Create(_options.RunsRoot, _startedUtc, Name);
        if (known is not null)
        {
            known = known with { Cached = true };
            _notes.Add("Not measured again: the figures are of this start of the machine; --fresh measures.");
        }
        else
        {
            (status, cause) = Measure(cancellation);
            known = Info();
            _notes.AddRange(ToolPasses.Compare(known.Figures));
            _notes.AddRange(ToolPasses.Notes(known.Figures));
            if (status == RunStatus.Completed && !_options.AgainstTools && cache.Keep(key, known) is { } notKept)
            {
                _notes.Add(notKept);
            }
        }

        RunResult result = Document(folder, known, status, cause);
        ResultJson.Write(folder.ResultPath, result);
        return (result, folder);
    }

    private (RunStatus Status, string? Cause) Measure(CancellationToken cancellation)
    {
        string work = Path.Combine(_options.DataDirectory, $"probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(work);
            ProbePlan plan = _options.Plan;
            MemoryCopyProbe memory = new(plan.MemoryBytes);
            ChecksumProbe checksum = new(plan.BatchBytes);
            RecordProbe records = new(plan.BatchBytes, plan.ValueBytes);
            PipelineProbes pipeline = new(
                new BarePipelineOptions(work, plan.BatchBytes, plan.RingBytes, plan.SegmentBytes, plan.StageWarmupSeconds, plan.StageSeconds), CheckedPipeline.Checksum);
            ToolPasses? tools = _options.AgainstTools ? new ToolPasses(work, plan, ToolPasses.HugePagesAreFree()) : null;
            using DiskPasses disk = new(new DiskOptions(work, plan.DiskFileBytes, tools is null ? plan.DiskSeconds : plan.ToolSeconds / 2.0)
            {
                Beside = tools is null ? null : (subject, path) => tools.Beside(_book, subject, path, cancellation),
            });
            _diskConditions.Add($"disk: {disk.Buffer}");
            Warm(memory, checksum, records, cancellation);
            for (int round = 0; round < plan.Rounds; round++)
            {
                _progress.Phase($"round {round + 1} of {plan.Rounds}: memory and CPU", TimeSpan.FromSeconds(7 * plan.MemorySeconds));
                Processor(_book, plan.MemorySeconds, memory, checksum, records, cancellation);
                _progress.Phase($"round {round + 1} of {plan.Rounds}: sockets and pipeline", TimeSpan.FromSeconds(6 * (plan.StageSeconds + plan.StageWarmupSeconds)));
                pipeline.Pass(_book, cancellation);
                tools?.Loopback(_book, cancellation);
                _progress.Phase($"round {round + 1} of {plan.Rounds}: disk", TimeSpan.FromSeconds(tools is null ? 19 * plan.DiskSeconds : 22 * plan.ToolSeconds));
                disk.Pass(_book, cancellation);
            }

            return (RunStatus.Completed, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (RunStatus.Interrupted, "interrupted");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (RunStatus.Failed, failure.Message);
        }
        finally
        {
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private static void Processor(
        ProbeBook book, double seconds, MemoryCopyProbe memory, ChecksumProbe checksum, RecordProbe records, CancellationToken cancellation)
    {
        memory.Pass(book, seconds, cancellation);
        checksum.Pass(book, seconds, cancellation);
        records.Pass(book, seconds, cancellation);
        ClockProbe.Pass(book, seconds / 4, cancellation);
    }

    /// <summary>Code is compiled for good, and the processor's clock is up, before the first figure is counted.</summary>
    private void Warm(MemoryCopyProbe memory, ChecksumProbe checksum, RecordProbe records, CancellationToken cancellation)
    {
        _progress.Phase("warm-up", TimeSpan.FromSeconds(7 * _options.Plan.MemorySeconds));
        ProbeBook notCounted = new();
        for (int i = 0; i < WarmupRounds; i++)
        {
            Processor(notCounted, _options.Plan.MemorySeconds / WarmupRounds, memory, checksum, records, cancellation);
        }
    }

    private ProbeInfo Info()
    {
        ProbePlan plan = _options.Plan;
        return new ProbeInfo
        {
            Version = Version,
            MeasuredUtc = _startedUtc,
            Seconds = (DateTimeOffset.UtcNow - _startedUtc).TotalSeconds,
            Cached = false,
            Conditions =
            [
                $"{plan.Rounds} rounds, each measuring every figure once; the figure is the median",
                "memory: buffers touched before (recycled pages), larger than the caches unless the row says otherwise; records in cache",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"sockets and pipeline: threads of one process over loopback, a ring of {plan.RingBytes / 1048576.0:0.#} MiB of recycled page-cache pages, its first lap (fresh pages) not counted"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"disk: one request at a time over a file of {plan.DiskFileBytes / 1048576.0:0.#} MiB, allocated and written before; fdatasync in place, and of a new file that grows"),
                .. _diskConditions,
            ],
            Figures = _book.Figures(),
        };
    }

    private ProbeKey Key()
    {
        DiskInfo disk = _machine.Info.Disk;
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        return new ProbeKey(boot, _machine.Info.Fingerprint, $"{disk.Filesystem} {disk.MountOptions} {disk.Device}", $"{Version} {_options.Plan}");
    }

    private void CheckSpace()
    {
        long free = _machine.Info.Disk.FreeBytes;
        long needed = _options.AgainstTools ? _options.Plan.SpaceBytesWithTools : _options.Plan.SpaceBytes;
        if (free < needed)
        {
            throw new SpaceException(string.Create(
                CultureInfo.InvariantCulture,
                $"{_options.DataDirectory} has {free / 1e9:0.00} GB free and the probe needs {needed / 1e9:0.00} GB: free some space, or give another folder by --data"));
        }
    }

    /// <summary>Found out before a folder for the result is made.</summary>
    private void CheckWritable()
    {
        string path = Path.Combine(_options.DataDirectory, $"probe-{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");
        using FileStream made = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
    }

    private RunResult Document(RunFolder folder, ProbeInfo probe, RunStatus status, string? cause) => new()
    {
        SchemaVersion = RunResult.CurrentSchemaVersion,
        Id = folder.Id,
        Name = Name,
        Title = Title,
        Command = _options.Command,
        StartedUtc = _startedUtc,
        EndedUtc = DateTimeOffset.UtcNow,
        Outcome = new RunOutcome(
            status,
            status switch
            {
                RunStatus.Completed => ExitCodes.Passed,
                RunStatus.Interrupted => ExitCodes.Interrupted,
                _ => ExitCodes.Environment,
            },
            cause),
        Tool = ToolDescription.Read(),
        Scenario = Scenario(),
        Machine = _machine.Info,
        Targets = [],
        Ceilings = [],
        Probe = probe,
        Trials = [],
        Verdicts = [],
        Notes = _notes,
    };

    /// <summary>There is no scenario; what of one the probe has in common with those it is compared with: batch, value, ring.</summary>
    private ScenarioInfo Scenario() => new()
    {
        Name = Name,
        Title = Title,
        Targets = [],
        Seed = 1,
        Topic = new TopicInfo(1, 1, new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["retention.bytes"] = _options.Plan.RingBytes.ToString(CultureInfo.InvariantCulture),
            ["segment.bytes"] = _options.Plan.SegmentBytes.ToString(CultureInfo.InvariantCulture),
        }),
        Message = new MessageInfo(_options.Plan.ValueBytes, "none", "random"),
        Producers = new ProducersInfo(1, "none", _options.Plan.BatchBytes, 0, "none", 1, "none"),
        Consumers = new ConsumersInfo(1, 1, "none", "none", 0),
        Load = [],
        WarmupSeconds = 0,
        Repeat = _options.Plan.Rounds,
        Verify = new VerifyInfo(false, false, false, false),
        Expect = [],
    };
}
