namespace Results;

/// <summary>One thing that is measured: a target under one form of the scenario.</summary>
public sealed record VariantInfo
{
    /// <summary>Unique in the run: the target, the name under <c>compare</c>, the point of the matrix, as far as there are several of each.</summary>
    public required string Name { get; init; }

    /// <summary>What tells it from the other variants of its point: the name without the point.</summary>
    public required string Label { get; init; }

    /// <summary>The target as given: <c>engine+technique.transfer=copy</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Which point of the matrix, from 0; 0 without a matrix.</summary>
    public required int Point { get; init; }

    /// <summary>What the matrix sets at this point, as written there, by path: <c>message.size</c>: <c>100B</c>.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The scenario as resolved for this variant: one target, and the expectations that it has to meet.</summary>
    public required ScenarioInfo Scenario { get; init; }
}
