namespace Results.Histograms;

/// <summary>
/// A distribution as read back from its encoding: buckets in order of value. Immutable.
/// A percentile is the highest value of its bucket, as HdrHistogram's own tools report it: a figure is never flattered.
/// </summary>
public sealed class HistogramReading
{
    private readonly HistogramBucket[] _buckets;

    /// <param name="buckets">In order of value, each with a count above zero.</param>
    internal HistogramReading(IReadOnlyList<HistogramBucket> buckets)
    {
        _buckets = [.. buckets];
        long total = 0;
        foreach (HistogramBucket bucket in _buckets)
        {
            if (long.MaxValue - total < bucket.Count) throw new ResultFormatException("latency histogram: its counts do not fit a total");
            total += bucket.Count;
        }

        TotalCount = total;
    }

    public IReadOnlyList<HistogramBucket> Buckets => _buckets;
    public long TotalCount { get; }

    /// <summary>The sum of several distributions: the only right way to the percentiles of several trials together.</summary>
    public static HistogramReading Merge(IEnumerable<HistogramReading> readings)
    {
        SortedDictionary<(long Lowest, long Highest), long> sums = [];
        foreach (HistogramBucket bucket in readings.SelectMany(r => r._buckets))
        {
            sums.TryGetValue((bucket.Lowest, bucket.Highest), out long sum);
            sums[(bucket.Lowest, bucket.Highest)] = sum + bucket.Count;
        }

        return new HistogramReading([.. sums.Select(s => new HistogramBucket(s.Key.Lowest, s.Key.Highest, s.Value))]);
    }

    /// <param name="percentile">0 to 100.</param>
    /// <returns>0 where nothing was recorded.</returns>
    public long ValueAtPercentile(double percentile)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percentile);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percentile, 100);
        return Walk([percentile])[0].Value;
    }

    /// <summary>
    /// The distribution as a curve for an axis of nines (0, 90, 99, 99.9 …): evenly spaced there, from 0 to the last percentile that
    /// a single value can move, where the largest value stands.
    /// </summary>
    public IReadOnlyList<PercentilePoint> PercentileCurve(int pointsPerNine = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pointsPerNine, 1);
        if (TotalCount == 0) return [];
        double nines = Math.Log10(TotalCount);
        int steps = Math.Max(1, (int)Math.Ceiling(nines * pointsPerNine));
        double[] percentiles = new double[steps + 1];
        for (int i = 0; i <= steps; i++) percentiles[i] = 100 - (100 * Math.Pow(10, -nines * i / steps));
        percentiles[0] = 0;
        PercentilePoint[] curve = Walk(percentiles);
        // Rounding must not take the slowest message out of the picture.
        curve[^1] = curve[^1] with { Value = _buckets[^1].Highest };
        return curve;
    }

    /// <summary>One pass over the buckets for all of <paramref name="rising"/>.</summary>
    private PercentilePoint[] Walk(ReadOnlySpan<double> rising)
    {
        PercentilePoint[] points = new PercentilePoint[rising.Length];
        int bucket = -1;
        long reached = 0;
        for (int i = 0; i < rising.Length; i++)
        {
            // Nudged down, or 99.9 % of 1,000 becomes 999.0000000000001 of them and thus all.
            double share = Math.BitDecrement(rising[i]) / 100;
            long wanted = Math.Clamp((long)Math.Ceiling(share * TotalCount), 1, Math.Max(1, TotalCount));
            while (reached < wanted && bucket + 1 < _buckets.Length) reached += _buckets[++bucket].Count;
            points[i] = new PercentilePoint(rising[i], bucket < 0 ? 0 : _buckets[bucket].Highest);
        }

        return points;
    }
}
