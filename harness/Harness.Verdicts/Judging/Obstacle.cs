using Results;

namespace Harness.Verdicts.Judging;

/// <summary>What keeps a variant's trials from being judged by their figures at all.</summary>
/// <param name="Kind">Invalid or inconclusive.</param>
/// <param name="Cause">In words that stand behind the verdict's name and the target.</param>
internal sealed record Obstacle(VerdictKind Kind, string Cause)
{
    /// <summary>
    /// Null where the figures stand. Damage found comes first, since it is proved whatever else happened to the run.
    /// </summary>
    public static Obstacle? Of(RunResult run, VariantInfo variant, IReadOnlyList<Trial> trials)
    {
        if (trials.FirstOrDefault(t => t.Verification.Violated) is { } violated)
        {
            return new Obstacle(VerdictKind.Invalid, $"{Violation(violated)}: no figure stands");
        }

        if (trials.FirstOrDefault(t => t.Status != TrialStatus.Completed) is { } ended)
        {
            string how = ended.Status == TrialStatus.Interrupted ? "was interrupted" : "failed";
            string when = ended.EndedAtSecond is { } second ? FormattableString.Invariant($" at second {second:0.0}") : "";
            return new Obstacle(VerdictKind.Inconclusive, $"trial {ended.Index + 1} {how}{when}{Because(ended.Cause)}");
        }

        if (run.Outcome.Status != RunStatus.Completed)
        {
            string how = run.Outcome.Status == RunStatus.Interrupted ? "was interrupted" : "failed";
            return new Obstacle(VerdictKind.Inconclusive, $"the run {how}{Because(run.Outcome.Cause)}");
        }

        int planned = RunVariants.TrialsPlanned(run, variant);
        if (trials.Count < planned)
        {
            return new Obstacle(VerdictKind.Inconclusive, $"{trials.Count} of {planned} trials ran");
        }

        return trials.FirstOrDefault(t => !t.Verification.Complete) is { } incomplete
            ? new Obstacle(VerdictKind.Inconclusive, $"verification of trial {incomplete.Index + 1} is incomplete: not all that was acknowledged could be read")
            : null;
    }

    /// <summary>What a trial's verification found broken: <c>3 lost, 1 damaged of 714,824,237 messages in trial 2</c>.</summary>
    public static string Violation(Trial trial)
    {
        Verification v = trial.Verification;
        (long Count, string Word)[] counts = [(v.Lost, "lost"), (v.Duplicated, "duplicated"), (v.Reordered, "reordered"), (v.Damaged, "damaged")];
        return string.Join(", ", counts.Where(c => c.Count > 0).Select(c => $"{Figures.Count(c.Count)} {c.Word}"))
            + $" of {Figures.Count(v.Sent)} messages in trial {trial.Index + 1}";
    }

    private static string Because(string? cause) => cause is null ? "" : $": {cause}";
}
