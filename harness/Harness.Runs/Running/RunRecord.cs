using Harness.Measure;
using Harness.Runs.Planning;
using Harness.Verdicts.Judging;
using Results;

namespace Harness.Runs;

/// <summary>
/// The result document while it grows. At any moment it can be written as a whole, valid document; until the end its outcome says that the
/// run was interrupted, which is what it was if nothing comes after.
/// </summary>
internal sealed class RunRecord
{
    private readonly RunFolder _folder;
    private readonly RunPlan _plan;
    private readonly RunOptions _options;
    private readonly DateTimeOffset _startedUtc;
    private readonly List<TargetInfo> _targets = [];
    private readonly List<Ceiling> _ceilings = [];
    private readonly List<Trial> _trials = [];
    private readonly List<BatchCheck> _batchChecks = [];
    private readonly List<string> _notes;
    private IReadOnlyList<ProbeFigure> _machineFigures = [];
    private IReadOnlyList<CpuProfile> _profiles = [];

    public RunRecord(
        RunFolder folder, RunPlan plan, RunOptions options, DateTimeOffset startedUtc, MachineReading machine)
    {
        _folder = folder;
        _plan = plan;
        _options = options;
        _startedUtc = startedUtc;
        _notes = [.. machine.Notes];
        Machine = machine.Info;
    }

    public string Id => _folder.Id;

    public MachineInfo Machine { get; }

    public void Add(TargetInfo target) => _targets.Add(target);

    public void Add(Ceiling ceiling) => _ceilings.Add(ceiling);

    public void Add(Trial trial) => _trials.Add(trial);

    /// <summary>Once, however often it is given.</summary>
    public void AddNote(string note)
    {
        if (!_notes.Contains(note))
        {
            _notes.Add(note);
        }
    }

    public void Set(IReadOnlyList<ProbeFigure> machine) => _machineFigures = machine;

    public void Set(IReadOnlyList<CpuProfile> profiles) => _profiles = profiles;

    public void Add(BatchCheck check) => _batchChecks.Add(check);

    /// <summary>The pipelines as measured so far, in place of what was known of them before.</summary>
    public void SetPipelines(IReadOnlyList<Ceiling> pipelines)
    {
        _ceilings.RemoveAll(ceiling => ceiling.Kind
            is CeilingKinds.BarePipeline or CeilingKinds.CheckedPipeline or CeilingKinds.SocketToPageCache or CeilingKinds.PageCacheToSocket);
        _ceilings.AddRange(pipelines);
    }

    /// <summary>How the run ended as far as its trials tell.</summary>
    public (RunStatus Status, string? Cause) WorstTrial() => _trials.Find(trial => trial.Status != TrialStatus.Completed) is { } broken
        ? (broken.Status == TrialStatus.Interrupted ? RunStatus.Interrupted : RunStatus.Failed, broken.Cause)
        : (RunStatus.Completed, null);

    /// <summary>Writes what there is.</summary>
    public void Save() => ResultJson.Write(_folder.ResultPath, Compared(Build(new RunOutcome(RunStatus.Interrupted, ExitCodes.Interrupted, "not finished"))));

    /// <summary>Judges, and writes the document for good.</summary>
    /// <param name="exitCode">What the run ends with besides what its verdicts ask for: a target that was asked for what it does not know.</param>
    public RunResult Finish(RunStatus status, string? cause, int? exitCode = null)
    {
        RunResult result = Compared(Build(new RunOutcome(status, ExitCodes.Passed, cause)));
        result = result with { Verdicts = RunVerdicts.Judge(result) };
        result = result with { Outcome = result.Outcome with { ExitCode = ExitCodes.Worst([RunVerdicts.ExitCode(result), exitCode ?? ExitCodes.Passed]) } };
        ResultJson.Write(_folder.ResultPath, result);
        return result;
    }

    private static RunResult Compared(RunResult result) => result with { Comparisons = Comparisons.Of(result) };

    private RunResult Build(RunOutcome outcome) => new()
    {
        SchemaVersion = RunResult.CurrentSchemaVersion,
        Id = _folder.Id,
        Name = _plan.Name,
        Title = _plan.Title ?? _plan.First.Title,
        Command = _options.Command,
        Quick = _options.Quick,
        StartedUtc = _startedUtc,
        EndedUtc = DateTimeOffset.UtcNow,
        Outcome = outcome,
        Tool = ToolDescription.Read(),
        Scenario = _plan.First with { Targets = [.. _plan.Variants.Select(variant => variant.Target).Distinct()] },
        Variants = [.. _plan.Variants],
        Machine = Machine,
        Targets = _targets,
        Ceilings = _ceilings,
        Trials = _trials,
        BatchChecks = _batchChecks,
        Profiles = _profiles,
        MachineFigures = _machineFigures,
        Verdicts = [],
        Notes = _notes,
    };
}
