using Harness.Verdicts.Claims;
using Results;

namespace Harness.Verdicts.Tests.Claims;

public sealed class ClaimC3ToC5Tests
{
    private const string Direct = "engine+technique.cache=direct";

    [Theory]
    [InlineData(0.8, VerdictKind.NotReproduced, "1.250 times (95 % interval ")]
    [InlineData(0.1, VerdictKind.Inconclusive, "that its writes are appends was not seen from outside")]
    public void The_layouts_on_the_disk_decide_C3_and_nothing_is_reproduced_without_appends_seen(double scattered, VerdictKind expected, string says)
    {
        Verdict verdict = Disk(scattered).Only();
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains(says, verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains(verdict.Evidence, line => line.StartsWith("through the page cache: sequential ", StringComparison.Ordinal));
        Assert.Contains(verdict.Evidence, line => line.StartsWith("not tested here: tens of times on a disk with heads; it takes ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.1, 0.999, VerdictKind.Reproduced)]
    [InlineData(0.1, 0.5, VerdictKind.NotReproduced)]
    [InlineData(0.5, 0.999, VerdictKind.Inconclusive)]
    [InlineData(0.8, 0.999, VerdictKind.NotReproduced)]
    public void With_the_writes_seen_C3_is_decided_by_both(double scattered, double appends, VerdictKind expected)
    {
        Verdict verdict = Disk(scattered).Seen(ClaimC3.Judge, _ => new OutsideProof(appends, null, null));
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains(verdict.Evidence, line => line.StartsWith($"from outside: {Figures.Share(appends)} of the writes into log files continued ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1.8, 0, VerdictKind.Reproduced, "seen from outside: sendfile with it, none without")]
    [InlineData(1.8, 7, VerdictKind.Inconclusive, "the setting did not do what it says, by its system calls")]
    [InlineData(0.7, 0, VerdictKind.NotReproduced, "copying costs the broker 0.700 times")]
    [InlineData(1.0, 0, VerdictKind.Inconclusive, "copying costs the broker 1.000 times")]
    public void With_the_calls_seen_C5_is_decided_and_a_setting_that_lies_is_caught(double copy, long sendfilesOfCopy, VerdictKind expected, string says)
    {
        Verdict verdict = new ClaimRun("C5").Point(6, new Measured("engine"), Measured.Costing("engine+technique.transfer=copy", copy))
            .Seen(ClaimC5.Judge, trials => trials.First().Target == "engine" ? new OutsideProof(1, 1000, 3) : new OutsideProof(1, sendfilesOfCopy, 2000));
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains(says, verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_without_switches_is_not_tested_on_C3_C5_and_C6()
    {
        foreach (string claim in (string[])["C3", "C5", "C6"])
        {
            Verdict verdict = new ClaimRun(claim).Point(6, new Measured("kafka")).Only();
            Assert.Equal((VerdictKind.NotTestedHere, "kafka"), (verdict.Kind, verdict.Target));
            Assert.Contains(verdict.Evidence, line => line.Contains("--target engine", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(0, 0.5, 1_000_000, VerdictKind.Reproduced)]
    [InlineData(50_000_000, 0.5, 1_000_000, VerdictKind.NotReproduced)]
    [InlineData(0, 1.5, 1_000_000, VerdictKind.NotReproduced)]
    [InlineData(0, 1, 1_000_000, VerdictKind.Inconclusive)]
    [InlineData(0, 0.5, 0, VerdictKind.Inconclusive)]
    public void The_tails_reads_of_the_device_and_a_cold_reader_decide_C4(long tailReads, double coldRate, long coldReads, VerdictKind expected)
    {
        Verdict verdict = Tail(tailReads, coldRate, coldReads).Only();
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains("at the tail ", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains(verdict.Evidence, line => line.StartsWith("catching up: from memory ", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_the_devices_reads_cannot_be_seen_C4_stays_open()
    {
        Verdict verdict = Tail(0, 0.5, 1000).Only(run => run.WithAll(trial => trial with { Broker = trial.Broker with { DeviceReadBytes = null } }));
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains(verdict.Evidence, line => line.StartsWith("not tested here: that the tail is read from memory; it takes ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1.8, VerdictKind.Inconclusive, "that it sends by sendfile was not seen from outside")]
    [InlineData(0.7, VerdictKind.NotReproduced, "copying costs the broker 0.700 times (95 % interval ")]
    public void The_brokers_CPU_decides_C5_and_nothing_is_reproduced_without_its_calls_seen(double copy, VerdictKind expected, string says)
    {
        Verdict verdict = new ClaimRun("C5").Point(6, new Measured("engine"), Measured.Costing("engine+technique.transfer=copy", copy)).Only();
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains(says, verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_copying_wins_C5_says_so()
    {
        Verdict verdict = new ClaimRun("C5")
            .Point(6, new Measured("engine"), Measured.Costing("engine+technique.transfer=copy", 1.8))
            .Point(6, new Measured("engine") { At = "10KiB" }, Measured.Costing("engine+technique.transfer=copy", 0.9, "10KiB")).Only();
        Assert.Contains("copying wins at message.size 10KiB", verdict.Evidence);
        Assert.Contains("less at message.size 10KiB", verdict.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("C2")]
    [InlineData("C3")]
    [InlineData("C4")]
    [InlineData("C5")]
    [InlineData("C6")]
    public void A_run_that_was_broken_off_leaves_every_claim_open(string claim)
    {
        Verdict verdict = new ClaimRun(claim).Point(6, new Measured("engine"), Measured.Carrying("engine+technique.log=scattered", 0.1))
            .Only(run => run with { Trials = [.. run.Trials.Take(5)], Outcome = new RunOutcome(RunStatus.Interrupted, ExitCodes.Interrupted, "interrupted") });
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains("the run was interrupted", verdict.Sentence, StringComparison.Ordinal);
    }

    private static ClaimRun Disk(double scattered) => new ClaimRun("C3")
        .Point(6, new Measured("engine"), Measured.Carrying("engine+technique.log=scattered", 0.95))
        .Point(6, new Measured(Direct), Measured.Carrying($"{Direct}+technique.log=scattered", scattered));

    private static ClaimRun Tail(long tailReads, double coldRate, long coldReads) => new ClaimRun("C4")
        .Point(6, new Measured("engine") { Trial = trial => Reading(trial, tailReads) })
        .Point(
            6,
            new Measured("engine") { Scenario = scenario => Mode(scenario, "catch-up"), Trial = trial => Reading(trial, 0) },
            Measured.Carrying("engine", coldRate) with
            {
                Scenario = scenario => Mode(scenario, "cold"),
                Trial = trial => Reading(Measured.Carrying("engine", coldRate).Trial(trial), coldReads),
            });

    private static Trial Reading(Trial trial, long bytes) => trial with { Broker = trial.Broker with { DeviceReadBytes = bytes } };

    private static ScenarioInfo Mode(ScenarioInfo scenario, string mode) => scenario with { Consumers = scenario.Consumers with { Mode = mode } };
}
