using Harness.Verdicts.Claims;
using Results;

namespace Harness.Verdicts.Judging;

/// <summary>Everything that a finished run has to answer, and the exit code that follows. Pure functions of the result.</summary>
public static class RunVerdicts
{
    /// <summary>The claim's verdict for each variant that puts it to the test first, then the expectations.</summary>
    public static IReadOnlyList<Verdict> Judge(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return [.. ClaimVerdicts.Judge(run), .. Expectations.Judge(run)];
    }

    /// <summary>
    /// The exit code of a run whose <see cref="RunResult.Verdicts"/> are filled in. A run without verdicts passes when
    /// everything was verified; a violation or an unproved absence of loss shows without any verdict too.
    /// </summary>
    public static int ExitCode(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        List<int> codes = [.. run.Verdicts.Select(verdict => ExitCodes.Of(verdict.Kind))];
        if (run.Trials.Any(trial => trial.Verification.Violated))
        {
            codes.Add(ExitCodes.Invalid);
        }

        if (run.Trials.Any(trial => !trial.Verification.Complete))
        {
            codes.Add(ExitCodes.Inconclusive);
        }

        if (run.Outcome.Status == RunStatus.Interrupted || run.Trials.Any(trial => trial.Status == TrialStatus.Interrupted))
        {
            codes.Add(ExitCodes.Interrupted);
        }

        if (run.Outcome.Status == RunStatus.Failed || run.Trials.Any(trial => trial.Status == TrialStatus.Failed))
        {
            codes.Add(ExitCodes.Environment);
        }

        return ExitCodes.Worst(codes.Append(ExitCodes.Passed));
    }
}
