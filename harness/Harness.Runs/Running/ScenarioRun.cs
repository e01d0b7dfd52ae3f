using Engine.Linux;
using Harness.Load;
using Harness.Measure;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Harness.Runs.Scenarios.Values;
using Harness.Targets;
using Results;

namespace Harness.Runs;

/// <summary>
/// Runs a plan: fingerprint and space, then the trials in their order, each with its ceilings beside it, and last the verdicts. The document so far is written after every trial, and once more at whatever end.
/// </summary>
public sealed class ScenarioRun
{
    private const string WorkFolderName = "work";
    private const string KeptLogsName = "broker-logs";

    private readonly RunPlan _plan;
    private readonly RunOptions _options;
    private readonly IRunProgress _progress;
    private readonly RunFolder _folder;
    private readonly RunRecord _record;
    private readonly ProfileBook _profiles;

    private ScenarioRun(RunPlan plan, RunOptions options, IRunProgress progress)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _plan = plan;
        _options = options;
        _progress = progress;
        _folder = options.OutDirectory is { } chosen
            ? RunFolder.At(chosen, now, plan.Name)
            : RunFolder.Create(options.RunsRoot, now, plan.Name);
        WorkDirectory = Path.Combine(_folder.FolderPath, WorkFolderName);
        MachineReading machine = MachineProbe.Read(_folder.FolderPath);
        _record = new RunRecord(_folder, plan, options, now, machine);
        _profiles = new ProfileBook(_folder);
    }

    /// <summary>Brokers' data and the probe's files: removed at the end.</summary>
    private string WorkDirectory { get; }

    /// <summary>Runs to the end, whatever that is: a failed target, too little space or an interrupt is told in the document, not thrown.</summary>
    /// <exception cref="IOException">The results folder cannot be written.</exception>
    public static async Task<(RunResult Result, RunFolder Folder)> ExecuteAsync(
        RunPlan plan, RunOptions options, IRunProgress progress, CancellationToken cancellation)
    {
        ScenarioRun run = new(plan, options, progress);
        RunResult result = await run.ExecuteAsync(cancellation).ConfigureAwait(false);
        return (result, run._folder);
    }

    private async Task<RunResult> ExecuteAsync(CancellationToken cancellation)
    {
        RunStatus status = RunStatus.Completed;
        string? cause = null;
        int? exitCode = null;
        try
        {
            SpaceNeeded.Of(_plan).Check(_record.Machine.Disk.FreeBytes, "the results folder's filesystem");
            Directory.CreateDirectory(WorkDirectory);
            await MeasureAsync(cancellation).ConfigureAwait(false);
            (status, cause) = _record.WorstTrial();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            (status, cause) = (RunStatus.Interrupted, "interrupted");
        }
        catch (Exception failure) when (failure is TargetException or BrokerException or SpaceException or IOException)
        {
            (status, cause) = (RunStatus.Failed, failure.Message);
            exitCode = (failure as TargetException)?.ExitCode;
        }
        finally
        {
            if (Directory.Exists(WorkDirectory))
            {
                Directory.Delete(WorkDirectory, recursive: true);
            }
        }

        return _record.Finish(status, cause, exitCode);
    }

    private async Task MeasureAsync(CancellationToken cancellation)
    {
        CeilingBook ceilings = new(WorkDirectory, _record, _progress);
        LeftToWrite left = new(WorkDirectory, _record.Machine.Disk.Device, _record.Machine.Memory.DirtyBackgroundBytes, _progress);
        TargetPool targets = new(Create, StartAsync);
        await using (targets.ConfigureAwait(false))
        {
            // All at once and first: one that cannot be started should not be found after an hour of trials on the others.
            foreach (string name in _plan.Variants.Select(variant => variant.Target).Distinct())
            {
                await targets.GetAsync(name, cancellation).ConfigureAwait(false);
            }

            await CheckBatchesAsync(targets, cancellation).ConfigureAwait(false);
            MeasureDisk(cancellation);
            IReadOnlyList<PlannedTrial> trials = _plan.Trials();
            foreach (PlannedTrial planned in trials)
            {
                VariantInfo variant = planned.Variant;
                GeneratorCeilings generator = ceilings.Generator(variant, cancellation);
                ITarget target = await targets.GetAsync(variant.Target, cancellation).ConfigureAwait(false);
                double? memoryCopy = ceilings.MemoryCopy(variant, cancellation);
                PipelinePass? before = ceilings.Before(variant, cancellation);
                if (await left.SettleAsync(cancellation).ConfigureAwait(false) is { } note)
                {
                    _record.AddNote(note);
                }

                _progress.Line($"trial {planned.Index + 1} of {trials.Count}: {variant.Name}");
                TrialRun trial = new(target, planned.Scenario, $"harness-{_record.Id}-{planned.Index}", _progress, _record.Machine.Disk.Device, _options.Profile);
                await trial.RunAsync(cancellation).ConfigureAwait(false);

                // The trial's ceiling is the mean of what the machine carried just before and just after it.
                PipelinePass? after = trial.Ended ? before : ceilings.After(variant, cancellation);
                Trial document = trial.ToDocument(new TrialContext
                {
                    Index = planned.Index,
                    Block = planned.Block,
                    Variant = variant.Name,
                    Machine = _record.Machine,
                    NullSinkPerSecond = generator.NullSinkPerSecond,
                    NullSourcePerSecond = generator.NullSourcePerSecond,
                    MemoryCopyBytesPerSecond = memoryCopy,
                    Pipeline = before is null || after is null ? null : PipelinePass.Mean(before, after),
                });
                _record.Add(document);
                if (trial.Profile is { } profile)
                {
                    _record.Set(_profiles.Add(document, profile));
                }

                _record.Save();
                if (trial.Ended)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Where a claim is about orders of access, what the disk itself makes of them stands beside it.</summary>
    private void MeasureDisk(CancellationToken cancellation)
    {
        const int Rounds = 3;
        const long FileBytes = 256 << 20;
        const double PassSeconds = 0.15;
        if (!_plan.Variants.Any(variant => variant.Scenario.Claim == "C3"))
        {
            return;
        }

        ProbeBook book = new();
        try
        {
            using DiskPasses disk = new(new DiskOptions(WorkDirectory, FileBytes, PassSeconds));
            for (int round = 0; round < Rounds; round++)
            {
                _progress.Phase($"disk alone, round {round + 1} of {Rounds}", TimeSpan.FromSeconds(16 * PassSeconds));
                disk.Pass(book, cancellation);
            }
        }
        catch (Exception failure) when (failure is LinuxException or IOException)
        {
            _record.AddNote($"The disk alone could not be measured: {failure.Message}");
        }

        _record.Set(book.Figures());
    }

    /// <summary>Where a claim says that batches go through untouched, one is sent through each broker as raw bytes and compared.</summary>
    private async Task CheckBatchesAsync(TargetPool targets, CancellationToken cancellation)
    {
        foreach (string name in _plan.Variants.Where(variant => variant.Scenario.Claim == "C2").Select(variant => variant.Target).Distinct())
        {
            _progress.Phase($"batches through {name}", TimeSpan.Zero);
            ITarget target = await targets.GetAsync(name, cancellation).ConfigureAwait(false);
            foreach (BatchCheck check in await BatchChecking.RunAsync(target, $"harness-{_record.Id}-batches", cancellation).ConfigureAwait(false))
            {
                _record.Add(check);
            }
        }
    }

    private ITarget Create(string name) => TargetSpec.TryParse(name, out TargetSpec? spec, out string problem)
        ? TargetFactory.Create(spec!, TargetSettings.Resolve(spec!), new TargetEnvironment
        {
            DataParent = WorkDirectory,
            RepositoryRoot = _options.RepositoryRoot,
            KafkaHome = _options.KafkaHome,
            Profile = _options.Profile,
            KeepLogsAt = Path.Combine(_folder.FolderPath, KeptLogsName),
        })
        : throw new ArgumentException($"{name} {problem}", nameof(name));

    private async Task StartAsync(ITarget target, CancellationToken cancellation)
    {
        List<double> starts = [];
        for (int start = 0; start < (_plan.First.Starts ?? 1); start++)
        {
            _progress.Phase($"start of {target.Name}", TimeSpan.Zero);
            await target.StopAsync().ConfigureAwait(false);
            long beginNanos = MonotonicClock.Nanos();
            await target.StartAsync(cancellation).ConfigureAwait(false);
            using KafkaAdmin answered = await KafkaAdmin.ConnectAsync(target.Address, cancellation: cancellation).ConfigureAwait(false);
            starts.Add((MonotonicClock.Nanos() - beginNanos) / 1e9);
        }

        TargetInfo described = await target.DescribeAsync(cancellation).ConfigureAwait(false);
        _record.Add(target is AddressTarget ? described : described with { StartSeconds = starts });
    }
}
