using Harness.Verdicts.Expressions;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Judging;

/// <summary>
/// Every variant of a point against the point's first one, a metric each, paired block by block. It measures and states; whether a
/// difference is a verdict is for a gate with a margin to say (<see cref="BlockTest"/>). A pure function of the result.
/// </summary>
public static class Comparisons
{
    private const double Confidence = 0.95;

    /// <summary>What is compared, of what both have measured.</summary>
    private static readonly Metric[] Metrics =
    [
        .. new[]
        {
            "produce.rate", "consume.rate", "publish.p50", "publish.p99", "e2e.p50", "e2e.p99", "broker.cpu-per-gb", "broker.memory",
        }.Select(name => Metric.Find(name)!),
    ];

    public static IReadOnlyList<Comparison> Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return
        [
            .. run.Variants.GroupBy(variant => variant.Point).SelectMany(point =>
                point.Skip(1).SelectMany(candidate => Pair(run, point.First(), candidate))),
        ];
    }

    private static IEnumerable<Comparison> Pair(RunResult run, VariantInfo baseline, VariantInfo candidate)
    {
        PairedTrials trials = PairedTrials.Of(run, baseline, candidate);
        string differences = string.Join(", ", WorkDifferences.Of(run, baseline, candidate).Select(d => d.Text));
        return Metrics
            .Where(metric => trials.Baseline.Any(t => metric.Of(t) is not null) && trials.Candidate.Any(t => metric.Of(t) is not null))
            .Select(metric => Compare(run, metric, trials, baseline, candidate, differences));
    }

    private static Comparison Compare(
        RunResult run, Metric metric, PairedTrials trials, VariantInfo baseline, VariantInfo candidate, string differences)
    {
        double[] logs = trials.Void is null ? trials.LogRatios(metric) : [];
        HodgesLehmann? estimate = HodgesLehmann.Of(logs, Confidence);
        bool interval = !run.Quick && estimate?.Low is not null;
        string caution = string.Join("; ", trials.Cautions(metric, logs.Length));
        string figure = estimate is null
            ? $"{metric.Name} of {candidate.Name} is not compared with that of {baseline.Name}"
            : $"{metric.Name} of {candidate.Name} is {Figures.Ratio(Math.Exp(estimate.Estimate))} times that of {baseline.Name} "
                + $"({Certainty(run.Quick, logs, estimate)})";
        return new Comparison
        {
            Metric = metric.Name,
            Point = candidate.Point,
            Baseline = baseline.Name,
            Candidate = candidate.Name,
            LogRatios = logs,
            Ratio = estimate is null ? null : Math.Exp(estimate.Estimate),
            RatioLow = interval ? Math.Exp(estimate!.Low!.Value) : null,
            RatioHigh = interval ? Math.Exp(estimate!.High!.Value) : null,
            Caution = caution.Length == 0 ? null : caution,
            Sentence = figure + (caution.Length == 0 ? "" : $"; {caution}") + (differences.Length == 0 ? "" : $"; {candidate.Name} has {differences}"),
        };
    }

    private static string Certainty(bool quick, double[] logs, HodgesLehmann estimate)
    {
        string blocks = $"{logs.Length} block{(logs.Length == 1 ? "" : "s")}";
        if (!quick && estimate is { Low: { } low, High: { } high })
        {
            return $"95 % interval {Figures.Ratio(Math.Exp(low))} to {Figures.Ratio(Math.Exp(high))}, {blocks}";
        }

        string why = quick ? "quick: no interval" : $"no interval: 95 % takes at least {HodgesLehmann.FewestForInterval(Confidence)} blocks";
        string spread = logs.Length < 2 ? "" : $" from {Figures.Ratio(Math.Exp(logs.Min()))} to {Figures.Ratio(Math.Exp(logs.Max()))}";
        return $"{why}; {blocks}{spread}";
    }
}
