using Harness.Verdicts.Claims;
using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Tests.Judging;

/// <summary>What keeps any verdict from resting on figures; stated for an expectation and for the claim alike.</summary>
public sealed class ObstacleTests
{
    [Fact]
    public void Any_violation_makes_every_verdict_invalid_and_says_what_was_broken()
    {
        RunResult run = Make.Run(30e6, 30e6, 30e6).With(1, t => t with { Verification = t.Verification with { Lost = 3, Damaged = 1 } });
        AssertBoth(run, VerdictKind.Invalid, "3 lost, 1 damaged of 300,000,000 messages in trial 2: no figure stands");
    }

    [Theory]
    [InlineData("duplicated")]
    [InlineData("reordered")]
    public void Duplicates_and_disorder_are_violations_too(string word)
    {
        RunResult run = Make.Run(30e6).WithAll(t => t with
        {
            Verification = t.Verification with { Duplicated = word == "duplicated" ? 1 : 0, Reordered = word == "reordered" ? 1 : 0 },
        });
        AssertBoth(run, VerdictKind.Invalid, $"1 {word} of");
    }

    [Fact]
    public void A_violation_counts_even_in_a_run_that_failed()
    {
        RunResult run = Make.Run(30e6).WithAll(t => t with { Status = TrialStatus.Failed, Verification = t.Verification with { Duplicated = 1 } });
        AssertBoth(run, VerdictKind.Invalid, "1 duplicated");
    }

    [Fact]
    public void A_trial_that_failed_is_inconclusive_with_its_second_and_cause()
    {
        RunResult run = Make.Run(30e6, 30e6).With(1, t => t with { Status = TrialStatus.Failed, EndedAtSecond = 7.04, Cause = "the engine ended by signal 9" });
        AssertBoth(run, VerdictKind.Inconclusive, "trial 2 failed at second 7.0: the engine ended by signal 9");
    }

    [Fact]
    public void An_interrupted_trial_is_inconclusive()
    {
        RunResult run = Make.Run(30e6).WithAll(t => t with { Status = TrialStatus.Interrupted });
        AssertBoth(run, VerdictKind.Inconclusive, "trial 1 was interrupted");
    }

    [Theory]
    [InlineData(RunStatus.Interrupted, "the run was interrupted")]
    [InlineData(RunStatus.Failed, "the run failed: no space")]
    public void A_run_that_ended_early_is_inconclusive(RunStatus status, string words) =>
        AssertBoth(
            Make.Run(30e6) with { Outcome = new RunOutcome(status, 5, status == RunStatus.Failed ? "no space" : null) },
            VerdictKind.Inconclusive,
            words);

    [Fact]
    public void Missing_trials_are_inconclusive()
    {
        RunResult run = Make.Run(30e6, 30e6);
        AssertBoth(run with { Scenario = run.Scenario with { Repeat = 5 } }, VerdictKind.Inconclusive, "2 of 5 trials ran");
    }

    [Fact]
    public void A_variant_that_shares_its_blocks_runs_twice_in_each()
    {
        RunResult run = Make.Interleaved(("a", [1e6, 1e6, 1e6]), ("b", [1e6, 1e6, 1e6]));
        run = run.WithVariant(1, v => v with { Scenario = v.Scenario with { Expect = ["consume.rate >= 1/s"] } });
        Assert.Equal(VerdictKind.Passed, Assert.Single(Expectations.Judge(run)).Kind);

        Verdict verdict = Assert.Single(Expectations.Judge(run with { Trials = [.. run.Trials.SkipLast(2)] }));
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.EndsWith("5 of 6 trials ran", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variant_alone_at_its_point_runs_once_in_each_block()
    {
        RunResult run = Make.Run(1e6, 1e6);
        VariantInfo variant = RunVariants.Of(run)[0];
        run = run with { Variants = [variant, variant with { Name = "engine, 100B", Point = 1 }] };
        Assert.All(run.Variants, v => Assert.Equal(2, RunVariants.TrialsPlanned(run, v)));
        Assert.Equal(VerdictKind.Reproduced, ClaimC1.Judge(run.WithAll(t => Make.Trial(t.Index, 30e6)), variant).Kind);
    }

    [Fact]
    public void Another_variant_s_violation_does_not_void_a_variant()
    {
        RunResult run = Make.Interleaved(("a", [30e6]), ("b", [30e6])).With(1, t => t with { Verification = t.Verification with { Lost = 1 } });
        Assert.Equal(VerdictKind.Reproduced, ClaimC1.Judge(run, run.Variants[0]).Kind);
        Assert.Equal(VerdictKind.Invalid, ClaimC1.Judge(run, run.Variants[1]).Kind);
    }

    [Fact]
    public void Incomplete_verification_is_inconclusive() =>
        AssertBoth(
            Make.Run(30e6).WithAll(t => t with { Verification = t.Verification with { Complete = false } }),
            VerdictKind.Inconclusive,
            "verification of trial 1 is incomplete");

    private static void AssertBoth(RunResult run, VerdictKind kind, string words)
    {
        run = run with { Scenario = run.Scenario with { Expect = ["consume.rate >= 1/s"] } };
        foreach (Verdict verdict in new[] { ClaimC1.Judge(run, RunVariants.Of(run)[0]), Assert.Single(Expectations.Judge(run)) })
        {
            Assert.Equal(kind, verdict.Kind);
            Assert.Contains(words, verdict.Sentence, StringComparison.Ordinal);
        }
    }
}
