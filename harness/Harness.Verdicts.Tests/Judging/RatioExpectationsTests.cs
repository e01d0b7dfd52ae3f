using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Tests.Judging;

public sealed class RatioExpectationsTests
{
    [Theory]
    [InlineData("produce.rate >= 4x slow", VerdictKind.Passed)]
    [InlineData("produce.rate > 4x slow", VerdictKind.Failed)]
    [InlineData("produce.rate >= 4.1x slow", VerdictKind.Failed)]
    [InlineData("produce.rate <= 4x slow", VerdictKind.Passed)]
    [InlineData("consume.rate >= 0.5x slow", VerdictKind.Passed)]
    public void A_figure_is_held_against_anothers_in_the_same_blocks(string text, VerdictKind expected)
    {
        RunResult run = Make.Interleaved(("fast", [8e6, 4e6, 12e6]), ("slow", [2e6, 1e6, 3e6]));
        Verdict verdict = Judge(run, text);
        Assert.Equal(expected, verdict.Kind);
        Assert.Equal("4.000x", verdict.Figure);
        Assert.Equal("blocks: 4.000x, 4.000x, 4.000x", verdict.Evidence[0]);
    }

    [Fact]
    public void Without_an_interval_all_blocks_have_to_agree()
    {
        RunResult run = Make.Interleaved(("fast", [8e6, 10e6]), ("slow", [2e6, 2e6]));
        Assert.Equal(VerdictKind.Passed, Judge(run, "produce.rate >= 4x slow").Kind);
        Assert.Equal(VerdictKind.Failed, Judge(run, "produce.rate >= 6x slow").Kind);
        Verdict between = Judge(run, "produce.rate >= 4.5x slow");
        Assert.Equal(VerdictKind.Inconclusive, between.Kind);
        Assert.Contains("no interval, all blocks have to agree; 2 blocks from 4.000x to 5.000x", between.Sentence, StringComparison.Ordinal);
        Assert.Contains("quick: no interval", Judge(run with { Quick = true }, "produce.rate >= 4x slow").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void With_six_blocks_the_interval_of_the_ratio_decides()
    {
        double[] slow = [1e6, 1e6, 1e6, 1e6, 1e6, 1e6];
        RunResult run = Make.Interleaved(("fast", [4.0e6, 4.2e6, 4.4e6, 4.6e6, 4.8e6, 5.0e6]), ("slow", slow));
        Assert.Equal(VerdictKind.Passed, Judge(run, "produce.rate >= 4x slow").Kind);
        Assert.Equal(VerdictKind.Inconclusive, Judge(run, "produce.rate >= 4.5x slow").Kind);
        Assert.Equal(VerdictKind.Failed, Judge(run, "produce.rate >= 5.1x slow").Kind);
        Assert.Contains("95 % interval 4.000x to 5.000x, 6 blocks", Judge(run, "produce.rate >= 4x slow").Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_broker_is_ranked_by_trials_that_the_generator_limited(int trial)
    {
        RunResult run = Make.Interleaved(("fast", [8e6, 8e6]), ("slow", [2e6, 2e6])).With(trial, Make.Limited);
        Verdict verdict = Judge(run, "produce.rate >= 4x slow");
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains("the generator limited 1 of 8 trials", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_violation_on_either_side_voids_the_ratio()
    {
        RunResult run = Make.Interleaved(("fast", [8e6, 8e6]), ("slow", [2e6, 2e6])).With(1, t => t with { Verification = t.Verification with { Lost = 1 } });
        Assert.Equal(VerdictKind.Invalid, Judge(run, "produce.rate >= 4x slow").Kind);
    }

    [Fact]
    public void What_one_side_did_not_measure_is_inconclusive()
    {
        RunResult run = Make.Interleaved(("fast", [8e6]), ("slow", [2e6])).WithAll(t => t with { Broker = t.Broker with { AnonymousPeakBytes = 0 } });
        Verdict verdict = Judge(run, "broker.memory <= 0.1x slow");
        Assert.Equal((VerdictKind.Inconclusive, null), (verdict.Kind, verdict.Figure));
        Assert.Contains("did not measure broker.memory", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void At_best_each_target_stands_in_the_form_in_which_it_carries_most()
    {
        RunResult run = Make.Interleaved(
            ("small on engine", [4e6, 4e6]), ("large on engine", [9e6, 9e6]), ("small on kafka", [3e6, 3e6]), ("large on kafka", [1e6, 1e6]));
        run = run with
        {
            Variants = [.. run.Variants.Select((v, i) => v with { Target = i < 2 ? "engine" : "kafka", Scenario = v.Scenario with { Expect = i < 2 ? ["produce.rate at best >= 3x kafka"] : [] } })],
        };
        Verdict verdict = Assert.Single(Expectations.Judge(run));
        Assert.Equal((VerdictKind.Passed, "large on engine", "3.000x"), (verdict.Kind, verdict.Variant, verdict.Figure));
        Assert.Contains("of small on kafka", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_is_held_against_the_other_in_the_same_form()
    {
        RunResult run = Make.Interleaved(
            ("small on engine", [4e6, 4e6]), ("large on engine", [9e6, 9e6]), ("small on kafka", [2e6, 2e6]), ("large on kafka", [1e6, 1e6]));
        run = run with
        {
            Variants = [.. run.Variants.Select((v, i) => v with { Target = i < 2 ? "engine" : "kafka", Scenario = v.Scenario with { Expect = i < 2 ? ["produce.rate >= 3x kafka"] : [] } })],
        };
        Assert.Equal(
            [("small on engine", "2.000x", VerdictKind.Failed), ("large on engine", "9.000x", VerdictKind.Passed)],
            Expectations.Judge(run).Select(v => (v.Variant!, v.Figure!, v.Kind)));
    }

    [Fact]
    public void Starts_are_compared_one_by_one()
    {
        RunResult run = Make.Interleaved(("a", [1e6]), ("b", [1e6]));
        run = run.WithVariant(1, v => v with { Target = "kafka" });
        TargetInfo engine = run.Targets[0];
        run = run with { Targets = [engine with { StartSeconds = [0.1, 0.2, 0.1] }, engine with { Name = "kafka", StartSeconds = [3, 3, 3] }] };
        Assert.Equal(VerdictKind.Passed, Judge(run, "broker.start <= 0.1x kafka").Kind);
        Assert.Equal(VerdictKind.Inconclusive, Judge(run, "broker.start <= 0.05x kafka").Kind);
        Assert.Equal(VerdictKind.Passed, Judge(run, "broker.start < 200ms").Kind);
        Assert.Equal(VerdictKind.Inconclusive, Judge(run with { Targets = [engine] }, "broker.start <= 0.1x kafka").Kind);
    }

    [Fact]
    public void Heap_and_idleness_are_the_process_s_own_whoever_set_the_pace()
    {
        RunResult run = Make.Run(1e6).WithAll(t => Make.Limited(t) with { Broker = t.Broker with { GcCount = 0, AllocatedBytes = 10, ResidentPeakBytes = 1 }, Series = Series() });
        run = run with { Scenario = run.Scenario with { Expect = ["broker.collections <= 0", "broker.allocated-per-batch < 1B", "broker.idle-cpu <= 0.5%", "broker.idle-cpu < 0.5%"] } };
        Assert.Equal([VerdictKind.Passed, VerdictKind.Passed, VerdictKind.Passed, VerdictKind.Failed], Expectations.Judge(run).Select(v => v.Kind));
    }

    [Theory]
    [InlineData(0, "0.00 B", VerdictKind.Passed)]
    [InlineData(-3_000_000, "-3.00 MB", VerdictKind.Passed)]
    [InlineData(4_100_000, "4.10 MB", VerdictKind.Failed)]
    public void Memory_that_grows_with_time_is_told_from_what_is_made_once(long grownBytes, string figure, VerdictKind expected)
    {
        SecondSample[] series =
        [
            .. Enumerable.Range(0, 16).Select(i => Second(1000, 0.5) with
            {
                BrokerAnonymousBytes = i < 4 ? 1_000_000 : 20_000_000 + (i % 2 * 1_000_000) + (i >= 12 ? grownBytes : 0),
            }),
        ];
        RunResult run = Make.Run(1e6).WithAll(t => Make.Limited(t) with { Series = series });
        run = run with { Scenario = run.Scenario with { Expect = ["broker.memory-growth <= 4MB", "generator.memory-growth <= 4MB"] } };
        Assert.Equal([(expected, figure), (VerdictKind.Inconclusive, null)], Expectations.Judge(run).Select(v => (v.Kind, v.Figure)));
    }

    [Fact]
    public void Shares_of_ceilings_pass_by_what_was_carried_and_cannot_fail_by_a_limited_generator()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { BarePipelineShare = 0.7, CheckedPipelineShare = 0.95, StageKind = CeilingKinds.SocketToPageCache, StageShare = 0.8 });
        run = run with { Scenario = run.Scenario with { Expect = ["share.bare >= 65%", "share.checked >= 96%", "share.recv-write >= 80%", "share.sendfile >= 1%"] } };
        Assert.Equal(
            [(VerdictKind.Passed, "70 %"), (VerdictKind.Failed, "95 %"), (VerdictKind.Passed, "80 %"), (VerdictKind.Inconclusive, null)],
            Expectations.Judge(run).Select(v => (v.Kind, v.Figure)));
        Assert.Equal(
            [VerdictKind.Passed, VerdictKind.Inconclusive],
            Expectations.Judge(run.WithAll(Make.Limited)).Take(2).Select(v => v.Kind));
    }

    [Fact]
    public void The_brokers_CPU_is_held_against_that_of_bare_calls_and_is_not_judged_where_none_were_measured()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { BrokerCpuOfBare = 1.3 });
        run = run with { Scenario = run.Scenario with { Expect = ["broker.cpu-of-bare <= 150%", "broker.cpu-of-bare <= 120%"] } };
        Assert.Equal([(VerdictKind.Passed, "130 %"), (VerdictKind.Failed, "130 %")], Expectations.Judge(run).Select(v => (v.Kind, v.Figure)));
        Assert.All(Expectations.Judge(run.WithAll(t => t with { BrokerCpuOfBare = null })), v => Assert.Equal(VerdictKind.Inconclusive, v.Kind));
    }

    [Fact]
    public void Publishing_is_held_against_bare_answers_and_is_not_judged_by_a_limited_generator()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { PublishOfBare = 1.3, SealedPublishOfBare = 2.5 });
        run = run with { Scenario = run.Scenario with { Expect = ["publish.of-bare <= 150%", "sealed.publish.of-bare <= 200%"] } };
        Assert.Equal([(VerdictKind.Passed, "130 %"), (VerdictKind.Failed, "250 %")], Expectations.Judge(run).Select(v => (v.Kind, v.Figure)));
        Assert.All(Expectations.Judge(run.WithAll(Make.Limited)), v => Assert.Equal(VerdictKind.Inconclusive, v.Kind));
        Assert.All(Expectations.Judge(run.WithAll(t => t with { PublishOfBare = null, SealedPublishOfBare = null })), v => Assert.Equal(VerdictKind.Inconclusive, v.Kind));
    }

    private static SecondSample[] Series() =>
    [
        Second(1000, 0.9), Second(0, 0.004), Second(0, 0.006),
    ];

    private static SecondSample Second(long messages, double cpu) => new()
    {
        AtSecond = 1,
        LengthSeconds = 1,
        Phase = TrialPhase.Counted,
        SentMessages = messages,
        AcknowledgedMessages = messages,
        ConsumedMessages = messages,
        ConsumedValueBytes = messages * 30,
        BrokerCpuSeconds = cpu,
        GeneratorCpuSeconds = 0,
        DirtyBytes = 0,
    };

    private static Verdict Judge(RunResult run, string expectation) => Assert.Single(
        Expectations.Judge(run.WithVariant(0, v => v with { Scenario = v.Scenario with { Expect = [expectation] } })));
}
