using Harness.Verdicts.Statistics;

namespace Harness.Verdicts.Tests.Statistics;

public sealed class MedianTests
{
    [Fact]
    public void The_median_is_the_middle_or_the_mean_of_the_two_in_the_middle()
    {
        Assert.Equal(2, Median.Of([9, 1, 2]));
        Assert.Equal(2.5, Median.Of([9, 1, 2, 3]));
        Assert.Throws<ArgumentException>(() => Median.Of([]));
    }

    [Fact]
    public void The_nearest_trial_to_the_median_stands_for_all() => Assert.Equal(2, Median.IndexNearest([9, 1, 3, 4.5]));

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(11, 2)]
    [InlineData(12, 3)]
    [InlineData(20, 6)]
    public void The_interval_is_the_narrowest_pair_of_order_statistics_with_95_percent(int count, int rank)
    {
        // Ranks from the binomial tables for the sign test: n = 9 gives the second of each end, n = 20 the sixth.
        (double Low, double High)? interval = Median.Interval(Enumerable.Range(1, count).Select(i => (double)i));
        Assert.Equal(rank == 0 ? null : (rank, count + 1 - rank), interval);
    }

    [Fact]
    public void The_spread_is_the_range_over_the_median()
    {
        Assert.Equal(0.2, Median.Spread([9.0, 10, 11]), 12);
        Assert.Equal(0, Median.Spread([5.0]));
        Assert.Equal(0, Median.Spread([0.0, 0]));
    }
}
