using Reports.Formatting;
using Reports.Model;
using Results;

namespace Reports.Charts;

/// <summary>The pictures of one trial over its seconds.</summary>
/// <param name="Latency">Null where no second has percentiles of its own.</param>
public sealed record TrialCharts(string Name, ChartSpec Throughput, ChartSpec? Latency, ChartSpec Cpu)
{
    /// <summary>Of more trials one of each variant is drawn: a page is to be read, and a picture is larger than its figures.</summary>
    private const int TrialsLimit = 6;

    /// <summary>More variants than this are overlaid in one picture, and have none of a single trial.</summary>
    private const int VariantsLimit = 3;

    /// <summary>Every trial of a short run; of a long one the trial of each variant that lies nearest to its median.</summary>
    internal static IReadOnlyList<TrialCharts> Of(RunResult run)
    {
        if (run.Trials.Count <= TrialsLimit) return [.. run.Trials.Select(t => Of(run, t, ""))];
        IReadOnlyList<VariantInfo> variants = VariantNaming.Measured(run);
        return variants.Count > VariantsLimit ? [] : [.. variants.Select(v => Of(run, Typical(RunVariants.TrialsOf(run, v), Flow.Headline(v.Scenario)), ", nearest to its median"))];
    }

    private static Trial Typical(IReadOnlyList<Trial> trials, Flow flow)
    {
        double median = Spread.Of(trials.Select(t => flow.MessagesPerSecond(t) ?? 0))!.Median;
        return trials.MinBy(t => Math.Abs((flow.MessagesPerSecond(t) ?? 0) - median))!;
    }

    private static TrialCharts Of(RunResult run, Trial trial, string why)
    {
        string name = $"Trial {trial.Index + 1}, {VariantNaming.Of(trial)}{why}";
        ChartBand[] bands = Bands(trial);
        double end = trial.Series.Count == 0 ? 1 : trial.Series[^1].AtSecond;
        ChartAxis x = new("seconds since the start of the trial", AxisScale.Linear, Quantity.Seconds, IncludeMin: 0, IncludeMax: end);
        return new TrialCharts(name, ThroughputOf(VariantNaming.ScenarioOf(run, trial), trial, name, x, bands), LatencyOf(trial, name, x, bands), CpuOf(run, trial, name, x, bands));
    }

    private static ChartSpec ThroughputOf(ScenarioInfo scenario, Trial trial, string name, ChartAxis x, IReadOnlyList<ChartBand> bands)
    {
        Flow flow = Flow.Headline(scenario);
        RateExpectation? claim = scenario.Expect.Select(RateExpectation.Parse).OfType<RateExpectation>()
            .FirstOrDefault(e => e.Flow == flow.Metric && !e.InBytes);
        List<ChartSeries> series =
        [
            Over(trial, "sent", s => s.SentMessages / s.LengthSeconds),
            Over(trial, "acknowledged", s => s.AcknowledgedMessages / s.LengthSeconds),
        ];
        if (scenario.Consumers.Mode != "none") series.Add(Over(trial, "consumed", s => s.ConsumedMessages / s.LengthSeconds));
        string word = scenario.Claim is null ? "expected" : "claim";
        string rate = flow.MessagesPerSecond(trial) is { } perSecond ? $"{Format.Rate(perSecond)} {flow.Name} on average in the counted window." : "";
        return new ChartSpec
        {
            Id = $"throughput-{trial.Index}",
            Title = "Throughput over time, messages a second" + Void(trial),
            Description = $"{name}: messages sent, acknowledged and consumed in each second. {rate}".TrimEnd(),
            X = x,
            Y = new ChartAxis("messages a second", AxisScale.Linear, Quantity.MessagesPerSecond, IncludeMin: 0),
            Series = series,
            Bands = bands,
            References = claim is null ? [] : [new ChartReference($"{word} {claim.Text}", claim.PerSecond)],
        };
    }

    private static ChartSpec? LatencyOf(Trial trial, string name, ChartAxis x, IReadOnlyList<ChartBand> bands)
    {
        ChartSeries[] kinds = [Over(trial, "publish", s => s.PublishP99Micros), Over(trial, "end to end", s => s.EndToEndP99Micros)];
        ChartSeries[] series = [.. kinds.Where(kind => kind.Points.Count > 0)];
        return series.Length == 0 ? null : new ChartSpec
        {
            Id = $"latency-seconds-{trial.Index}",
            Title = "99th percentile over time" + Void(trial),
            Description = $"{name}: what 99 % of the messages of each second of the counted window did not exceed; the worst second: "
                + string.Join(", ", series.Select(s => $"{s.Name} {Format.Micros((long)s.Points.Max(p => p.Y))}")) + ".",
            X = x,
            Y = new ChartAxis("latency", AxisScale.Log, Quantity.Micros),
            Series = series,
            Bands = bands,
        };
    }

    private static ChartSpec CpuOf(RunResult run, Trial trial, string name, ChartAxis x, IReadOnlyList<ChartBand> bands) => new()
    {
        Id = $"cpu-{trial.Index}",
        Title = "CPU over time, CPUs in use" + Void(trial),
        Description = $"{name}: CPU time used in each second. In the counted window the broker used {Format.Cpus(trial.Broker.CpuShare)} CPUs "
            + $"and the generator {Format.Cpus(trial.Generator.CpuShare)} of {run.Machine.Cpu.Count}.",
        X = x,
        Y = new ChartAxis("CPUs in use", AxisScale.Linear, Quantity.Number, IncludeMin: 0),
        Series =
        [
            Over(trial, "broker", s => s.BrokerCpuSeconds / s.LengthSeconds),
            Over(trial, "generator", s => s.GeneratorCpuSeconds / s.LengthSeconds),
            Over(trial, "together", s => (s.BrokerCpuSeconds + s.GeneratorCpuSeconds) / s.LengthSeconds),
        ],
        Bands = bands,
        References = [new ChartReference($"all {run.Machine.Cpu.Count} CPUs", run.Machine.Cpu.Count)],
    };

    /// <summary>What happened within a second stands in its middle.</summary>
    private static ChartSeries Over(Trial trial, string name, Func<SecondSample, double> value) =>
        new(name, [.. trial.Series.Where(s => s.LengthSeconds > 0).Select(s => new ChartPoint(s.AtSecond - (s.LengthSeconds / 2), value(s)))]);

    private static ChartSeries Over(Trial trial, string name, Func<SecondSample, long?> micros) =>
        new(name, [.. trial.Series.Where(s => micros(s) is > 0).Select(s => new ChartPoint(s.AtSecond - (s.LengthSeconds / 2), micros(s)!.Value))]);

    private static string Void(Trial trial) => trial.Verification.Violated ? " (void)" : "";

    private static ChartBand[] Bands(Trial trial)
    {
        List<ChartBand> bands = [];
        foreach ((TrialPhase phase, string name) in ((TrialPhase, string)[])[(TrialPhase.Warmup, "warm-up"), (TrialPhase.Drain, "drain")])
        {
            SecondSample[] samples = [.. trial.Series.Where(s => s.Phase == phase)];
            if (samples.Length > 0) bands.Add(new ChartBand(name, samples[0].AtSecond - samples[0].LengthSeconds, samples[^1].AtSecond));
        }

        return [.. bands];
    }
}
