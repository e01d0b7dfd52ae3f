namespace Harness.Verdicts.Statistics;

/// <summary>The median of a few trials, and how far it can be trusted.</summary>
public static class Median
{
    private const double Confidence = 0.95;

    /// <summary>The fewest values of which the range covers the median with 95 %: 1 − 2 · 2⁻⁶ = 0.969.</summary>
    public const int FewestForInterval = 6;

    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("the median of nothing", nameof(values));
        }

        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The index of the value that lies nearest to the median: the trial to quote where a single one has to stand for all.</summary>
    public static int IndexNearest(IReadOnlyList<double> values)
    {
        double median = Of(values);
        return Enumerable.Range(0, values.Count).MinBy(i => Math.Abs(values[i] - median));
    }

    /// <summary>
    /// The 95 % interval of the median from order statistics, which supposes nothing about the distribution;
    /// null with fewer than <see cref="FewestForInterval"/> values.
    /// </summary>
    public static (double Low, double High)? Interval(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length < FewestForInterval)
        {
            return null;
        }

        // The k-th smallest and k-th largest miss the median with probability 2 · P(Binomial(n, ½) < k).
        double term = Math.Pow(0.5, sorted.Length);
        double below = term;
        int k = 1;
        while (true)
        {
            term *= (double)(sorted.Length - k + 1) / k;
            if (2 * (below + term) > 1 - Confidence)
            {
                return (sorted[k - 1], sorted[^k]);
            }

            below += term;
            k++;
        }
    }

    /// <summary>Largest minus smallest, as a share of the median; 0 for a single value.</summary>
    public static double Spread(IReadOnlyCollection<double> values)
    {
        double median = Of(values);
        return median == 0 ? 0 : (values.Max() - values.Min()) / median;
    }
}
