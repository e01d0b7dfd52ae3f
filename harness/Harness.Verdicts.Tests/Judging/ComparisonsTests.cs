using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Tests.Judging;

public sealed class ComparisonsTests
{
    private static readonly double[] Steady = [20e6, 20e6, 20e6, 20e6, 20e6, 20e6, 20e6];
    private static readonly double[] Slower = [18.0e6, 18.2e6, 17.8e6, 18.1e6, 17.9e6, 18.3e6, 17.7e6];

    private static RunResult Pair(double[] candidate) => Make.Interleaved(("sendfile", Steady[..candidate.Length]), ("copy", candidate));

    private static Comparison Of(RunResult run, string metric) => Comparisons.Of(run).Single(c => c.Metric == metric);

    [Fact]
    public void Each_candidate_stands_against_the_point_s_first_variant()
    {
        RunResult run = Make.Interleaved(("a", Steady), ("b", Steady), ("c", Slower));
        Assert.Equal([("a", "b"), ("a", "c")], Comparisons.Of(run).Select(c => (c.Baseline, c.Candidate)).Distinct());
        Assert.Equal(
            ["produce.rate", "consume.rate", "publish.p50", "publish.p99", "e2e.p50", "e2e.p99", "broker.cpu-per-gb", "broker.memory"],
            Comparisons.Of(run).Where(c => c.Candidate == "b").Select(c => c.Metric));
    }

    [Fact]
    public void Seven_blocks_give_a_ratio_with_its_interval()
    {
        Comparison rate = Of(Pair(Slower), "consume.rate");
        Assert.Equal(7, rate.LogRatios.Count);
        Assert.Equal(0.9, rate.Ratio!.Value, 3);
        Assert.Equal(0.890, rate.RatioLow!.Value, 3);
        Assert.Equal(0.910, rate.RatioHigh!.Value, 3);
        Assert.Null(rate.Caution);
        Assert.Equal("consume.rate of copy is 0.900 times that of sendfile (95 % interval 0.890 to 0.910, 7 blocks)", rate.Sentence);
    }

    [Fact]
    public void A_cost_rises_where_the_rate_falls() => Assert.Equal(1 / 0.9, Of(Pair(Slower), "broker.cpu-per-gb").Ratio!.Value, 3);

    [Fact]
    public void The_quick_form_and_few_blocks_have_a_spread_and_no_interval()
    {
        Comparison quick = Of(Pair(Slower) with { Quick = true }, "consume.rate");
        Assert.Null(quick.RatioLow);
        Assert.Contains("(quick: no interval; 7 blocks from 0.885 to 0.915)", quick.Sentence, StringComparison.Ordinal);

        Comparison few = Of(Pair([18e6, 17e6]), "consume.rate");
        Assert.Null(few.RatioHigh);
        Assert.Contains("(no interval: 95 % takes at least 6 blocks; 2 blocks from 0.850 to 0.900)", few.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_with_a_failed_trial_does_not_count_and_that_is_said()
    {
        Comparison rate = Of(Pair(Slower).With(5, t => t with { Status = TrialStatus.Failed }), "consume.rate");
        Assert.Equal(6, rate.LogRatios.Count);
        Assert.Equal("1 of 7 blocks do not count: trial 6 failed", rate.Caution);
        Assert.Contains(rate.Caution!, rate.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_block_gives_no_ratio()
    {
        RunResult run = Pair([18e6]);
        Comparison rate = Of(run with { Trials = [.. run.Trials.Take(2)] }, "consume.rate");
        Assert.Null(rate.Ratio);
        Assert.Empty(rate.LogRatios);
        Assert.Equal("consume.rate of copy is not compared with that of sendfile; no block is complete: trials are missing", rate.Sentence);
    }

    [Fact]
    public void A_violation_voids_the_pair_and_no_other()
    {
        RunResult run = Make.Interleaved(("a", Steady), ("b", Steady), ("c", Steady)).With(1, t => t with { Verification = t.Verification with { Lost = 3 } });
        Assert.All(Comparisons.Of(run).Where(c => c.Candidate == "b"), c =>
        {
            Assert.Null(c.Ratio);
            Assert.Equal("figures void: 3 lost of 200,000,000 messages in trial 2", c.Caution);
        });
        Assert.All(Comparisons.Of(run).Where(c => c.Candidate == "c"), c => Assert.NotNull(c.Ratio));
    }

    [Fact]
    public void A_trial_that_the_generator_limited_does_not_rank() =>
        Assert.Equal("not ranked: the generator limited 1 of 28 trials", Of(Pair(Slower).With(3, Make.Limited), "consume.rate").Caution);

    [Fact]
    public void A_closed_loop_s_latency_says_what_it_hides()
    {
        Assert.Equal("closed loop: a stall delays the next message unseen", Of(Pair(Slower), "e2e.p99").Caution);
        RunResult open = Pair(Slower).WithAll(t => t with { Latency = t.Latency with { ClosedLoop = false } });
        Assert.Null(Of(open, "e2e.p99").Caution);
    }

    [Fact]
    public void What_one_of_them_did_not_measure_is_not_compared()
    {
        RunResult run = Pair(Slower).WithAll(t => t.Variant == "copy" ? t with { Latency = t.Latency with { EndToEnd = null } } : t);
        Assert.DoesNotContain(Comparisons.Of(run), c => c.Metric.StartsWith("e2e", StringComparison.Ordinal));
    }

    [Fact]
    public void Unequal_work_stands_in_the_sentence()
    {
        RunResult run = Pair(Slower).WithVariant(1, v => v with
        {
            Target = "engine+record.validation=full",
            Scenario = v.Scenario with { Producers = v.Scenario.Producers with { Compression = "lz4", Acks = "all", BatchBytes = 64 << 10 } },
        });
        Assert.EndsWith(
            "; copy has acks all instead of leader, compression lz4 instead of none, record validation full instead of unknown, batch 64 KiB instead of 512 KiB",
            Of(run, "consume.rate").Sentence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Points_are_compared_each_for_itself_and_a_lone_variant_with_nothing()
    {
        RunResult run = Pair(Slower);
        VariantInfo alone = run.Variants[0] with { Name = "alone", Point = 1 };
        Assert.DoesNotContain(Comparisons.Of(run with { Variants = [.. run.Variants, alone] }), c => c.Point == 1);
        Assert.Empty(Comparisons.Of(Make.Run(1e6)));
    }
}
