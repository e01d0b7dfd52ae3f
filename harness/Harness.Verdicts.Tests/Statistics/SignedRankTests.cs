using Harness.Verdicts.Statistics;

namespace Harness.Verdicts.Tests.Statistics;

public sealed class SignedRankTests
{
    /// <summary>Upper tails of the table of the signed-rank statistic (Hollander and Wolfe, table A.4).</summary>
    [Theory]
    [InlineData(5, 15, 1 / 32.0)]
    [InlineData(6, 21, 1 / 64.0)]
    [InlineData(6, 20, 2 / 64.0)]
    [InlineData(6, 19, 3 / 64.0)]
    [InlineData(7, 28, 1 / 128.0)]
    [InlineData(10, 45, 0.042)]
    [InlineData(10, 50, 0.010)]
    [InlineData(15, 90, 0.047)]
    public void The_distribution_is_that_of_the_tables(int count, int sum, double chance) =>
        Assert.Equal(chance, SignFlipDistribution.Untied(count).AtLeast(2L * sum), 3);

    [Fact]
    public void With_ties_it_is_the_count_over_every_flip_of_signs()
    {
        int[] doubled = [3, 3, 6, 9, 9];
        SignFlipDistribution distribution = new(doubled);
        for (int sum = 0; sum <= doubled.Sum() + 1; sum++)
        {
            int asMuch = Enumerable.Range(0, 1 << doubled.Length).Count(flips => doubled.Where((_, i) => (flips >> i & 1) == 1).Sum() >= sum);
            Assert.Equal(asMuch / 32.0, distribution.AtLeast(sum));
            Assert.Equal(1 - distribution.AtLeast(sum + 1), distribution.AtMost(sum), 12);
        }
    }

    [Fact]
    public void Beyond_the_exact_limit_the_normal_approximation_goes_on_where_the_exact_one_ends()
    {
        SignFlipDistribution exact = SignFlipDistribution.Untied(SignFlipDistribution.ExactLimit);
        SignFlipDistribution next = SignFlipDistribution.Untied(SignFlipDistribution.ExactLimit + 1);
        foreach (double z in (double[])[-2, -0.5, 0, 1, 2, 2.5])
        {
            Assert.Equal(exact.AtLeast(DoubledSumAt(z, 100)), next.AtLeast(DoubledSumAt(z, 101)), 2.5e-3);
        }

        static long DoubledSumAt(double z, int n) => 2 * (long)((n * (n + 1) / 4.0) + (z * Math.Sqrt(n * (n + 1) * ((2 * n) + 1) / 24.0)));
    }

    [Fact]
    public void All_on_one_side_has_the_chance_of_as_many_equal_coins()
    {
        double[] values = [.. Enumerable.Range(1, 7).Select(i => 0.05 + (i / 1000.0))];
        Assert.Equal(Math.Pow(2, -7), SignedRankTest.EffectAbove(values, 0.02));
        Assert.Equal(1, SignedRankTest.EffectBelow(values, 0.02));
        Assert.Equal(1, SignedRankTest.EffectAbove([], 0.02));
    }

    [Fact]
    public void A_value_on_the_margin_counts_for_neither_side()
    {
        // Ranks 1 (the zero), 2, 3: of the four ways to flip the two others one reaches 5.
        Assert.Equal(1 / 4.0, SignedRankTest.EffectAbove([0, 1, 2], 0));
        Assert.Equal(1, SignedRankTest.EffectAbove([0, 0, 0], 0));

        // Zeros keep the ranks 1 to 3, so no two others together weigh as little as the third: dropped, 1 and 2 would.
        Assert.Equal(4 / 32.0, SignedRankTest.EffectAbove([0, 0, 0, 5, 4, -3, 2, 1], 0));
        Assert.Equal(5 / 32.0, SignedRankTest.EffectAbove([5, 4, -3, 2, 1], 0));
    }

    [Fact]
    public void Lower_values_never_make_an_effect_more_significant()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            double[] values = [.. Enumerable.Range(0, 9).Select(_ => random.Next(-3, 6) / 2.0)];
            double[] lower = [.. values.Select(v => v - 0.5)];
            Assert.True(SignedRankTest.EffectAbove(lower, 0) >= SignedRankTest.EffectAbove(values, 0), string.Join(' ', values));
        }
    }

    [Fact]
    public void Without_an_effect_a_test_rejects_no_more_often_than_it_may()
    {
        Random random = new(11);
        int rejected = Enumerable.Range(0, 4000).Count(_ =>
            SignedRankTest.EffectAbove([.. Enumerable.Range(0, 10).Select(_ => random.NextDouble() - 0.5)], 0) <= 0.05);
        Assert.InRange(rejected, 120, 240);
    }

    [Fact]
    public void What_is_no_number_is_refused() => Assert.Throws<ArgumentException>(() => SignedRankTest.EffectAbove([1, double.NaN], 0));
}
