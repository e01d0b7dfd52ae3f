namespace Harness.Targets;

/// <summary>What targets need of the place where they are started.</summary>
public sealed record TargetEnvironment
{
    /// <summary>The folder in which brokers make theirs.</summary>
    public required string DataParent { get; init; }

    /// <summary>Where revisions of the engine come from.</summary>
    public required string RepositoryRoot { get; init; }

    /// <summary>Where revisions of the engine are built, for this run and later ones.</summary>
    public string RevisionCache => Path.Combine(RepositoryRoot, "artifacts", "revisions");

    /// <summary>The value of <c>KAFKA_HOME</c>; null when it is not set.</summary>
    public string? KafkaHome { get; init; }

    /// <summary>Brokers shall tell the names of what they compile at run time, for a profile. Costs them a little, so only then.</summary>
    public bool Profile { get; init; }

    /// <summary>Where the logs of a broker that failed are kept, in a folder with its name.</summary>
    public string? KeepLogsAt { get; init; }
}

/// <summary>Makes targets of what users name. Starts nothing.</summary>
public static class TargetFactory
{
    /// <summary>In place of a broker's configuration: the size of Kafka's heap.</summary>
    public const string HeapSetting = "heap";

    /// <param name="settings">The specification's, with units resolved to what brokers read.</param>
    public static ITarget Create(TargetSpec spec, IReadOnlyDictionary<string, string> settings, TargetEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(environment);
        return spec.Kind switch
        {
            TargetKind.Engine => new EngineTarget(new EngineTargetOptions
            {
                Name = spec.Text,
                DataParent = environment.DataParent,
                Configuration = settings,
                TellCompiled = environment.Profile,
                FindExecutable = spec.Revision is { } revision
                    ? cancellation => new RevisionBuilder(environment.RepositoryRoot, environment.RevisionCache).BuildAsync(revision, cancellation)
                    : null,
            }),
            TargetKind.Kafka => Kafka(spec, settings, environment),
            TargetKind.Address => new AddressTarget(spec.Text, spec.Address!.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Kind, null),
        };
    }

    private static KafkaTarget Kafka(TargetSpec spec, IReadOnlyDictionary<string, string> settings, TargetEnvironment environment)
    {
        KafkaTargetOptions options = new()
        {
            Name = spec.Text,
            Home = environment.KafkaHome,
            DataParent = environment.DataParent,
            KeepLogsAt = environment.KeepLogsAt,
            Configuration = settings.Where(setting => setting.Key != HeapSetting).ToDictionary(),
        };
        if (!settings.TryGetValue(HeapSetting, out string? heap))
        {
            return new KafkaTarget(options);
        }

        return long.TryParse(heap, out long bytes) && bytes >= 1 << 20
            ? new KafkaTarget(options with { HeapBytes = bytes })
            : throw new TargetException($"{spec.Text}: {HeapSetting} is a size of at least 1MiB, such as 2GiB") { ExitCode = TargetException.UsageExitCode };
    }
}
