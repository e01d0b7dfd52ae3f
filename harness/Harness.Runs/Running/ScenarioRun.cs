using Harness.Load;
using Harness.Measure;
using Harness.Runs.Scenarios;
using Harness.Targets;
using Results;

namespace Harness.Runs;

/// <summary>
/// Runs a resolved scenario: fingerprint and space, the generator's ceilings, the target, then bare pipeline and trial in turn, and last
/// the verdicts. The document so far is written after every trial, and once more at whatever end.
/// </summary>
public sealed class ScenarioRun
{
    private const double BarePassSeconds = 2;
    private const double BareWarmupSeconds = 1;
    private const string WorkFolderName = "work";

    private readonly ScenarioInfo _scenario;
    private readonly RunOptions _options;
    private readonly IRunProgress _progress;
    private readonly RunFolder _folder;
    private readonly RunRecord _record;

    private ScenarioRun(ScenarioInfo scenario, RunOptions options, IRunProgress progress)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _scenario = scenario;
        _options = options;
        _progress = progress;
        _folder = options.OutDirectory is { } chosen
            ? RunFolder.At(chosen, now, scenario.Name)
            : RunFolder.Create(options.RunsRoot, now, scenario.Name);
        WorkDirectory = Path.Combine(_folder.FolderPath, WorkFolderName);
        MachineReading machine = MachineProbe.Read(_folder.FolderPath);
        _record = new RunRecord(_folder, scenario, options, now, machine);
    }

    /// <summary>Brokers' data and the probe's files: removed at the end.</summary>
    private string WorkDirectory { get; }

    /// <summary>Runs to the end, whatever that is: a failed target, too little space or an interrupt is told in the document, not thrown.</summary>
    /// <exception cref="IOException">The results folder cannot be written.</exception>
    public static async Task<(RunResult Result, RunFolder Folder)> ExecuteAsync(
        ScenarioInfo scenario, RunOptions options, IRunProgress progress, CancellationToken cancellation)
    {
        ScenarioRun run = new(scenario, options, progress);
        RunResult result = await run.ExecuteAsync(cancellation).ConfigureAwait(false);
        return (result, run._folder);
    }

    private async Task<RunResult> ExecuteAsync(CancellationToken cancellation)
    {
        RunStatus status = RunStatus.Completed;
        string? cause = null;
        try
        {
            SpaceNeeded.Of(_scenario).Check(_record.Machine.Disk.FreeBytes, "the results folder's filesystem");
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
        }
        finally
        {
            if (Directory.Exists(WorkDirectory))
            {
                Directory.Delete(WorkDirectory, recursive: true);
            }
        }

        return _record.Finish(status, cause);
    }

    private async Task MeasureAsync(CancellationToken cancellation)
    {
        MeasureGenerator(cancellation);
        BarePipelineProbe bare = new(new BarePipelineOptions(
            WorkDirectory,
            _scenario.Producers.BatchBytes,
            TopicBytes("retention.bytes"),
            TopicBytes("segment.bytes"),
            BareWarmupSeconds,
            BarePassSeconds));
        EngineTarget target = new(new EngineTargetOptions { DataParent = WorkDirectory });
        await using (target.ConfigureAwait(false))
        {
            _progress.Phase("start of engine", TimeSpan.Zero);
            await target.StartAsync(cancellation).ConfigureAwait(false);
            _record.Add(await target.DescribeAsync(cancellation).ConfigureAwait(false));
            double before = BarePass(bare, cancellation);
            for (int i = 0; i < _scenario.Repeat; i++)
            {
                _progress.Line($"trial {i + 1} of {_scenario.Repeat} on {target.Name}");
                TrialRun trial = new(target, _scenario, $"harness-{_record.Id}-{i}", _progress);
                await trial.RunAsync(cancellation).ConfigureAwait(false);

                // The trial's ceiling is the mean of what the machine carried just before and just after it.
                double after = trial.Ended ? before : BarePass(bare, cancellation);
                _record.Add(trial.ToDocument(_record.Context(i, (before + after) / 2)));
                _record.SetBarePipeline(bare.ToCeiling());
                _record.Save();
                before = after;
                if (trial.Ended)
                {
                    return;
                }
            }
        }
    }

    private void MeasureGenerator(CancellationToken cancellation)
    {
        CeilingOptions options = new();
        _progress.Phase("ceilings of the generator", 2 * (options.WarmUp + (options.Passes * options.PassLength)));
        _record.Add(NullSinkProbe.Run(_scenario, options, cancellation));
        if (_scenario.Consumers.Mode != "none")
        {
            _record.Add(NullSourceProbe.Run(_scenario, options, cancellation));
        }
    }

    private double BarePass(BarePipelineProbe bare, CancellationToken cancellation)
    {
        _progress.Phase("bare pipeline of the machine", TimeSpan.FromSeconds(BareWarmupSeconds + BarePassSeconds));
        return bare.Pass(cancellation);
    }

    private long TopicBytes(string name) => long.Parse(_scenario.Topic.Config[name], System.Globalization.CultureInfo.InvariantCulture);
}
