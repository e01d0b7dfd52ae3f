using System.Globalization;
using Harness.Verdicts.Expressions;
using Results;

namespace Harness.Verdicts.Judging;

/// <summary>
/// Where two variants do not do the same work for a message, in words that stand beside every ratio of them: what the load asks for, what is
/// checked, what the broker does with a batch, and what it promises. What a scenario varies on purpose is among it, so that a
/// sentence taken out of its report still says what was compared.
/// </summary>
internal static class WorkDifferences
{
    public static IReadOnlyList<Difference> Of(RunResult run, VariantInfo baseline, VariantInfo candidate) =>
    [
        .. Durability.Differences(baseline, candidate, run.Targets),
        .. Difference.Between(Work(run, baseline), Work(run, candidate)),
    ];

    private static IReadOnlyList<(string Name, string Value)> Work(RunResult run, VariantInfo variant)
    {
        ScenarioInfo s = variant.Scenario;
        return
        [
            ("compression", s.Producers.Compression),
            ("compression at the broker", OfBroker(run, variant, "compression.type", "producer")),
            ("record validation", OfBroker(run, variant, "record.validation", IsKafka(variant.Target) ? "full" : "unknown")),
            ("verification", Verification(s.Verify)),
            ("messages of", Size(s.Message.SizeBytes)),
            ("payload", s.Message.Payload),
            ("key", s.Message.Key),
            ("partitions", Number(s.Topic.Partitions)),
            ("producers", Number(s.Producers.Count)),
            ("producer client", s.Producers.Client),
            ("batch", Size(s.Producers.BatchBytes)),
            ("linger", Figures.Spaced(new Quantity(QuantityKind.Duration, (decimal)s.Producers.LingerSeconds))),
            ("in flight", Number(s.Producers.InFlight)),
            ("consumers", s.Consumers.Mode == "none" ? "none" : $"{Number(s.Consumers.Count)} {s.Consumers.Mode}"),
            ("groups", Number(s.Consumers.Groups)),
            ("consumer client", s.Consumers.Client),
            ("backlog", Size(s.Consumers.BacklogBytes)),
            ("load", string.Join(", then ", s.Load.Select(Load))),
        ];
    }

    /// <summary>Apache Kafka looks at every record, and has no setting to do otherwise.</summary>
    private static bool IsKafka(string target) => target == "kafka" || target.StartsWith("kafka+", StringComparison.Ordinal);

    private static string OfBroker(RunResult run, VariantInfo variant, string key, string otherwise) =>
        variant.Scenario.Topic.Config.GetValueOrDefault(key)
            ?? TargetSettings.Of(variant.Target).GetValueOrDefault(key)
            ?? TargetSettings.Reported(run.Targets, variant.Target).GetValueOrDefault(key)
            ?? otherwise;

    private static string Verification(VerifyInfo v)
    {
        (bool On, string Word)[] checks = [(v.Loss, "loss"), (v.Duplicates, "duplicates"), (v.Order, "order"), (v.Checksum, "checksum")];
        string[] on = [.. checks.Where(check => check.On).Select(check => check.Word)];
        return on.Length == 0 ? "off" : string.Join(" and ", on);
    }

    private static string Load(LoadPhaseInfo phase)
    {
        string rate = phase.RatePerSecond is { } perSecond ? $" {Figures.Rate(perSecond)}" : "";
        string copies = phase.Copies is { } count ? $" {Number(count)} copies" : "";
        return $"{phase.Shape}{rate}{copies} for {Figures.Duration(phase.DuringSeconds)}";
    }

    private static string Size(long bytes) => Figures.Spaced(new Quantity(QuantityKind.Bytes, bytes));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
