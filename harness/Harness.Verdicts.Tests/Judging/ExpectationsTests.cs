using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Tests.Judging;

public sealed class ExpectationsTests
{
    [Theory]
    [InlineData("consume.rate >= 20M/s", 20e6, VerdictKind.Passed)]
    [InlineData("consume.rate > 20M/s", 20e6, VerdictKind.Failed)]
    [InlineData("consume.rate >= 20M/s", 19.9e6, VerdictKind.Failed)]
    [InlineData("consume.bytes >= 600MB/s", 20e6, VerdictKind.Passed)]
    [InlineData("produce.rate >= 1k/s", 20e6, VerdictKind.Passed)]
    [InlineData("produce.bytes >= 601MB/s", 20e6, VerdictKind.Failed)]
    [InlineData("e2e.p99 <= 2ms", 1e6, VerdictKind.Passed)]
    [InlineData("e2e.p99 < 2ms", 1e6, VerdictKind.Failed)]
    [InlineData("publish.p50 < 501us", 1e6, VerdictKind.Passed)]
    [InlineData("publish.max < 1ms", 1e6, VerdictKind.Failed)]
    [InlineData("sealed.publish.p99 <= 100us", 1e6, VerdictKind.Passed)]
    [InlineData("sealed.publish.p99 < 100us", 1e6, VerdictKind.Failed)]
    [InlineData("sealed.e2e.p50 <= 100us", 1e6, VerdictKind.Passed)]
    [InlineData("sealed.e2e.p50 < 100us", 1e6, VerdictKind.Failed)]
    [InlineData("rate.kept >= 100%", 1e6, VerdictKind.Passed)]
    [InlineData("broker.cpu-per-gb <= 30s/GB", 1e6, VerdictKind.Passed)]
    [InlineData("broker.cpu-per-gb < 30s/GB", 1e6, VerdictKind.Failed)]
    [InlineData("broker.memory <= 64MB", 1e6, VerdictKind.Passed)]
    [InlineData("broker.memory < 64MB", 1e6, VerdictKind.Failed)]
    public void An_expectation_passes_or_fails_by_its_metric(string text, double rate, VerdictKind expected) =>
        Assert.Equal(expected, Judge(Make.Run(rate, rate, rate), text).Kind);

    [Fact]
    public void The_median_over_trials_decides()
    {
        Verdict verdict = Judge(Make.Run(10e6, 21e6, 30e6), "consume.rate >= 20M/s");
        Assert.Equal(VerdictKind.Passed, verdict.Kind);
        Assert.Equal("passed (engine): expected consume.rate >= 20M/s; consume.rate 21.0 M msg/s", verdict.Sentence);
        Assert.Equal(["trials: 10.0 M msg/s, 21.0 M msg/s, 30.0 M msg/s", "no interval: 3 trials, and 95 % takes at least 6"], verdict.Evidence);
        Assert.Equal("consume.rate >= 20M/s", verdict.Id);
    }

    [Fact]
    public void The_quick_form_says_that_it_has_no_interval_and_six_trials_have_one()
    {
        Assert.Equal("quick: no interval", Judge(Make.Run(1, 1, 1) with { Quick = true }, "consume.rate >= 1/s").Evidence[1]);
        Assert.Equal(
            "95 % interval of the median: 10.0 M msg/s to 15.0 M msg/s",
            Judge(Make.Run(10e6, 11e6, 12e6, 13e6, 14e6, 15e6), "consume.rate >= 1/s").Evidence[1]);
    }

    [Fact]
    public void A_generator_limited_rate_may_pass_and_cannot_fail()
    {
        Assert.Equal(VerdictKind.Passed, Judge(Make.Run(21e6, 21e6, 21e6).WithAll(Make.Limited), "consume.rate >= 20M/s").Kind);
        Verdict below = Judge(Make.Run(19e6, 19e6, 19e6).WithAll(Make.Limited), "consume.rate >= 20M/s");
        Assert.Equal(VerdictKind.Inconclusive, below.Kind);
        Assert.Contains("the generator limited 3 of 3 trials", below.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, VerdictKind.Passed)]
    [InlineData(-0.2, VerdictKind.Inconclusive)]
    public void A_rate_that_was_kept_was_kept_whoever_set_it(double trend, VerdictKind expected) =>
        Assert.Equal(expected, Judge(Make.Run(1e6).WithAll(t => Make.Limited(t) with { Trend = trend }), "rate.kept >= 95%").Kind);

