using System.Globalization;
using Harness.Verdicts.Judging;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>The numbers behind a verdict on C1, a line each, most decisive first.</summary>
internal static class C1Evidence
{
    public static IReadOnlyList<string> Lines(RunResult run, Trial[] trials, CarriedRate[] carried)
    {
        double[] rates = [.. carried.Select(c => c.MessagesPerSecond)];
        int reached = carried.Count(c => c.MessagesPerSecond >= ClaimC1.MessagesPerSecond && c.ValueBytesPerSecond >= ClaimC1.ValueBytesPerSecond);
        List<string> lines =
        [
            $"trials: {string.Join(", ", rates.Select(Figures.Rate))}; median {Figures.Rate(Median.Of(rates))}, "
                + $"spread {Figures.Share(Median.Spread(rates))}; {reached} of {rates.Length} reached the claim",
            IntervalLine.Of(run.Quick, rates, Figures.Rate),
            Flows(trials),
            Verification(trials),
            .. Ceilings(run, trials),
            Cpu(trials),
            Allocation(trials),
            .. Latency(trials),
            .. trials.Select(trial => trial.Storage.Sentence).Distinct().Take(1).Select(sentence => $"storage: {sentence}"),
            Steady(trials),
            .. trials.Select(trial => $"trial {trial.Index + 1} limited by {trial.LimitedBy}"),
        ];
        return lines;
    }

    public static string Verification(Trial[] trials)
    {
        long Sum(Func<Verification, long> of) => trials.Sum(trial => of(trial.Verification));
        return $"verified, warm-up and drain included: {Figures.Count(Sum(v => v.Sent))} sent, {Figures.Count(Sum(v => v.Acknowledged))} acknowledged, "
            + $"{Figures.Count(Sum(v => v.Delivered))} delivered; {Figures.Count(Sum(v => v.Lost))} lost, {Figures.Count(Sum(v => v.Duplicated))} duplicated, "
            + $"{Figures.Count(Sum(v => v.Reordered))} reordered, {Figures.Count(Sum(v => v.Damaged))} damaged; {trials[0].Verification.Depth}";
    }

    private static string Flows(Trial[] trials)
    {
        string Rate(Func<Trial, FlowTotals> flow) => Figures.Rate(MedianPerSecond(trials, trial => flow(trial).Messages));
        return $"sent {Rate(t => t.Sent)}, acknowledged {Rate(t => t.Acknowledged)}, consumed {Rate(t => t.Consumed)} (medians); "
            + $"{Figures.ByteRate(MedianPerSecond(trials, t => t.Consumed.WireBytes))} of record batches";
    }

    private static IEnumerable<string> Ceilings(RunResult run, Trial[] trials)
    {
        double[] shares = [.. trials.Select(t => t.BarePipelineShare).OfType<double>()];
        if (shares.Length > 0)
        {
            double[] pipelines = [.. trials.Select(t => t.BarePipelineBytesPerSecond).OfType<double>()];
            string speed = pipelines.Length > 0 ? $" {Figures.ByteRate(Median.Of(pipelines))}" : "";
            yield return $"bare pipeline{speed} beside the trials: {string.Join(", ", shares.Select(Figures.Share))} of it carried";
        }

        double[] checkedShares = [.. trials.Select(t => t.CheckedPipelineShare).OfType<double>()];
        if (checkedShares.Length > 0)
        {
            yield return $"checked pipeline {Figures.ByteRate(Median.Of([.. trials.Select(t => t.CheckedPipelineBytesPerSecond).OfType<double>()]))} "
                + $"(with the copy and the checksums that cannot be avoided): {string.Join(", ", checkedShares.Select(Figures.Share))} of it carried";
        }

        (string Kind, string Name, Func<GeneratorLimits, double?> Share)[] generator =
        [
            (CeilingKinds.NullSink, "null sink", limits => limits.NullSinkShare),
            (CeilingKinds.NullSource, "null source", limits => limits.NullSourceShare),
        ];
        foreach ((string kind, string name, Func<GeneratorLimits, double?> share) in generator)
        {
            double[] used = [.. trials.Select(t => share(t.GeneratorLimits)).OfType<double>()];
            double? ceiling = run.Ceilings.FirstOrDefault(c => c.Kind == kind)?.MessagesPerSecond;
            yield return used.Length == 0
                ? $"{name}: not measured"
                : $"{name}{(ceiling is { } rate ? $" {Figures.Rate(rate)}" : "")}: {Figures.Share(Median.Of(used))} of it used (limited from 80 %)";
        }

        yield return $"in-flight window full for {Figures.Share(Median.Of(trials.Select(t => t.GeneratorLimits.InFlightFullShare)))} of the time";
    }

    private static string Cpu(Trial[] trials)
    {
        string MedianCpus(Func<Trial, double> of) => Figures.Cpus(Median.Of(trials.Select(of)));
        double[] perGigabyte = [.. trials.Where(t => t.Consumed.ValueBytes > 0).Select(t => (t.Broker.UserSeconds + t.Broker.SystemSeconds) / (t.Consumed.ValueBytes / 1e9))];
        string cost = perGigabyte.Length > 0 ? $"; broker {Figures.Cpus(Median.Of(perGigabyte))} CPU s a GB of values" : "";
        return $"CPUs in use: broker {MedianCpus(t => t.Broker.CpuShare)}, generator {MedianCpus(t => t.Generator.CpuShare)}{cost}";
    }

    private static string Allocation(Trial[] trials) =>
        $"allocated a message: broker {PerMessage(trials, t => t.Broker)}, generator {PerMessage(trials, t => t.Generator)}";

    private static string PerMessage(Trial[] trials, Func<Trial, ProcessUsage> process)
    {
        double[] values = [.. trials
            .Where(t => process(t).AllocatedBytes is not null && t.Acknowledged.Messages + t.Sent.Messages > 0)
            .Select(t => (double)process(t).AllocatedBytes!.Value / Math.Max(t.Acknowledged.Messages, t.Sent.Messages))];
        return values.Length == 0 ? "not measured" : Median.Of(values).ToString("0.0000", CultureInfo.InvariantCulture) + " B";
    }

    private static IEnumerable<string> Latency(Trial[] trials)
    {
        LatencyHistogram[] ends = [.. trials.Select(t => t.Latency.EndToEnd).OfType<LatencyHistogram>()];
        if (ends.Length > 0)
        {
            string Of(Func<LatencyHistogram, long> figure) => Figures.Duration(Median.Of(ends.Select(h => (double)figure(h))) / 1e6);
            string loop = trials.Any(t => t.Latency.ClosedLoop) ? " (closed loop: a stall delays the next message unseen)" : "";
            yield return $"end to end p50 {Of(h => h.P50Micros)}, p99 {Of(h => h.P99Micros)}, p99.9 {Of(h => h.P999Micros)}, medians of trials{loop}";
        }
    }

    private static string Steady(Trial[] trials)
    {
        string[] unsteady = [.. trials.Where(t => !t.Steady).Select(t => $"trial {t.Index + 1}{(t.Trend is { } trend ? $" ({Percent(trend)})" : "")}")];
        return unsteady.Length == 0 ? "steady: no trend over any counted window" : $"not steady: {string.Join(", ", unsteady)}";
    }

    private static string Percent(double share) => (share * 100).ToString("+0.0;-0.0", CultureInfo.InvariantCulture) + " %";

    private static double MedianPerSecond(Trial[] trials, Func<Trial, long> count) =>
        Median.Of(trials.Select(t => t.WindowSeconds > 0 ? count(t) / t.WindowSeconds : 0));
}
