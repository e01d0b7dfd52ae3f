using Harness.Verdicts.Expressions;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Judging;

/// <summary>
/// Judges the <c>expect</c> lines of each variant's own scenario by the median over that variant's trials.
/// A pure function of the result.
/// </summary>
public static class Expectations
{
    public static IReadOnlyList<Verdict> Judge(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return [.. RunVariants.Of(run).SelectMany(variant => variant.Scenario.Expect.Select(text => Judge(run, variant, text)).OfType<Verdict>())];
    }

    /// <summary>Null for what another variant of the target answers.</summary>
    private static Verdict? Judge(RunResult run, VariantInfo variant, string text)
    {
        if (!Expectation.TryParse(text, out Expectation? expectation, out string problem))
        {
            throw new ArgumentException($"the scenario is not resolved: {problem}", nameof(run));
        }

        if (expectation!.Baseline is not null)
        {
            return RatioExpectations.Judge(run, variant, expectation);
        }

        IReadOnlyList<Trial> trials = RunVariants.TrialsOf(run, variant);
        if (Obstacle.Of(run, variant, trials) is { } obstacle)
        {
            return Answer(obstacle.Kind, variant, text, obstacle.Cause, []);
        }

        Metric metric = expectation.Metric;
        double?[] measured = metric.OfTarget is null ? [.. trials.Select(metric.Of)] : [.. OfTarget(run, metric, variant).Select(value => (double?)value)];
        if (measured.Length == 0 || measured.Any(value => value is null))
        {
            return Answer(VerdictKind.Inconclusive, variant, text, $"{metric.Name} was not measured", []);
        }

        double[] values = [.. measured.OfType<double>()];
        (VerdictKind kind, string cause) = Compare(expectation, trials, values);
        string median = Figures.Of(metric.Kind, Median.Of(values));
        string figure = $"{metric.Name} {median}{(cause.Length > 0 ? $", {cause}" : "")}";
        return Answer(kind, variant, text, figure, Evidence(run, metric, values)) with { Figure = median };
    }

    /// <summary>What was measured of the variant's target.</summary>
    internal static IReadOnlyList<double> OfTarget(RunResult run, Metric metric, VariantInfo variant) =>
        run.Targets.FirstOrDefault(target => target.Name == variant.Target) is { } target ? metric.OfTarget!(target) : [];

    private static (VerdictKind Kind, string Cause) Compare(Expectation expectation, IReadOnlyList<Trial> trials, double[] values)
    {
        LowerBounds bounds = expectation.Metric.OfTarget is null
            ? new([.. trials.Zip(values, (trial, value) => (value, trial.GeneratorLimits.GeneratorLimited))])
            : new([.. values.Select(value => (value, false))]);
        double bound = (double)expectation.Bound.Value;
        string limited = bounds.Limited > 0 ? $"the generator limited {bounds.Limited} of {values.Length} trials" : "";

        // What a limited trial carried it carried: a lower bound of a rate, and of nothing else.
        bool isLowerBound = expectation.Metric.BoundsFromBelow && expectation.Relation.WantsMore();
        if (bounds.Limited > 0 && !isLowerBound && !expectation.Metric.OfTheProcess)
        {
            return (VerdictKind.Inconclusive, limited);
        }

        if (expectation.Relation.Holds(bounds.Carried, bound))
        {
            return (VerdictKind.Passed, "");
        }

        return bounds.Limited > 0 && expectation.Relation.Holds(bounds.Possible, bound)
            ? (VerdictKind.Inconclusive, limited)
            : (VerdictKind.Failed, "");
    }

    private static string[] Evidence(RunResult run, Metric metric, double[] values) =>
    [
        $"trials: {string.Join(", ", values.Select(value => Figures.Of(metric.Kind, value)))}",
        IntervalLine.Of(run.Quick, values, value => Figures.Of(metric.Kind, value)),
    ];

    internal static Verdict Answer(VerdictKind kind, VariantInfo variant, string text, string rest, IReadOnlyList<string> evidence) => new()
    {
        Id = text,
        Target = variant.Target,
        Variant = variant.Name,
        Kind = kind,
        Sentence = $"{VerdictNames.Of(kind)} ({VariantNames.Of(variant)}): expected {text}; {rest}",
        Evidence = evidence,
    };
}
