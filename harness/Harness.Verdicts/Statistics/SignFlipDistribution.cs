namespace Harness.Verdicts.Statistics;

/// <summary>
/// How the signed-rank statistic (the sum of the ranks of the positive values) is spread when each value is as likely to be negative as
/// positive: every one of the 2ⁿ ways to flip the signs counts the same. Computed from the ranks at hand, so that it is exact with ties too,
/// where the tables of the textbooks are not (Hollander, Wolfe and Chicken, <i>Nonparametric Statistical Methods</i>, 3rd edition, section 3.1,
/// comments 5 and 10; Pratt and Gibbons, <i>Concepts of Nonparametric Theory</i>, section 3.7).
/// Beyond <see cref="ExactLimit"/> values the normal approximation with a continuity correction stands in, whose error is then under 0.0005.
/// </summary>
/// <remarks>Mid-ranks are halves; ranks and sums are doubled throughout, so that all arithmetic on them is of whole numbers.</remarks>
public sealed class SignFlipDistribution
{
    /// <summary>The most values for which every sum is counted: 100 give 10,101 sums, a hundredth of a second's work.</summary>
    public const int ExactLimit = 100;

    /// <summary>Chance of a sum of at least the index; empty beyond <see cref="ExactLimit"/>.</summary>
    private readonly double[] _atLeast;
    private readonly double _mean;
    private readonly double _deviation;
    private readonly long _step;

    /// <param name="doubledRanks">Twice the rank of each value that has a sign; the order does not matter.</param>
    public SignFlipDistribution(IReadOnlyList<int> doubledRanks)
    {
        ArgumentNullException.ThrowIfNull(doubledRanks);
        if (doubledRanks.Any(rank => rank <= 0)) throw new ArgumentException("a rank is above zero", nameof(doubledRanks));
        long total = doubledRanks.Sum(rank => (long)rank);
        _mean = total / 2.0;
        _deviation = Math.Sqrt(doubledRanks.Sum(rank => (double)rank * rank)) / 2;
        _step = doubledRanks.Any(rank => rank % 2 != 0) ? 1 : 2;
        _atLeast = doubledRanks.Count <= ExactLimit ? Tail(doubledRanks, (int)total) : [];
    }

    /// <summary>The distribution of n different values without a zero: the ranks 1 to n.</summary>
    public static SignFlipDistribution Untied(int count) => new([.. Enumerable.Range(1, count).Select(rank => 2 * rank)]);

    /// <summary>The chance of a sum of <paramref name="doubledSum"/> or more.</summary>
    public double AtLeast(long doubledSum)
    {
        if (doubledSum <= 0) return 1;
        if (_atLeast.Length > 0) return doubledSum < _atLeast.Length ? _atLeast[doubledSum] : 0;
        return _deviation == 0 ? 0 : Normal.Above((doubledSum - (_step / 2.0) - _mean) / _deviation);
    }

    /// <summary>The chance of a sum of <paramref name="doubledSum"/> or less: the distribution is symmetric about its mean.</summary>
    public double AtMost(long doubledSum) => AtLeast((long)(2 * _mean) - doubledSum);

    /// <summary>
    /// Value by value: with its rank flipped in or out, each half the time. Halving is exact in binary, and sums of such
    /// halves lose nothing that a chance above 1e-15 would show.
    /// </summary>
    private static double[] Tail(IReadOnlyList<int> doubledRanks, int total)
    {
        double[] chance = new double[total + 1];
        chance[0] = 1;
        int reached = 0;
        foreach (int rank in doubledRanks)
        {
            reached += rank;
            for (int sum = reached; sum >= 0; sum--)
            {
                double with = sum >= rank ? chance[sum - rank] : 0;
                chance[sum] = (chance[sum] + with) / 2;
            }
        }

        // From the rare end, so that small chances are not lost in large ones.
        for (int sum = total - 1; sum >= 0; sum--) chance[sum] += chance[sum + 1];
        return chance;
    }
}
