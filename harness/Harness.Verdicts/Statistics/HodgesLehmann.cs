namespace Harness.Verdicts.Statistics;

/// <summary>
/// The middle of a few values that are spread symmetrically about it, and how sure it is: the median of the Walsh averages (the means of all
/// pairs, each value with itself included), and the interval that the signed-rank test does not reject. Hollander, Wolfe and Chicken,
/// <i>Nonparametric Statistical Methods</i>, 3rd edition, sections 3.2 and 3.3. Not the mean: one block that was disturbed moves
/// it little; and not the median: that wastes a third of the blocks.
/// </summary>
public sealed record HodgesLehmann(double Estimate, double? Low, double? High)
{
    /// <param name="confidence">Of the interval, which is null where there are too few values for it: 95 % takes six.</param>
    /// <returns>Null for no values.</returns>
    public static HodgesLehmann? Of(IReadOnlyList<double> values, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(confidence);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(confidence, 1);
        if (values.Count == 0) return null;
        double[] walsh = WalshAverages(values);
        double estimate = Median.Of(walsh);
        int cut = CutFromEachEnd(values.Count, walsh.Length, 1 - confidence);
        return cut == 0 ? new HodgesLehmann(estimate, null, null) : new HodgesLehmann(estimate, walsh[cut - 1], walsh[^cut]);
    }

    /// <summary>The fewest values for which there is an interval: 2 · 2⁻ⁿ must not exceed what the confidence leaves.</summary>
    public static int FewestForInterval(double confidence) => Enumerable.Range(1, SignFlipDistribution.ExactLimit)
        .First(count => 2 * Math.Pow(2, -count) <= 1 - confidence);

    private static double[] WalshAverages(IReadOnlyList<double> values)
    {
        double[] walsh = new double[values.Count * (values.Count + 1) / 2];
        int next = 0;
        for (int i = 0; i < values.Count; i++)
        {
            for (int j = i; j < values.Count; j++) walsh[next++] = (values[i] + values[j]) / 2;
        }

        Array.Sort(walsh);
        return walsh;
    }

    /// <summary>
    /// The c for which the c-th smallest and c-th largest Walsh average bound the interval: the largest with 2 · P(W ≤ c − 1) within
    /// <paramref name="error"/>; 0 where not even the outermost do.
    /// </summary>
    private static int CutFromEachEnd(int count, int averages, double error)
    {
        SignFlipDistribution distribution = SignFlipDistribution.Untied(count);
        int cut = 0;
        while (cut < averages / 2 && 2 * distribution.AtMost(2L * cut) <= error) cut++;
        return cut;
    }
}
