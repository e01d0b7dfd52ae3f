using Harness.Verdicts.Claims;
using Results;

namespace Harness.Verdicts.Tests.Claims;

public sealed class ClaimC1Tests
{
    private const string Conditions = "conditions: 30 B random, uncompressed, acks leader, batch 512 KiB, linger 5 ms, 5 in flight, 1 partition, 1 producer, "
        + "tail consumer at most 32 MiB behind, page cache without fsync, ring in memory";

    [Fact]
    public void Both_figures_reached_by_the_median_reproduce_the_claim()
    {
        Verdict verdict = Judge(Make.Run(19e6, 21.4e6, 22e6));
        Assert.Equal(VerdictKind.Reproduced, verdict.Kind);
        Assert.Equal("C1", verdict.Id);
        Assert.Equal("engine", verdict.Target);
        Assert.Equal(
            "reproduced here (engine): 21.4 M msg/s at 642 MB/s of values, 107 % of the claim's 20 M msg/s, "
                + $"81 % of what this machine's bare pipeline carries, limited by CPU of the machine: both full; {Conditions}",
            verdict.Sentence);
    }

    [Fact]
    public void A_median_below_is_not_reproduced_and_says_how_far()
    {
        Verdict verdict = Judge(Make.Run(12e6, 12.2e6, 25e6));
        Assert.Equal(VerdictKind.NotReproduced, verdict.Kind);
        Assert.StartsWith(
            "not reproduced here (engine): 12.2 M msg/s at 366 MB/s of values, 61 % of the claim's 20 M msg/s, 46 % of what this machine's bare pipeline carries",
            verdict.Sentence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Enough_messages_with_too_few_bytes_do_not_reproduce_it()
    {
        RunResult run = Make.Run(21e6).WithAll(t => t with { Acknowledged = Make.Flow(210_000_000, 20), Consumed = Make.Flow(210_000_000, 20) });
        Verdict verdict = Judge(run);
        Assert.Equal(VerdictKind.NotReproduced, verdict.Kind);
        Assert.Contains("105 % of the claim's 20 M msg/s and 70 % of its 600 MB/s", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_was_both_acknowledged_and_consumed_counts()
    {
        RunResult run = Make.Run(30e6);
        Assert.Equal(VerdictKind.NotReproduced, Judge(run.WithAll(t => t with { Consumed = Make.Flow(100_000_000, 30) })).Kind);
        Assert.Equal(VerdictKind.NotReproduced, Judge(run.WithAll(t => t with { Acknowledged = Make.Flow(100_000_000, 30) })).Kind);
        Assert.Equal(VerdictKind.Reproduced, Judge(run.WithAll(t => t with { Acknowledged = FlowTotals.Zero })).Kind);
    }

    [Fact]
    public void Two_groups_that_read_everything_do_not_double_the_rate()
    {
        RunResult run = Make.Run(15e6).WithAll(t => t with { Acknowledged = Make.Flow(300_000_000, 30), Consumed = Make.Flow(300_000_000, 30) });
        run = run with { Scenario = run.Scenario with { Consumers = new ConsumersInfo(1, 2, "native", "tail", 32 << 20) } };
        Verdict verdict = Judge(run);
        Assert.Equal(VerdictKind.NotReproduced, verdict.Kind);
        Assert.Contains("tail consumer in each of 2 groups at most 32 MiB behind", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generator_limited_run_below_the_claim_is_inconclusive_and_above_it_reproduces()
    {
        Verdict below = Judge(Make.Run(15e6, 15e6, 15e6).WithAll(Make.Limited));
        Assert.Equal(VerdictKind.Inconclusive, below.Kind);
        Assert.StartsWith(
            "inconclusive (engine): the generator limited 3 of 3 trials, so the broker may carry more than 15.0 M msg/s", below.Sentence, StringComparison.Ordinal);
        Assert.Equal(VerdictKind.Reproduced, Judge(Make.Run(21e6).WithAll(Make.Limited)).Kind);
        Assert.Equal(VerdictKind.NotReproduced, Judge(Make.Run(15e6, 15e6, 15e6).With(2, Make.Limited)).Kind);
    }

    [Fact]
    public void A_run_that_verifies_less_than_everything_is_inconclusive()
    {
        RunResult run = Make.Run(30e6);
        RunResult unordered = run with { Scenario = run.Scenario with { Verify = new VerifyInfo(true, true, false, true) } };
        Assert.Equal(VerdictKind.Inconclusive, Judge(unordered).Kind);
        RunResult unread = run with { Scenario = run.Scenario with { Consumers = new ConsumersInfo(1, 1, "native", "none", 32 << 20) } };
        Assert.Equal(VerdictKind.Inconclusive, Judge(unread).Kind);
        Assert.Contains("no consumer", Judge(unread).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_without_trials_is_inconclusive()
    {
        Verdict verdict = ClaimC1.Judge(Make.Run(30e6), Make.Variant("kafka"));
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains("0 of 1 trials ran", verdict.Sentence, StringComparison.Ordinal);
        Assert.Empty(verdict.Evidence);
    }

    [Fact]
    public void An_undecided_limit_and_an_unmeasured_pipeline_are_said_so()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { LimitedBy = "undecided: nothing stands out", BarePipelineShare = null });
        Assert.Contains(
            ", this machine's bare pipeline not measured, what limited it is undecided: nothing stands out; conditions", Judge(run).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log.flush.interval.messages", "1", "fsync before each acknowledgement")]
    [InlineData("flush.messages", "500", "fsync every 500 messages")]
    [InlineData("log.flush.interval.ms", "1000", "fsync every 1000 ms")]
    [InlineData("log.flush.interval.messages", "9223372036854775807", "page cache without fsync")]
    [InlineData("log.flush.interval.ms", "null", "page cache without fsync")]
    public void The_durability_comes_from_the_brokers_own_configuration(string key, string value, string expected)
    {
        RunResult run = Make.Run(1e6);
        run = run with { Targets = [run.Targets[0] with { Configuration = new Dictionary<string, string> { [key] = value } }] };
        Assert.Contains(expected, Judge(run).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageRegime.Burst, "burst within the dirty limits")]
    [InlineData(StorageRegime.Sustained, "sustained writing to the device")]
    [InlineData(StorageRegime.Mixed, "storage regime between burst and sustained")]
    public void The_storage_regime_is_named(StorageRegime regime, string expected) =>
        Assert.EndsWith(
            expected, Judge(Make.Run(1e6).WithAll(t => t with { Storage = t.Storage with { Regime = regime } })).Sentence, StringComparison.Ordinal);

    [Fact]
    public void Different_regimes_and_several_of_everything_are_named_too()
    {
        RunResult run = Make.Run(1e6, 1e6).With(0, t => t with { Storage = t.Storage with { Regime = StorageRegime.Burst } });
        run = run with
        {
            Scenario = run.Scenario with
            {
                Topic = run.Scenario.Topic with { Partitions = 4 },
                Producers = run.Scenario.Producers with { Count = 2, Compression = "lz4" },
                Consumers = run.Scenario.Consumers with { Count = 3 },
            },
        };
        Assert.EndsWith(
            "30 B random, lz4, acks leader, batch 512 KiB, linger 5 ms, 5 in flight, 4 partitions, 2 producers, 3 tail consumers at most 32 MiB behind, "
                + "page cache without fsync, storage regime between burst and sustained",
            Judge(run).Sentence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_evidence_lists_what_decided()
    {
        IReadOnlyList<string> evidence = Judge(Make.Run(12e6, 12.3e6, 20e6) with { Quick = true }).Evidence;
        Assert.Equal(
            [
                "trials: 12.0 M msg/s, 12.3 M msg/s, 20.0 M msg/s; median 12.3 M msg/s, spread 65 %; 1 of 3 reached the claim",
                "quick: no interval",
                "sent 12.3 M msg/s, acknowledged 12.3 M msg/s, consumed 12.3 M msg/s (medians); 467 MB/s of record batches",
                "verified, warm-up and drain included: 443,000,000 sent, 443,000,000 acknowledged, 443,000,000 delivered; "
                    + "0 lost, 0 duplicated, 0 reordered, 0 damaged; every byte of every value",
                "bare pipeline 1.00 GB/s beside the trials: 46 %, 47 %, 76 % of it carried",
                "null sink 50.0 M msg/s: 40 % of it used (limited from 80 %)",
                "null source: not measured",
                "in-flight window full for 90 % of the time",
                "CPUs in use: broker 0.90, generator 1.05; broker 2.44 CPU s a GB of values",
                "allocated a message: broker 0.0000 B, generator 0.0100 B",
                "end to end p50 1.00 ms, p99 2.00 ms, p99.9 4.00 ms, medians of trials (closed loop: a stall delays the next message unseen)",
                "storage: 2 % reached the device",
                "steady: no trend over any counted window",
                "trial 1 limited by CPU of the machine: both full",
                "trial 2 limited by CPU of the machine: both full",
                "trial 3 limited by CPU of the machine: both full",
            ],
            evidence);
    }

    [Fact]
    public void Trials_that_were_not_steady_are_named_in_the_evidence() =>
        Assert.Contains(
            "not steady: trial 2 (-12.0 %)", Judge(Make.Run(1e6, 1e6).With(1, t => t with { Steady = false, Trend = -0.12 })).Evidence);

    [Fact]
    public void What_a_process_does_not_tell_is_called_not_measured()
    {
        RunResult run = Make.Run(1e6).WithAll(t => t with { Broker = t.Broker with { AllocatedBytes = null }, Latency = t.Latency with { EndToEnd = null } });
        IReadOnlyList<string> evidence = Judge(run).Evidence;
        Assert.Contains("allocated a message: broker not measured, generator 0.0100 B", evidence);
        Assert.DoesNotContain(evidence, line => line.StartsWith("end to end", StringComparison.Ordinal));
    }

    private static Verdict Judge(RunResult run) => ClaimC1.Judge(run, RunVariants.Of(run)[0]);
}
