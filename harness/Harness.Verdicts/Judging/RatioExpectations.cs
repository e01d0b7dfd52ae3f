using Harness.Verdicts.Expressions;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Judging;

/// <summary>
/// Judges a variant's figure as a multiple of another's, by the blocks in which both took turns. With six blocks and more the 95 % interval of the
/// ratio decides; with fewer, all blocks have to agree. Where the generator limited a trial of either, no broker is ranked. A pure function of the
/// result.
/// </summary>
internal static class RatioExpectations
{
    private const int Digits = 9;

    /// <summary>Null for a variant that is not the one in which its target is at its best, where that is asked.</summary>
    public static Verdict? Judge(RunResult run, VariantInfo variant, Expectation expectation)
    {
        IReadOnlyList<VariantInfo> point = [.. RunVariants.Of(run).Where(other => other.Point == variant.Point)];
        if (expectation.AtBest && BestOf(run, [.. point.Where(other => other.Target == variant.Target)]) != variant)
        {
            return null;
        }

        VariantInfo? baseline = expectation.AtBest
            ? BestOf(run, [.. point.Where(other => other.Target == expectation.Baseline)])
            : RatioBaseline.Of(point, variant, expectation.Baseline!);
        if (baseline is null)
        {
            return Answer(VerdictKind.Inconclusive, variant, expectation, $"{expectation.Baseline} did not run", []);
        }

        foreach (VariantInfo side in (VariantInfo[])[variant, baseline])
        {
            if (Obstacle.Of(run, side, RunVariants.TrialsOf(run, side)) is { } obstacle)
            {
                return Answer(obstacle.Kind, variant, expectation, $"{VariantNames.Of(side)}: {obstacle.Cause}", []);
            }
        }

        return expectation.Metric.OfTarget is null ? ByBlocks(run, variant, baseline, expectation) : ByStarts(run, variant, baseline, expectation);
    }

    private static Verdict ByBlocks(RunResult run, VariantInfo variant, VariantInfo baseline, Expectation expectation)
    {
        Metric metric = expectation.Metric;
        PairedTrials trials = PairedTrials.Of(run, baseline, variant);
        double[] logs = trials.LogRatios(metric);
        if (logs.Length == 0)
        {
            return Answer(VerdictKind.Inconclusive, variant, expectation, string.Join("; ", trials.Cautions(metric, 0)), []);
        }

        string differences = string.Join(", ", WorkDifferences.Of(run, baseline, variant).Select(d => d.Text));
        string work = differences.Length == 0 ? "" : $"; {variant.Name} has {differences}";
        string sides = $"{Middle(metric, trials.Candidate)} against {Middle(metric, trials.Baseline)} of {VariantNames.Of(baseline)}";
        int limited = trials.Candidate.Concat(trials.Baseline).Count(trial => trial.GeneratorLimits.GeneratorLimited);
        (VerdictKind kind, string certainty) = limited > 0
            ? (VerdictKind.Inconclusive, $"the generator limited {limited} of {trials.Candidate.Count + trials.Baseline.Count} trials")
            : Decide(run, logs, expectation);
        return Told(kind, variant, expectation, logs, sides + work, certainty);
    }

    private static Verdict ByStarts(RunResult run, VariantInfo variant, VariantInfo baseline, Expectation expectation)
    {
        Metric metric = expectation.Metric;
        IReadOnlyList<double> own = Expectations.OfTarget(run, metric, variant);
        IReadOnlyList<double> other = Expectations.OfTarget(run, metric, baseline);
        double[] logs = [.. own.Zip(other, (c, b) => BlockRatio.Of([c], [b])).OfType<double>()];
        if (logs.Length == 0)
        {
            return Answer(VerdictKind.Inconclusive, variant, expectation, $"{metric.Name} was not measured", []);
        }

        string sides = $"{Figures.Of(metric.Kind, Median.Of(own))} against {Figures.Of(metric.Kind, Median.Of(other))} of {VariantNames.Of(baseline)}";
        (VerdictKind kind, string certainty) = Decide(run, logs, expectation);
        return Told(kind, variant, expectation, logs, sides, certainty);
    }

    private static (VerdictKind Kind, string Certainty) Decide(RunResult run, double[] logs, Expectation expectation)
    {
        double bound = (double)expectation.Bound.Value;
        string blocks = $"{logs.Length} block{(logs.Length == 1 ? "" : "s")}";
        if (!run.Quick && HodgesLehmann.Of(logs) is { Low: { } low, High: { } high })
        {
            (double from, double to) = (Of(low), Of(high));
            return (Agreed(expectation, bound, [from, to]), $"95 % interval {Figures.Ratio(from)}x to {Figures.Ratio(to)}x, {blocks}");
        }

        double[] each = [.. logs.Select(Of)];
        string why = run.Quick ? "quick: no interval" : "no interval, all blocks have to agree";
        return (Agreed(expectation, bound, each), $"{why}; {blocks} from {Figures.Ratio(each.Min())}x to {Figures.Ratio(each.Max())}x");
    }

    /// <summary>Four times as much is 4, whatever its logarithm was rounded to.</summary>
    private static double Of(double log) => Math.Round(Math.Exp(log), Digits);

    private static VerdictKind Agreed(Expectation expectation, double bound, double[] ratios)
    {
        int holding = ratios.Count(ratio => expectation.Relation.Holds(ratio, bound));
        return holding == ratios.Length ? VerdictKind.Passed : holding == 0 ? VerdictKind.Failed : VerdictKind.Inconclusive;
    }

    private static Verdict Told(VerdictKind kind, VariantInfo variant, Expectation expectation, double[] logs, string sides, string certainty)
    {
        string ratio = Figures.Ratio(Math.Exp(HodgesLehmann.Of(logs)!.Estimate)) + "x";
        Verdict verdict = Answer(kind, variant, expectation, $"{expectation.Metric.Name} {ratio}: {sides}; {certainty}", [
            $"blocks: {string.Join(", ", logs.Select(log => Figures.Ratio(Math.Exp(log)) + "x"))}",
            certainty,
        ]);
        return verdict with { Figure = ratio };
    }

    /// <summary>The one that carries most bytes of values; without any trial the first.</summary>
    private static VariantInfo? BestOf(RunResult run, IReadOnlyList<VariantInfo> variants) =>
        variants.OrderByDescending(variant => Median.Of(RunVariants.TrialsOf(run, variant).Select(Carried).DefaultIfEmpty(0))).FirstOrDefault();

    private static double Carried(Trial trial) =>
        trial.WindowSeconds > 0 ? (trial.Consumed.ValueBytes > 0 ? trial.Consumed : trial.Acknowledged).ValueBytes / trial.WindowSeconds : 0;

    private static string Middle(Metric metric, IReadOnlyList<Trial> trials) => Figures.Of(metric.Kind, Median.Of(trials.Select(metric.Of).OfType<double>()));

    private static Verdict Answer(VerdictKind kind, VariantInfo variant, Expectation expectation, string rest, IReadOnlyList<string> evidence) =>
        Expectations.Answer(kind, variant, expectation.Text, rest, evidence);
}
