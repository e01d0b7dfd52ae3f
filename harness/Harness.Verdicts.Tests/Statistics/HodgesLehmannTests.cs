using Harness.Verdicts.Statistics;

namespace Harness.Verdicts.Tests.Statistics;

public sealed class HodgesLehmannTests
{
    /// <summary>The depression scores of Hollander and Wolfe, example 3.1: their estimate (example 3.3) and interval of 96 % (example 3.4).</summary>
    [Fact]
    public void It_gives_the_textbook_s_estimate_and_interval()
    {
        double[] differences = [-0.952, 0.147, -1.022, -0.430, -0.620, -0.590, -0.490, 0.080, -0.010];
        HodgesLehmann estimate = HodgesLehmann.Of(differences)!;
        Assert.Equal(-0.46, estimate.Estimate, 3);
        Assert.Equal(-0.786, estimate.Low!.Value, 3);
        Assert.Equal(-0.010, estimate.High!.Value, 3);
    }

    [Fact]
    public void Ninety_five_percent_take_six_blocks()
    {
        Assert.Equal(6, HodgesLehmann.FewestForInterval(0.95));
        Assert.Null(HodgesLehmann.Of([]));
        Assert.Equal(new HodgesLehmann(3, null, null), HodgesLehmann.Of([1, 2, 3, 4, 5]));
        Assert.Equal(new HodgesLehmann(3.5, 1, 6), HodgesLehmann.Of([1, 2, 3, 4, 5, 6]));
    }

    [Fact]
    public void One_disturbed_block_hardly_moves_it() =>
        Assert.InRange(HodgesLehmann.Of([0.01, 0.02, 0.03, 0.02, 0.01, 0.02, 9])!.Estimate, 0.01, 0.03);

    [Fact]
    public void The_interval_covers_the_truth_as_often_as_it_says()
    {
        Random random = new(3);
        int covered = Enumerable.Range(0, 2000).Count(_ =>
        {
            HodgesLehmann e = HodgesLehmann.Of([.. Enumerable.Range(0, 8).Select(_ => random.NextDouble() + random.NextDouble() - 1)])!;
            return e.Low <= 0 && e.High >= 0;
        });
        Assert.InRange(covered, 1900, 1960);
    }

    [Fact]
    public void A_straight_drift_over_the_block_cancels()
    {
        // A B B A while the machine loses 2 % a trial: the candidate is 1.1 times the baseline throughout.
        double[] machine = [1, 0.98, 0.9604, 0.941192];
        double? log = BlockRatio.Of([1.1 * machine[1], 1.1 * machine[2]], [machine[0], machine[3]]);
        Assert.Equal(1.1, Math.Exp(log!.Value), 9);
    }

    [Fact]
    public void A_block_with_a_figure_missing_gives_no_ratio()
    {
        Assert.Null(BlockRatio.Of([1, null], [1, 1]));
        Assert.Null(BlockRatio.Of([1, 1], [0, 1]));
        Assert.Null(BlockRatio.Of([], [1, 1]));
    }
}
