using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Tests.Judging;

public sealed class RunVerdictsTests
{
    [Fact]
    public void The_claim_comes_before_the_expectations()
    {
        RunResult run = Make.Run(21e6);
        run = run with { Scenario = run.Scenario with { Expect = ["consume.rate >= 20M/s"] } };
        Assert.Equal(["C1", "consume.rate >= 20M/s"], RunVerdicts.Judge(run).Select(v => v.Id));
    }

    [Fact]
    public void A_scenario_without_claim_and_expectations_gets_no_verdict_and_passes_when_verified()
    {
        RunResult run = Make.Run(1e6);
        run = run with { Scenario = run.Scenario with { Claim = null } };
        Assert.Empty(RunVerdicts.Judge(run));
        Assert.Equal(ExitCodes.Passed, RunVerdicts.ExitCode(run));
    }

    [Theory]
    [InlineData(21e6, ExitCodes.Passed)]
    [InlineData(1e6, ExitCodes.Failed)]
    public void The_claims_verdict_decides_the_exit_code(double rate, int expected) => Assert.Equal(expected, Code(Make.Run(rate)));

    [Fact]
    public void The_exit_code_of_several_is_the_first_of_the_agreed_order()
    {
        RunResult failing = Make.Run(1e6);
        RunResult incomplete = failing.WithAll(t => t with { Verification = t.Verification with { Complete = false } });
        RunResult violated = failing.WithAll(t => t with { Verification = t.Verification with { Reordered = 1 } });
        RunResult broken = violated.WithAll(t => t with { Status = TrialStatus.Failed });
        RunResult interrupted = broken with { Outcome = new RunOutcome(RunStatus.Interrupted, 0, null) };

        Assert.Equal(ExitCodes.Inconclusive, Code(incomplete));
        Assert.Equal(ExitCodes.Invalid, Code(violated));
        Assert.Equal(ExitCodes.Environment, Code(broken));
        Assert.Equal(ExitCodes.Interrupted, Code(interrupted));
        Assert.Equal(ExitCodes.Environment, Code(failing with { Outcome = new RunOutcome(RunStatus.Failed, 0, "x") }));
        Assert.Equal(ExitCodes.Interrupted, Code(failing.WithAll(t => t with { Status = TrialStatus.Interrupted })));
    }

    [Fact]
    public void Every_kind_of_verdict_has_a_name() =>
        Assert.Equal(Enum.GetValues<VerdictKind>().Length, Enum.GetValues<VerdictKind>().Select(VerdictNames.Of).Distinct().Count());

    private static int Code(RunResult run) => RunVerdicts.ExitCode(run with { Verdicts = RunVerdicts.Judge(run) });
}
