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
        return [.. RunVariants.Of(run).SelectMany(variant => variant.Scenario.Expect.Select(text => Judge(run, variant, text)))];
    }

    private static Verdict Judge(RunResult run, VariantInfo variant, string text)
    {
        if (!Expectation.TryParse(text, out Expectation? expectation, out string problem))
        {
            throw new ArgumentException($"the scenario is not resolved: {problem}", nameof(run));
        }

        IReadOnlyList<Trial> trials = RunVariants.TrialsOf(run, variant);
        if (Obstacle.Of(run, variant, trials) is { } obstacle)
        {
            return Answer(obstacle.Kind, variant, text, obstacle.Cause, []);
        }

        Metric metric = expectation!.Metric;
        double?[] measured = [.. trials.Select(metric.Of)];
        if (measured.Length == 0 || measured.Any(value => value is null))
        {
            return Answer(VerdictKind.Inconclusive, variant, text, $"{metric.Name} was not measured", []);
        }

        double[] values = [.. measured.OfType<double>()];
        (VerdictKind kind, string cause) = Compare(expectation, trials, values);
        string figure = $"{metric.Name} {Figures.Of(metric.Kind, Median.Of(values))}{(cause.Length > 0 ? $", {cause}" : "")}";
        return Answer(kind, variant, text, figure, Evidence(run, metric, values));
    }

    private static (VerdictKind Kind, string Cause) Compare(Expectation expectation, IReadOnlyList<Trial> trials, double[] values)
    {
        LowerBounds bounds = new([.. trials.Zip(values, (trial, value) => (value, trial.GeneratorLimits.GeneratorLimited))]);
        double bound = (double)expectation.Bound.Value;
        string limited = bounds.Limited > 0 ? $"the generator limited {bounds.Limited} of {values.Length} trials" : "";

        // What a limited trial carried it carried: a lower bound of a rate, and of nothing else.
        bool isLowerBound = expectation.Metric.Kind is QuantityKind.Rate or QuantityKind.ByteRate && expectation.Relation.WantsMore();
        if (bounds.Limited > 0 && !isLowerBound)
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

    private static Verdict Answer(VerdictKind kind, VariantInfo variant, string text, string rest, IReadOnlyList<string> evidence) => new()
    {
        Id = text,
        Target = variant.Target,
        Variant = variant.Name,
        Kind = kind,
        Sentence = $"{VerdictNames.Of(kind)} ({VariantNames.Of(variant)}): expected {text}; {rest}",
        Evidence = evidence,
    };
}
