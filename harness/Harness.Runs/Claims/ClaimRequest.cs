namespace Harness.Runs.Claims;

/// <summary>Which claims are to be put to the test, on what, how thoroughly.</summary>
public sealed record ClaimRequest
{
    /// <summary>Empty for all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>As on the command line: <c>engine</c>, <c>kafka</c>, <c>kafka://host:port</c>, each with its settings.</summary>
    public string Target { get; init; } = "engine";

    /// <summary>Every combination, at full length.</summary>
    public bool Full { get; init; }

    /// <summary>Fewer and shorter trials: figures without intervals, and so no verdict that rests on one.</summary>
    public bool Quick { get; init; }

    /// <summary>True where an Apache Kafka can be started beside the engine.</summary>
    public bool HasKafka { get; init; }
}
