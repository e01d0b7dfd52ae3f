using Reports.Formatting;
using Results;
using Results.Histograms;

namespace Reports.Charts;

/// <summary>Latency by percentile, the histograms of a target's completed trials added up (never their percentiles averaged).</summary>
internal static class LatencyChart
{
    public static ChartSpec? Of(RunResult run)
    {
        List<ChartSeries> series = [];
        List<string> words = [];
        IGrouping<string, Trial>[] targets = [.. run.Trials.GroupBy(t => t.Target)];
        foreach (IGrouping<string, Trial> target in targets)
        {
            Trial[] completed = [.. target.Where(t => t.Status == TrialStatus.Completed)];
            Trial[] counted = completed.Length > 0 ? completed : [.. target];
            string prefix = targets.Length == 1 ? "" : PlainText.OneLine(target.Key) + ", ";
            Add(series, words, prefix + "publish", [.. counted.Select(t => t.Latency.Publish).OfType<LatencyHistogram>()]);
            Add(series, words, prefix + "end to end", [.. counted.Select(t => t.Latency.EndToEnd).OfType<LatencyHistogram>()]);
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
