using Reports.Formatting;
using Reports.Model;
using Results;
using Results.Histograms;

namespace Reports.Charts;

/// <summary>Latency by percentile, the histograms of a variant's completed trials added up (never their percentiles averaged).</summary>
internal static class LatencyChart
{
    public static ChartSpec? Of(RunResult run)
    {
        List<ChartSeries> series = [];
        List<string> words = [];
        IReadOnlyList<VariantInfo> variants = VariantNaming.Measured(run);
        if (variants.Count > VariantCharts.VariantsLimit) return null;
        // Two lines for each are as many as can be told apart; of more variants the whole way is told, which has the other in it.
        bool both = 2 * variants.Count <= VariantCharts.VariantsLimit;
        foreach (VariantInfo variant in variants)
        {
            IReadOnlyList<Trial> trials = RunVariants.TrialsOf(run, variant);
            Trial[] completed = [.. trials.Where(t => t.Status == TrialStatus.Completed)];
            Trial[] counted = completed.Length > 0 ? completed : [.. trials];
            string prefix = variants.Count == 1 ? "" : PlainText.OneLine(variant.Name) + ", ";
            LatencyHistogram[] ends = [.. counted.Select(t => t.Latency.EndToEnd).OfType<LatencyHistogram>()];
            if (both || ends.Length == 0) Add(series, words, prefix + "publish", [.. counted.Select(t => t.Latency.Publish).OfType<LatencyHistogram>()]);
            Add(series, words, prefix + "end to end", ends);
        }

        if (series.Count == 0) return null;
        bool isVoid = run.Trials.Any(t => t.Verification.Violated);
        bool closedLoop = run.Trials.Any(t => t.Latency.ClosedLoop);
        return new ChartSpec
        {
            Id = "latency",
            Title = (closedLoop ? "Latency by percentile, closed-loop time" : "Latency by percentile") + (isVoid ? " (void)" : ""),
            Description = $"Latency in the counted window. {string.Join(' ', words)}",
            X = new ChartAxis("percentile: each step is ten times rarer", AxisScale.Nines, Quantity.Number),
            Y = new ChartAxis("latency", AxisScale.Log, Quantity.Micros),
            Series = series,
        };
    }

    private static void Add(List<ChartSeries> series, List<string> words, string name, LatencyHistogram[] histograms)
    {
        histograms = [.. histograms.Where(h => h.Count > 0)];
        if (histograms.Length == 0) return;
        HistogramReading reading = HistogramReading.Merge(histograms.Select(h => HdrHistogramDecoder.DecodeBase64(h.HdrV2Base64)));
        // A bucket reaches up to a thousandth beyond the largest value that fell into it; that value itself is known.
        long max = histograms.Max(h => h.MaxMicros);
        series.Add(new ChartSeries(name, [.. reading.PercentileCurve().Select(p => new ChartPoint(p.Percentile, Math.Min(p.Value, max)))]));
        words.Add($"{name}: median {Format.Micros(reading.ValueAtPercentile(50))}, 99 % within {Format.Micros(reading.ValueAtPercentile(99))}, "
            + $"slowest {Format.Micros(max)}.");
    }
}