    [Fact]
    public void A_miss_stands_when_the_limited_trials_could_not_have_changed_the_median() =>
        Assert.Equal(VerdictKind.Failed, Judge(Make.Run(19e6, 19e6, 19e6).With(0, Make.Limited), "consume.rate >= 20M/s").Kind);

    [Fact]
    public void A_limited_trial_bounds_no_latency_and_no_maximum()
    {
        RunResult run = Make.Run(1e6, 1e6, 1e6).With(0, Make.Limited);
        Assert.Equal(VerdictKind.Inconclusive, Judge(run, "e2e.p99 < 1s").Kind);
        Assert.Equal(VerdictKind.Inconclusive, Judge(run, "consume.rate <= 20M/s").Kind);
    }

    [Fact]
    public void What_was_not_measured_is_inconclusive()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { Latency = t.Latency with { EndToEnd = null } });
        Verdict verdict = Judge(run, "e2e.p99 < 1s");
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.EndsWith("e2e.p99 was not measured", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Acks_none_leaves_what_was_sent_as_what_was_produced() =>
        Assert.Equal(
            VerdictKind.Passed,
            Judge(Make.Run(2e6).WithAll(t => t with { Acknowledged = FlowTotals.Zero }), "produce.rate >= 2M/s").Kind);

    [Fact]
    public void Each_expectation_is_judged_for_each_target()
    {
        RunResult run = Make.Run(1e6);
        run = run with { Scenario = run.Scenario with { Targets = ["engine", "other"], Expect = ["consume.rate >= 1/s", "consume.rate >= 2M/s"] } };
        Assert.Equal(
            [("engine", VerdictKind.Passed), ("engine", VerdictKind.Failed), ("other", VerdictKind.Inconclusive), ("other", VerdictKind.Inconclusive)],
            Expectations.Judge(run).Select(v => (v.Target, v.Kind)));
    }

    [Fact]
    public void Each_variant_is_judged_by_its_own_expectations_and_its_own_trials()
    {
        RunResult run = Make.Interleaved(("fast", [30e6, 30e6]), ("slow", [10e6, 10e6]));
        run = run.WithVariant(0, v => v with { Scenario = v.Scenario with { Expect = ["consume.rate >= 20M/s"] } })
            .WithVariant(1, v => v with { Scenario = v.Scenario with { Expect = ["consume.rate >= 20M/s", "consume.rate >= 5M/s"] } });

        Assert.Equal(
            [("fast", "engine", VerdictKind.Passed), ("slow", "engine", VerdictKind.Failed), ("slow", "engine", VerdictKind.Passed)],
            Expectations.Judge(run).Select(v => (v.Variant!, v.Target, v.Kind)));
        Assert.StartsWith("passed (fast on engine): expected consume.rate >= 20M/s; consume.rate 30.0 M msg/s", Expectations.Judge(run)[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_without_a_process_to_look_at_has_no_cost()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { Broker = t.Broker with { UserSeconds = 0, SystemSeconds = 0, AnonymousPeakBytes = 0 } });
        Assert.EndsWith("broker.cpu-per-gb was not measured", Judge(run, "broker.cpu-per-gb < 1s/GB").Sentence, StringComparison.Ordinal);
        Assert.EndsWith("broker.memory was not measured", Judge(run, "broker.memory < 1GB").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_consumer_the_cost_is_of_what_was_produced() =>
        Assert.Equal(VerdictKind.Passed, Judge(Make.Run(1e6).WithAll(t => t with { Consumed = FlowTotals.Zero }), "broker.cpu-per-gb <= 30s/GB").Kind);

    private static Verdict Judge(RunResult run, string expectation) =>
        Assert.Single(Expectations.Judge(run with { Scenario = run.Scenario with { Expect = [expectation] } }));
}
