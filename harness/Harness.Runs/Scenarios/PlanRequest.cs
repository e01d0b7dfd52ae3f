namespace Harness.Runs.Scenarios;

/// <summary>What the command line changes in a scenario before it is resolved.</summary>
public sealed record PlanRequest
{
    /// <summary><c>path=value</c>, as given with <c>--set</c>, in order.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>In place of the scenario's targets; empty leaves them.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>In place of the scenario's <c>repeat</c>; null leaves it.</summary>
    public int? Repeat { get; init; }

    /// <summary>The short form.</summary>
    public bool Quick { get; init; }
}
