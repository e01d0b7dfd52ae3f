namespace Results;

/// <summary>
/// One run of the harness: what was asked, on what machine, against what targets, and everything that was measured.
/// Written as one JSON file; <see cref="SchemaVersion"/> comes first so that a reader can refuse what it does not know.
/// Units are the last word of a name: <c>…Bytes</c>, <c>…Seconds</c>, <c>…Micros</c>, <c>…PerSecond</c>, <c>…Share</c> (0 to 1).
/// A list that an older document does not have comes as null from the serializer, whatever it is initialized with, and is empty.
/// </summary>
public sealed record RunResult
{
    /// <summary>The version of this document's shape. Readers accept every version up to their own.</summary>
    public const int CurrentSchemaVersion = 1;

    public required int SchemaVersion { get; init; }

    /// <summary>Start time and scenario name, as in the folder's name: <c>20261122T153000Z-kafka-20m</c>.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }
    public string? Title { get; init; }

    /// <summary>The command that repeats this run, from the repository's root.</summary>
    public required string Command { get; init; }

    /// <summary>True for the short form (fewer and shorter trials): no interval is given.</summary>
    public bool Quick { get; init; }

    public required DateTimeOffset StartedUtc { get; init; }
    public required DateTimeOffset EndedUtc { get; init; }
    public required RunOutcome Outcome { get; init; }
    public required ToolInfo Tool { get; init; }

    /// <summary>The scenario as its first variant runs it; what the others change is in <see cref="Variants"/>.</summary>
    public required ScenarioInfo Scenario { get; init; }

    /// <summary>
    /// Everything that had trials of its own, in the order of the plan: variants of one point are interleaved and compared with each other.
    /// Empty in documents from before there were any: the scenario's targets are then the variants.
    /// </summary>
    public IReadOnlyList<VariantInfo> Variants { get; init => field = value ?? []; } = [];
    public required MachineInfo Machine { get; init; }
    public required IReadOnlyList<TargetInfo> Targets { get; init; }

    /// <summary>What this machine and this generator could carry at best, measured in the same run, in the order measured.</summary>
    public required IReadOnlyList<Ceiling> Ceilings { get; init; }

    /// <summary>Everything that the machine alone carries, of a run that measured just that; null for a run of trials.</summary>
    public ProbeInfo? Probe { get; init; }

    /// <summary>The trials in the order in which they ran.</summary>
    public required IReadOnlyList<Trial> Trials { get; init; }

    /// <summary>Where each variant's broker spent its CPU time; only of runs that were asked to sample it, which costs the broker a little.</summary>
    public IReadOnlyList<CpuProfile> Profiles { get; init => field = value ?? []; } = [];

    /// <summary>Figures of the machine alone that a claim is told with, measured in the same run before its trials.</summary>
    public IReadOnlyList<ProbeFigure> MachineFigures { get; init => field = value ?? []; } = [];

    /// <summary>What became of single batches on their way through the brokers; only of runs that put that to the test.</summary>
    public IReadOnlyList<BatchCheck> BatchChecks { get; init => field = value ?? []; } = [];

    /// <summary>Variants of a point against its first one, a metric each.</summary>
    public IReadOnlyList<Comparison> Comparisons { get; init => field = value ?? []; } = [];

    public required IReadOnlyList<Verdict> Verdicts { get; init; }

    /// <summary>Conditions and limits a reader must know: what could not be measured, what was not controlled.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>How the run ended. <see cref="Cause"/> is one line, given unless the run completed.</summary>
public sealed record RunOutcome(RunStatus Status, int ExitCode, string? Cause);

public enum RunStatus
{
    Completed,
    Interrupted,
    Failed,
}

/// <summary>The harness itself: version, commit, runtime and garbage collector settings of the generator process.</summary>
public sealed record ToolInfo
{
    public required string Version { get; init; }

    /// <summary>The commit the harness was built from; null where it was built outside a git checkout.</summary>
    public string? Commit { get; init; }

    public required string Runtime { get; init; }

    /// <summary>Settings that change speed: <c>gc.server</c>, <c>gc.concurrent</c>, <c>tiered.pgo</c> and the like.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}

/// <summary>A broker that was driven.</summary>
public sealed record TargetInfo
{
    /// <summary>As given on the command line or in the scenario: <c>engine</c>, <c>kafka</c>, <c>kafka://host:port</c>.</summary>
    public required string Name { get; init; }

    public required string Product { get; init; }
    public required string Version { get; init; }

    /// <summary>From the start of its process to its first answer, each time it was started; null where it was not ours to start.</summary>
    public IReadOnlyList<double>? StartSeconds { get; init; }

    /// <summary>The effective configuration, read back from the broker, by Kafka's names.</summary>
    public required IReadOnlyDictionary<string, string> Configuration { get; init; }
}
