namespace Results.Histograms;

/// <summary>Values from <paramref name="Lowest"/> to <paramref name="Highest"/>, both included, that a histogram cannot tell apart.</summary>
public readonly record struct HistogramBucket(long Lowest, long Highest, long Count);

/// <param name="Percentile">0 to 100.</param>
/// <param name="Value">At least this share of all values is at or below it.</param>
public readonly record struct PercentilePoint(double Percentile, long Value);
