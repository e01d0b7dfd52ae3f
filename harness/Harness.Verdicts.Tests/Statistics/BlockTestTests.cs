using Harness.Verdicts.Statistics;

namespace Harness.Verdicts.Tests.Statistics;

public sealed class BlockTestTests
{
    private static double[] Blocks(double ratio, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Math.Log(ratio) + (0.004 * (i - ((count - 1) / 2.0)) / count))];

    [Theory]
    [InlineData(0.90, true, 7, BlockAnswer.Worse)]
    [InlineData(1.11, true, 7, BlockAnswer.Better)]
    [InlineData(1.00, true, 7, BlockAnswer.Equivalent)]
    [InlineData(0.98, true, 7, BlockAnswer.Inconclusive)]
    [InlineData(0.90, false, 7, BlockAnswer.Better)]
    [InlineData(1.11, false, 7, BlockAnswer.Worse)]
    [InlineData(0.50, true, 6, BlockAnswer.Inconclusive)] // 2⁻⁶ is over 0.01: six blocks cannot prove anything
    public void There_are_four_answers(double ratio, bool moreIsBetter, int blocks, BlockAnswer expected) =>
        Assert.Equal(expected, BlockTest.Of(Blocks(ratio, blocks), 0.02, moreIsBetter).Answer(0.01));

    [Fact]
    public void Not_found_worse_is_not_equivalent()
    {
        double[] noisy = [-0.2, 0.3, -0.1, 0.25, -0.3, 0.1, 0.05, -0.15];
        Assert.Equal(BlockAnswer.Inconclusive, BlockTest.Of(noisy, 0.02, true).Answer(0.01));
        Assert.Equal(BlockAnswer.Inconclusive, BlockTest.Of([], 0.02, true).Answer(0.01));
    }

    [Fact]
    public void Swapping_candidate_and_baseline_mirrors_the_answer()
    {
        double[] logs = [-0.03, -0.05, -0.01, -0.06, -0.02, -0.04, -0.03];
        BlockTest there = BlockTest.Of(logs, 0.02, true);
        BlockTest back = BlockTest.Of([.. logs.Select(l => -l)], 0.02, true);
        Assert.Equal((there.Worse, there.Better, there.Equivalent), (back.Better, back.Worse, back.Equivalent));
    }

    [Fact]
    public void Holm_multiplies_by_the_tests_that_are_left_and_never_falls() =>
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));

    [Fact]
    public void Two_metrics_together_need_more_than_one_alone()
    {
        BlockTest test = BlockTest.Of(Blocks(0.9, 7), 0.02, true);
        Assert.All(BlockTest.Corrected([test, test]), t => Assert.Equal(BlockAnswer.Inconclusive, t.Answer(0.01)));
        Assert.Equal(BlockAnswer.Worse, Assert.Single(BlockTest.Corrected([test])).Answer(0.01));
    }

    [Theory]
    [InlineData(1, 1, 7)]
    [InlineData(1, 3, 9)]
    [InlineData(8, 1, 10)]
    [InlineData(8, 3, 12)]
    public void The_fewest_blocks_are_those_that_can_reject(int metrics, int looks, int expected) =>
        Assert.Equal(expected, BlocksNeeded.Fewest(0.01, metrics, looks));

    /// <summary>Margin 2 %, 16 blocks, standard deviation of a block 2.5 %: a slowdown of 5 % is found in 98 of 100.</summary>
    [Fact]
    public void The_power_is_what_the_tests_find()
    {
        Assert.Equal(0.98, BlocksNeeded.Power(16, 0.025, 0.05, 0.02, 0.01), 0.01);
        Assert.Equal(0.01, BlocksNeeded.Power(16, 0.025, 0.02, 0.02, 0.01), 0.005);
        Assert.Equal(0, BlocksNeeded.Power(6, 0.025, 0.05, 0.02, 0.01));
        Assert.Equal(BlocksNeeded.Power(60, 0.06, 0.05, 0.02, 0.01), BlocksNeeded.Power(61, 0.06, 0.05, 0.02, 0.01), 0.02);
    }

    [Fact]
    public void Noise_asks_for_as_many_blocks_as_the_wanted_power_takes()
    {
        int quiet = BlocksNeeded.ForPower(0.001, 0.05, 0.02, out _)!.Value;
        int usual = BlocksNeeded.ForPower(0.025, 0.05, 0.02, out _)!.Value;
        int noisy = BlocksNeeded.ForPower(0.08, 0.05, 0.02, out _)!.Value;
        Assert.Equal(7, quiet);
        Assert.True(BlocksNeeded.Power(usual, 0.025, 0.05, 0.02, 0.01) >= 0.95 && BlocksNeeded.Power(usual - 1, 0.025, 0.05, 0.02, 0.01) < 0.95);
        Assert.InRange(noisy, 61, 200);
        Assert.Equal(0.1, BlocksNeeded.Noise([0.1, 0.2, 0.3])!.Value, 12);
        Assert.Null(BlocksNeeded.Noise([0.1]));
    }

    [Theory]
    [InlineData(0.02, 0.02, 0.02, "a margin of 2 % equal to the wanted effect leaves a power of 1 %")]
    [InlineData(0.02, 0.01, 0.02, "lies within the margin")]
    [InlineData(2, 0.05, 0.02, "would take over 1000 blocks")]
    public void What_no_number_of_blocks_can_find_is_refused(double noise, double effect, double margin, string reason)
    {
        Assert.Null(BlocksNeeded.ForPower(noise, effect, margin, out string problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
