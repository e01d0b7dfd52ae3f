namespace Harness.Targets;

/// <summary>How an <see cref="EngineTarget"/> is started.</summary>
public sealed record EngineTargetOptions
{
    /// <summary>As given by the user: <c>engine</c>, or <c>engine+technique.transfer=copy</c>.</summary>
    public string Name { get; init; } = "engine";

    /// <summary>The folder in which the engine's data directory is made, under a name of its own. Made when it is not there.</summary>
    public required string DataParent { get; init; }

    /// <summary>The engine's executable; null for the one that was built with this harness.</summary>
    public string? Executable { get; init; }

    /// <summary>Makes or finds the executable when the engine is started, in place of <see cref="Executable"/>.</summary>
    public Func<CancellationToken, Task<string>>? FindExecutable { get; init; }

    /// <summary>Broker configuration by Kafka's names, passed on as it is: the engine refuses what it does not know.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment of the process on top of the harness's own: <c>DOTNET_gcServer</c> and the like.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The runtime writes the names of what it compiles into <c>perf-PID.map</c> in the folder for temporary files: removed with the target.</summary>
    public bool TellCompiled { get; init; }

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From SIGTERM to SIGKILL.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);
}
