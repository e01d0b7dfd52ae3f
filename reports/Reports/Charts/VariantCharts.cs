using Reports.Formatting;
using Reports.Model;
using Results;

namespace Reports.Charts;

/// <summary>The variants of a run over each other, second by second.</summary>
internal static class VariantCharts
{
    /// <summary>As many lines as have a look of their own; more would be a knot and not a picture.</summary>
    public const int VariantsLimit = 6;

    /// <returns>Null for a single variant or too many, and where no seconds were kept.</returns>
    public static ChartSpec? Throughput(RunResult run)
    {
        IReadOnlyList<VariantInfo> variants = VariantNaming.Measured(run);
        if (variants.Count is < 2 or > VariantsLimit) return null;

        // Of each trial so much is drawn before its counted window, so that these lie above each other.
        double warmup = run.Trials.Min(t => t.WarmupSeconds);
        ChartSeries[] series = [.. variants.Select(v => Over(run, v, warmup)).Where(s => s.Points.Count > 0)];
        if (series.Length < 2) return null;
        Flow flow = Flow.Headline(run.Scenario);
        bool isVoid = run.Trials.Any(t => t.Verification.Violated);
        return new ChartSpec
        {
            Id = "throughput-variants",
            Title = $"Throughput over time, messages {flow.Name} a second" + (isVoid ? " (void)" : ""),
            Description = $"In each second of a trial the median over the trials of each variant. {string.Join(' ', variants.Select(v => Words(run, v, flow)))}".TrimEnd(),
            X = new ChartAxis("seconds of the trial, counted windows above each other", AxisScale.Linear, Quantity.Seconds, IncludeMin: 0, IncludeMax: series.Max(s => s.Points[^1].X)),
            Y = new ChartAxis("messages a second", AxisScale.Linear, Quantity.MessagesPerSecond, IncludeMin: 0),
            Series = series,
            Bands = warmup > 0 ? [new ChartBand("warm-up", 0, warmup)] : [],
        };
    }

    private static ChartSeries Over(RunResult run, VariantInfo variant, double warmup)
    {
        Func<SecondSample, long> count = Flow.Headline(variant.Scenario).Samples;
        IEnumerable<IGrouping<double, double>> seconds = RunVariants.TrialsOf(run, variant)
            .SelectMany(t => t.Series
                .Where(s => s.LengthSeconds > 0 && s.Phase != TrialPhase.Drain)
                .Select(s => (Middle: s.AtSecond - (s.LengthSeconds / 2) - t.WarmupSeconds + warmup, PerSecond: count(s) / s.LengthSeconds)))
            .Where(s => s.Middle >= 0)
            .GroupBy(s => Math.Floor(s.Middle) + 0.5, s => s.PerSecond);
        return new ChartSeries(
            PlainText.OneLine(variant.Name), [.. seconds.OrderBy(s => s.Key).Select(s => new ChartPoint(s.Key, Spread.Of(s)!.Median))]);
    }

    private static string Words(RunResult run, VariantInfo variant, Flow flow) =>
        new VariantFigure("", null, flow.MessagesPerSecond, Format.Rate).Median(RunVariants.TrialsOf(run, variant)) is { } rate
            ? $"{PlainText.OneLine(variant.Name)}: {Format.Rate(rate)} in the counted window."
            : "";
}
