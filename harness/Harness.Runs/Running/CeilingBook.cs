using System.Globalization;
using Harness.Load;
using Harness.Measure;
using Results;

namespace Harness.Runs;

/// <summary>
/// The ceilings that the variants of a run are held against. Variants that ask the same of generator or machine share a measurement; the
/// bare pipeline is measured before and after every trial, because the machine changes under the run.
/// </summary>
internal sealed class CeilingBook(string workDirectory, RunRecord record, IRunProgress progress)
{
    private const double BarePassSeconds = 2;
    private const double BareWarmupSeconds = 1;

    private readonly Dictionary<string, GeneratorCeilings> _generator = [];
    private readonly Dictionary<string, BarePipelineProbe> _bare = [];
    private (string Key, double BytesPerSecond)? _lastBare;

    /// <summary>Null sink and null source of a variant's load, measured when it first comes up.</summary>
    public GeneratorCeilings Generator(VariantInfo variant, CancellationToken cancellation)
    {
        ScenarioInfo scenario = variant.Scenario;
        string key = $"{scenario.Message} {scenario.Producers} {scenario.Consumers} {scenario.Topic.Partitions} {string.Join(' ', scenario.Load)}";
        if (_generator.TryGetValue(key, out GeneratorCeilings? known))
        {
            return known;
        }

        if (scenario.Producers.Client == "replay")
        {
            // Nothing is encoded or unpacked: what such clients do at most is what their connections take.
            return _generator[key] = new GeneratorCeilings(null, null);
        }

        CeilingOptions options = new();
        progress.Phase("ceilings of the generator", 2 * (options.WarmUp + (options.Passes * options.PassLength)));
        Ceiling sink = NullSinkProbe.Run(scenario, options, cancellation);
        record.Add(sink);
        Ceiling? source = scenario.Consumers.Mode == "none" ? null : NullSourceProbe.Run(scenario, options, cancellation);
        if (source is not null)
        {
            record.Add(source);
        }

        return _generator[key] = new GeneratorCeilings(sink.MessagesPerSecond, source?.MessagesPerSecond);
    }

    /// <summary>What the machine carries just before a trial: measured anew unless it just was.</summary>
    public double Before(VariantInfo variant, CancellationToken cancellation) =>
        _lastBare is { } last && last.Key == BareKey(variant.Scenario) ? last.BytesPerSecond : After(variant, cancellation);

    /// <summary>What the machine carries now.</summary>
    public double After(VariantInfo variant, CancellationToken cancellation)
    {
        string key = BareKey(variant.Scenario);
        if (!_bare.TryGetValue(key, out BarePipelineProbe? probe))
        {
            probe = new BarePipelineProbe(new BarePipelineOptions(
                workDirectory,
                variant.Scenario.Producers.BatchBytes,
                TopicBytes(variant.Scenario, "retention.bytes"),
                TopicBytes(variant.Scenario, "segment.bytes"),
                BareWarmupSeconds,
                BarePassSeconds));
            _bare.Add(key, probe);
        }

        progress.Phase("bare pipeline of the machine", TimeSpan.FromSeconds(BareWarmupSeconds + BarePassSeconds));
        double bytesPerSecond = probe.Pass(cancellation);
        _lastBare = (key, bytesPerSecond);
        record.SetBarePipelines([.. _bare.Values.Select(measured => measured.ToCeiling())]);
        return bytesPerSecond;
    }

    private static string BareKey(ScenarioInfo scenario) =>
        $"{scenario.Producers.BatchBytes} {scenario.Topic.Config["retention.bytes"]} {scenario.Topic.Config["segment.bytes"]}";

    private static long TopicBytes(ScenarioInfo scenario, string name) => long.Parse(scenario.Topic.Config[name], CultureInfo.InvariantCulture);
}

/// <summary>Messages a second that the generator reaches with nothing behind it; the second null without a consumer.</summary>
internal sealed record GeneratorCeilings(double? NullSinkPerSecond, double? NullSourcePerSecond);
