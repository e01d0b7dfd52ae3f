using Harness.Verdicts.Expressions;
using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// The conditions under which a figure was measured, in one line: without them the figure means nothing, so the sentence of
/// a verdict always ends with them.
/// </summary>
internal static class Conditions
{
    public static string Of(RunResult run, VariantInfo variant, IReadOnlyList<Trial> trials)
    {
        ScenarioInfo s = variant.Scenario;
        return string.Join(", ",
        [
            $"{Size(s.Message.SizeBytes)} {s.Message.Payload}",
            s.Producers.Compression == "none" ? "uncompressed" : s.Producers.Compression,
            $"acks {s.Producers.Acks}",
            $"batch {Size(s.Producers.BatchBytes)}",
            $"linger {Figures.Spaced(new Quantity(QuantityKind.Duration, (decimal)s.Producers.LingerSeconds))}",
            $"{s.Producers.InFlight} in flight",
            Plural(s.Topic.Partitions, "partition"),
            Plural(s.Producers.Count, "producer"),
            Consumers(s.Consumers),
            Durability(run.Targets.FirstOrDefault(t => t.Name == variant.Target), s.Topic),
            Regime(trials),
        ]);
    }

    private static string Consumers(ConsumersInfo consumers)
    {
        if (consumers.Mode == "none")
        {
            return "no consumer";
        }

        string readers = consumers.Count == 1 ? $"{consumers.Mode} consumer" : $"{consumers.Count} {consumers.Mode} consumers";
        string groups = consumers.Groups == 1 ? readers : $"{readers} in each of {consumers.Groups} groups";
        return $"{groups} at most {Size(consumers.BacklogBytes)} behind";
    }

    private static string Durability(TargetInfo? target, TopicInfo topic)
    {
        IReadOnlyDictionary<string, string> broker = target?.Configuration ?? new Dictionary<string, string>();
        string? messages = Given(topic.Config, "flush.messages") ?? Given(broker, "flush.messages") ?? Given(broker, "log.flush.interval.messages");
        string? ms = Given(topic.Config, "flush.ms") ?? Given(broker, "flush.ms") ?? Given(broker, "log.flush.interval.ms");
        return (messages, ms) switch
        {
            (null, null) => "page cache without fsync",
            ({ } m, _) => m == "1" ? "fsync before each acknowledgement" : $"fsync every {m} messages",
            (null, { } t) => $"fsync every {t} ms",
        };
    }

    private static string? Given(IReadOnlyDictionary<string, string> config, string key) =>
        config.TryGetValue(key, out string? value) && value.Length > 0 && value is not (TargetSettings.LongMax or "null" or "-1") ? value : null;

    private static string Regime(IReadOnlyList<Trial> trials)
    {
        StorageRegime[] regimes = [.. trials.Select(trial => trial.Storage.Regime).Distinct()];
        return regimes switch
        {
            [StorageRegime.RingInMemory] => "ring in memory",
            [StorageRegime.Burst] => "burst within the dirty limits",
            [StorageRegime.Sustained] => "sustained writing to the device",
            [] => "storage regime unknown",
            _ => "storage regime between burst and sustained",
        };
    }

    private static string Plural(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static string Size(long bytes) => Figures.Spaced(new Quantity(QuantityKind.Bytes, bytes));
}
