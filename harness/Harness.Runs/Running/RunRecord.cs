using Harness.Measure;
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
    private readonly ScenarioInfo _scenario;
    private readonly RunOptions _options;
    private readonly DateTimeOffset _startedUtc;
    private readonly List<TargetInfo> _targets = [];
    private readonly List<Ceiling> _ceilings = [];
    private readonly List<Trial> _trials = [];
    private readonly IReadOnlyList<string> _notes;

    public RunRecord(
        RunFolder folder, ScenarioInfo scenario, RunOptions options, DateTimeOffset startedUtc, MachineReading machine)
    {
        _folder = folder;
        _scenario = scenario;
        _options = options;
        _startedUtc = startedUtc;
        _notes = machine.Notes;
        Machine = machine.Info;
    }

    public string Id => _folder.Id;

    public MachineInfo Machine { get; }

    public void Add(TargetInfo target) => _targets.Add(target);

    public void Add(Ceiling ceiling) => _ceilings.Add(ceiling);

    public void Add(Trial trial) => _trials.Add(trial);

    /// <summary>The bare pipeline as measured so far, in place of what was known of it before.</summary>
    public void SetBarePipeline(Ceiling bare)
    {
        _ceilings.RemoveAll(ceiling => ceiling.Kind == CeilingKinds.BarePipeline);
        _ceilings.Add(bare);
    }

    public TrialContext Context(int index, double bareBytesPerSecond) => new()
    {
        Index = index,
        Block = index,
        Machine = Machine,
        NullSinkPerSecond = MessagesPerSecond(CeilingKinds.NullSink),
        NullSourcePerSecond = MessagesPerSecond(CeilingKinds.NullSource),
        BarePipelineBytesPerSecond = _scenario.Consumers.Mode == "none" ? null : bareBytesPerSecond,
    };

    /// <summary>How the run ended as far as its trials tell.</summary>
    public (RunStatus Status, string? Cause) WorstTrial() => _trials.Find(trial => trial.Status != TrialStatus.Completed) is { } broken
        ? (broken.Status == TrialStatus.Interrupted ? RunStatus.Interrupted : RunStatus.Failed, broken.Cause)
        : (RunStatus.Completed, null);

    /// <summary>Writes what there is.</summary>
    public void Save() => ResultJson.Write(_folder.ResultPath, Build(new RunOutcome(RunStatus.Interrupted, ExitCodes.Interrupted, "not finished")));

    /// <summary>Judges, and writes the document for good.</summary>
    public RunResult Finish(RunStatus status, string? cause)
    {
        RunResult result = Build(new RunOutcome(status, ExitCodes.Passed, cause));
        result = result with { Verdicts = RunVerdicts.Judge(result) };
        result = result with { Outcome = result.Outcome with { ExitCode = RunVerdicts.ExitCode(result) } };
        ResultJson.Write(_folder.ResultPath, result);
        return result;
    }

    private double? MessagesPerSecond(string kind) => _ceilings.Find(ceiling => ceiling.Kind == kind)?.MessagesPerSecond;

    private RunResult Build(RunOutcome outcome) => new()
    {
        SchemaVersion = RunResult.CurrentSchemaVersion,
        Id = _folder.Id,
        Name = _scenario.Name,
        Title = _scenario.Title,
        Command = _options.Command,
        Quick = _options.Quick,
        StartedUtc = _startedUtc,
        EndedUtc = DateTimeOffset.UtcNow,
        Outcome = outcome,
        Tool = ToolDescription.Read(),
        Scenario = _scenario,
        Machine = Machine,
        Targets = _targets,
        Ceilings = _ceilings,
        Trials = _trials,
        Verdicts = [],
        Notes = _notes,
    };
}
