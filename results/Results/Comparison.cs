namespace Results;

/// <summary>
/// One metric of a candidate against a baseline, paired block by block. The unit is a block of interleaved trials (A B B A): it gives one log ratio.
/// </summary>
public sealed record Comparison
{
    /// <summary>The metric's name as in expectations: <c>consume.rate</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>Which point of the matrix.</summary>
    public required int Point { get; init; }

    /// <summary>Names of variants.</summary>
    public required string Baseline { get; init; }
    public required string Candidate { get; init; }

    /// <summary>Candidate over baseline of each complete block, in the order they ran, as natural logarithms.</summary>
    public required IReadOnlyList<double> LogRatios { get; init; }

    /// <summary>Candidate over baseline: the Hodges–Lehmann estimate. Null without a complete block.</summary>
    public double? Ratio { get; init; }

    /// <summary>The 95 % interval of the ratio; null with fewer than six blocks, or in the quick form.</summary>
    public double? RatioLow { get; init; }
    public double? RatioHigh { get; init; }

    /// <summary>Why there is no ratio, or what stands against taking it at its word: the generator limited a trial, a trial failed, figures void.</summary>
    public string? Caution { get; init; }

    /// <summary>The comparison in a sentence.</summary>
    public required string Sentence { get; init; }
}
