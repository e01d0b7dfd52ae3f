using System.Globalization;
using Harness.Verdicts;
using Results;

namespace Harness.Cli.Progress;

/// <summary>What the last seconds carried, in words that both displays share.</summary>
internal static class SampleText
{
    /// <param name="samples">At least one.</param>
    public static string Of(IReadOnlyList<SecondSample> samples)
    {
        double seconds = Math.Max(samples.Sum(s => s.LengthSeconds), 1e-3);
        string acknowledged = Figures.Rate(samples.Sum(s => s.AcknowledgedMessages) / seconds);
        string consumed = Figures.Rate(samples.Sum(s => s.ConsumedMessages) / seconds);
        string values = Figures.ByteRate(samples.Sum(s => s.ConsumedValueBytes) / seconds);
        string broker = Figures.Cpus(samples.Sum(s => s.BrokerCpuSeconds) / seconds);
        string generator = Figures.Cpus(samples.Sum(s => s.GeneratorCpuSeconds) / seconds);
        return $"acknowledged {acknowledged}, consumed {consumed} ({values} of values), CPUs: broker {broker}, generator {generator}{Quality(samples)}";
    }

    /// <summary>The worst second's percentiles, for percentiles are not averaged; backlog and verification as they stand.</summary>
    private static string Quality(IReadOnlyList<SecondSample> samples)
    {
        SecondSample last = samples[^1];
        string publish = samples.Max(s => s.PublishP99Micros) is { } micros ? $"; p99 publish {Latency(micros)}" : "";
        string endToEnd = samples.Max(s => s.EndToEndP99Micros) is { } e2e ? $"{(publish.Length > 0 ? "," : "; p99")} end to end {Latency(e2e)}" : "";
        string backlog = last.BacklogMessages is { } messages ? $"; backlog {Figures.Count(messages)}, violations {Figures.Count(last.Violations)}" : "";
        return publish + endToEnd + backlog;
    }

    private static string Latency(long micros) => Figures.Duration(micros / 1e6);

    public static string Seconds(double seconds) => Math.Max(0, seconds).ToString("0", CultureInfo.InvariantCulture) + " s";
}
