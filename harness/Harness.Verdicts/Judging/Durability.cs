using Results;

namespace Harness.Verdicts.Judging;

/// <summary>
/// What a broker has promised when it acknowledges: how many replicas hold the message and whether a disk does. Two variants that promise
/// differently do different work for the same figure, so they are not ranked against each other unless the scenario allows it by name.
/// </summary>
public static class Durability
{
    private const string Never = "never";

    /// <summary>The settings that decide it, by the topic's name, with the broker's name for the same and the value where neither is set.</summary>
    private static readonly (string OfTopic, string OfBroker, string Default)[] Settings =
    [
        ("min.insync.replicas", "min.insync.replicas", "1"),
        ("flush.messages", "log.flush.interval.messages", Never),
        ("flush.ms", "log.flush.interval.ms", Never),
        ("", "log.flush.scheduler.interval.ms", Never),
    ];

    /// <summary>
    /// The sentence that names what differs between variants of one point, the first such difference found; null where none does. Settings of
    /// the topic count, and those given with a target (<c>engine+log.flush.interval.messages=1</c>).
    /// </summary>
    public static string? Unequal(IReadOnlyList<VariantInfo> variants) => Unequal(variants, []);

    /// <summary>The same with the configuration that the brokers reported, where a setting was given neither with the topic nor with the target.</summary>
    public static string? Unequal(IReadOnlyList<VariantInfo> variants, IReadOnlyList<TargetInfo> targets)
    {
        ArgumentNullException.ThrowIfNull(variants);
        ArgumentNullException.ThrowIfNull(targets);
        foreach (IGrouping<int, VariantInfo> point in variants.GroupBy(variant => variant.Point))
        {
            VariantInfo first = point.First();
            foreach (VariantInfo other in point.Skip(1))
            {
                Difference[] differences = [.. Differences(first, other, targets)];
                if (differences.Length == 0) continue;
                return $"'{other.Name}' and '{first.Name}' promise different durability and are not compared: "
                    + $"'{other.Name}' has {string.Join(", ", differences.Select(d => d.Text))}";
            }
        }

        return null;
    }

    /// <summary>What the candidate promises otherwise than the baseline.</summary>
    internal static IEnumerable<Difference> Differences(VariantInfo baseline, VariantInfo candidate, IReadOnlyList<TargetInfo> targets) =>
        Difference.Between(Promise(baseline, targets), Promise(candidate, targets));

    private static IReadOnlyList<(string Name, string Value)> Promise(VariantInfo variant, IReadOnlyList<TargetInfo> targets)
    {
        IReadOnlyDictionary<string, string> given = TargetSettings.Of(variant.Target);
        IReadOnlyDictionary<string, string> reported = TargetSettings.Reported(targets, variant.Target);
        TopicInfo topic = variant.Scenario.Topic;
        return
        [
            ("acks", variant.Scenario.Producers.Acks),
            ("replication", FormattableString.Invariant($"{topic.Replication}")),
            .. Settings.Select(setting => (
                setting.OfTopic.Length > 0 ? setting.OfTopic : setting.OfBroker,
                Plain(Value(topic.Config, setting.OfTopic) ?? Value(given, setting.OfBroker) ?? Value(reported, setting.OfBroker), setting.Default))),
        ];
    }

    private static string? Value(IReadOnlyDictionary<string, string> config, string key) => config.TryGetValue(key, out string? value) ? value : null;

    /// <summary>Kafka has several ways to write that it never flushes by itself.</summary>
    private static string Plain(string? value, string fallback) =>
        value is null or "" or "null" or "-1" or TargetSettings.LongMax ? fallback : value;
}
