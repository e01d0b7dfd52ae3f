namespace Harness.Runs;

/// <summary>How a scenario is to be run, apart from what it says itself.</summary>
public sealed record RunOptions
{
    /// <summary>Where results go; null makes a folder of its own under <see cref="RunsRoot"/>.</summary>
    public string? OutDirectory { get; init; }

    /// <summary>The folder of all runs: <c>results/runs</c> of the repository.</summary>
    public required string RunsRoot { get; init; }

    /// <summary>The repository, for targets that are revisions of it.</summary>
    public required string RepositoryRoot { get; init; }

    /// <summary>The value of <c>KAFKA_HOME</c>, for the target kafka; null when it is not set.</summary>
    public string? KafkaHome { get; init; }

    /// <summary>The short form was asked for.</summary>
    public bool Quick { get; init; }

    /// <summary>The brokers' CPU time is sampled in the counted windows.</summary>
    public bool Profile { get; init; }

    /// <summary>The command that repeats this run, from the repository's root.</summary>
    public required string Command { get; init; }
}
