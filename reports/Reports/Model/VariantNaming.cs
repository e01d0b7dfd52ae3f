using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>A run's variants as a report speaks of them.</summary>
internal static class VariantNaming
{
    /// <summary>Variants that have trials, in the order of the plan; then those that only trials speak of.</summary>
    public static IReadOnlyList<VariantInfo> Measured(RunResult run)
    {
        HashSet<string> names = [.. run.Trials.Select(RunVariants.NameOf)];
        VariantInfo[] known = [.. RunVariants.Of(run).Where(v => names.Remove(v.Name))];
        return [.. known, .. names.Select(name => Unplanned(run, name))];
    }

    /// <summary>The scenario that the trial ran.</summary>
    public static ScenarioInfo ScenarioOf(RunResult run, Trial trial) =>
        run.Variants.FirstOrDefault(v => v.Name == RunVariants.NameOf(trial))?.Scenario ?? run.Scenario;

    public static string Of(Trial trial) => PlainText.OneLine(RunVariants.NameOf(trial));

    /// <summary>What a verdict is about: <c>C1 on engine</c>, <c>consume.rate >= 20M/s for copy on engine</c>.</summary>
    public static string About(Verdict verdict)
    {
        string variant = verdict.Variant ?? verdict.Target;
        string about = variant.Contains(verdict.Target, StringComparison.Ordinal) ? $"{verdict.Id} on {variant}" : $"{verdict.Id} for {variant} on {verdict.Target}";
        return PlainText.OneLine(about);
    }

    /// <summary>The point of the matrix in words: <c>message.size 100B, producers.count 2</c>; empty without a matrix.</summary>
    public static string Point(VariantInfo variant) =>
        PlainText.OneLine(string.Join(", ", variant.Settings.Select(s => $"{s.Key} {s.Value}")));

    /// <summary>A document may hold trials of a target that its scenario does not list: they are shown all the same.</summary>
    private static VariantInfo Unplanned(RunResult run, string name) => new()
    {
        Name = name,
        Label = name,
        Target = name,
        Point = 0,
        Settings = new Dictionary<string, string>(),
        Scenario = run.Scenario,
    };
}
