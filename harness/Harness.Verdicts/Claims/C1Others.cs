using Harness.Verdicts.Judging;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>What is told with the headline of C1: other combinations of the target, and other brokers that took turns with it.</summary>
internal static class C1Others
{
    /// <summary>The broker that stood beside the target, and the ratio between them; null without one.</summary>
    public static string? Beside(RunResult run, IReadOnlyList<VariantInfo> own)
    {
        foreach (VariantInfo variant in own)
        {
            VariantInfo? other = InTurnsWith(run, variant);
            if (other is null || Rate(run, other) is not { } rate)
            {
                continue;
            }

            TargetInfo? info = run.Targets.FirstOrDefault(target => target.Name == other.Target);
            string name = info is null ? other.Target : $"{info.Product} {info.Version}";
            PairRatio ratio = PairRatio.Of(run, Costs.Carried, other, variant);
            string limited = RunVariants.TrialsOf(run, variant).Concat(RunVariants.TrialsOf(run, other)).Any(t => t.GeneratorLimits.GeneratorLimited)
                ? " (not ranked: the generator limited trials)"
                : "";
            return $"{name} in turns with it: {Figures.Rate(rate)}; {variant.Target} carries {ratio.Text} as much{limited}, and {WorkOf(run, variant, other)}";
        }

        return null;
    }

    /// <summary>A line for each other combination, and one that says which of them reach the figure.</summary>
    public static IEnumerable<string> Lines(RunResult run, IEnumerable<VariantInfo> combinations)
    {
        List<string> reached = [];
        int measured = 0;
        foreach (VariantInfo variant in combinations)
        {
            Trial[] trials = [.. RunVariants.TrialsOf(run, variant)];
            if (trials.Length == 0 || Obstacle.Of(run, variant, trials) is { } obstacle && obstacle.Kind == VerdictKind.Invalid)
            {
                yield return $"{Name(variant)}: {(trials.Length == 0 ? "not run" : "void")}";
                continue;
            }

            measured++;
            CarriedRate[] carried = [.. trials.Select(trial => CarriedRate.Of(trial, variant.Scenario.Consumers.Groups))];
            double messages = Median.Of(carried.Select(c => c.MessagesPerSecond));
            double bytes = Median.Of(carried.Select(c => c.ValueBytesPerSecond));
            bool reaches = messages >= ClaimC1.MessagesPerSecond && bytes >= ClaimC1.ValueBytesPerSecond;
            if (reaches) reached.Add(Name(variant));
            VariantInfo? other = InTurnsWith(run, variant);
            string besides = other is not null && Rate(run, other) is { } rate ? $"; {other.Target}: {Figures.Rate(rate)}" : "";
            yield return $"{Name(variant)}: {Figures.Rate(messages)} at {Figures.ByteRate(bytes)}{(reaches ? ", reaches the figure" : "")}{besides}";
        }

        if (measured > 1)
        {
            yield return reached.Count == 0
                ? $"none of these {measured} combinations reaches the figure"
                : $"{reached.Count} of these {measured} combinations reach the figure: {string.Join("; ", reached)}";
        }
    }

    /// <summary>What is measured in turns with it and is not itself on trial.</summary>
    private static VariantInfo? InTurnsWith(RunResult run, VariantInfo variant) =>
        RunVariants.Of(run).FirstOrDefault(v => v.Point == variant.Point && v.Target != variant.Target && v.Scenario.Claim is null);

    /// <summary>Ratios between brokers mean little without what else each of them did.</summary>
    private static string WorkOf(RunResult run, VariantInfo variant, VariantInfo other)
    {
        string[] differences = [.. WorkDifferences.Of(run, other, variant).Select(difference => difference.Text)];
        return differences.Length == 0 ? "does the same work for a message" : $"has {string.Join(", ", differences)}";
    }

    private static string Name(VariantInfo variant) => ClaimCase.Where(variant) is var where && variant.Settings.Count > 0 ? $"{variant.Target} at {where}" : variant.Name;

    private static double? Rate(RunResult run, VariantInfo variant)
    {
        double[] rates = [.. RunVariants.TrialsOf(run, variant).Select(Costs.Carried.Of).OfType<double>()];
        return rates.Length == 0 ? null : Median.Of(rates);
    }
}
