namespace Harness.Verdicts.Statistics;

/// <summary>
/// Wilcoxon's one-sided signed-rank test against a margin, as a sign-flip permutation test: if the effect were exactly the margin, each
/// value would lie above or below it with the same chance, so every flip of signs is as likely as what was seen.
/// </summary>
/// <remarks>
/// Equal distances from the margin get the mean of their ranks, and the distribution is that of those very mid-ranks, so that the level is kept
/// exactly. A value on the margin keeps its rank among the others but counts for neither side (Pratt, <i>Remarks on Zeros and Ties in the Wilcoxon
/// Signed Rank Procedures</i>, 1959). Dropping such values before ranking, as Wilcoxon did, can turn "not significant" into "significant" when
/// every value is lowered by the same amount; a gate must not do that.
/// </remarks>
public static class SignedRankTest
{
    /// <summary>The p-value of "the effect is at most <paramref name="margin"/>": small where the values lie above it.</summary>
    /// <returns>1 for no values, since nothing rejects nothing.</returns>
    public static double EffectAbove(IReadOnlyList<double> values, double margin)
    {
        ArgumentNullException.ThrowIfNull(values);
        double[] distances = [.. values.Select(value => value - margin)];
        if (distances.Any(distance => !double.IsFinite(distance))) throw new ArgumentException("a test takes finite numbers only", nameof(values));
        int[] ranks = DoubledRanks(distances);
        long positive = 0;
        List<int> signed = [];
        for (int i = 0; i < distances.Length; i++)
        {
            if (distances[i] == 0) continue;
            signed.Add(ranks[i]);
            if (distances[i] > 0) positive += ranks[i];
        }

        return new SignFlipDistribution(signed).AtLeast(positive);
    }

    /// <summary>The p-value of "the effect is at least <paramref name="margin"/>": small where the values lie below it.</summary>
    public static double EffectBelow(IReadOnlyList<double> values, double margin)
    {
        ArgumentNullException.ThrowIfNull(values);
        return EffectAbove([.. values.Select(value => -value)], -margin);
    }

    /// <summary>
    /// The p-value of "the effect lies beyond ± <paramref name="margin"/>", by two one-sided tests: both must reject, so the larger of
    /// their p-values is that of the pair (Schuirmann, 1987).
    /// </summary>
    public static double EffectWithin(IReadOnlyList<double> values, double margin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(margin);
        return Math.Max(EffectBelow(values, margin), EffectAbove(values, -margin));
    }

    /// <summary>Twice the rank of each by its size without the sign; equal sizes share the mean of their ranks.</summary>
    private static int[] DoubledRanks(double[] distances)
    {
        int[] order = [.. Enumerable.Range(0, distances.Length).OrderBy(i => Math.Abs(distances[i]))];
        int[] doubled = new int[distances.Length];
        for (int from = 0; from < order.Length;)
        {
            int to = from + 1;
            while (to < order.Length && Math.Abs(distances[order[to]]) == Math.Abs(distances[order[from]])) to++;
            // The ranks from + 1 to "to" have the mean (from + 1 + to) / 2.
            for (int i = from; i < to; i++) doubled[order[i]] = from + 1 + to;
            from = to;
        }

        return doubled;
    }
}
