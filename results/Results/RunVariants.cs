namespace Results;

/// <summary>
/// What was measured against what, read from a document: one rule for whoever plans, judges or tells a run. Documents from before there were
/// variants have their scenario's targets for it.
/// </summary>
public static class RunVariants
{
    /// <summary>A variant with others in its point runs twice in each block, once on the way there and once on the way back: A B C … C B A.</summary>
    private const int TrialsInSharedBlock = 2;

    /// <summary>The run's variants in the order of the plan; of an older document one for each of its targets.</summary>
    public static IReadOnlyList<VariantInfo> Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Variants.Count > 0 ? run.Variants : [.. run.Scenario.Targets.Select(target => OfTarget(run, target))];
    }

    /// <summary>The variant's trials in the order in which they ran.</summary>
    public static IReadOnlyList<Trial> TrialsOf(RunResult run, VariantInfo variant)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(variant);
        return [.. run.Trials.Where(trial => NameOf(trial) == variant.Name)];
    }

    /// <summary>The name of the variant that the trial is one of.</summary>
    public static string NameOf(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial.Variant ?? trial.Target;
    }

    /// <summary>How often a variant runs in each block: a variant alone in its point has nothing to be interleaved with.</summary>
    /// <param name="variantsInPoint">How many variants the point has.</param>
    public static int TrialsInBlock(int variantsInPoint) => variantsInPoint > 1 ? TrialsInSharedBlock : 1;

    /// <summary>How many trials of this variant the plan has: its scenario's <c>repeat</c> counts blocks.</summary>
    public static int TrialsPlanned(RunResult run, VariantInfo variant)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(variant);
        int inBlock = run.Variants.Count == 0 ? 1 : TrialsInBlock(run.Variants.Count(other => other.Point == variant.Point));
        return variant.Scenario.Repeat * inBlock;
    }

    private static VariantInfo OfTarget(RunResult run, string target) => new()
    {
        Name = target,
        Label = target,
        Target = target,
        Point = 0,
        Settings = new Dictionary<string, string>(),
        Scenario = run.Scenario with { Targets = [target] },
    };
}
