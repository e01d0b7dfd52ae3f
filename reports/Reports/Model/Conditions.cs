using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>Everything a figure hangs on, in the order in which a reader asks.</summary>
internal static class Conditions
{
    public static IReadOnlyList<Fact> Of(RunResult run)
    {
        ScenarioInfo scenario = run.Scenario;
        ProducersInfo producers = scenario.Producers;
        string key = scenario.Message.Key == "none" ? "no key" : $"key {scenario.Message.Key}";
        List<Fact> facts =
        [
            new("Message", $"{Format.Size(scenario.Message.SizeBytes)} values, {key}"),
            new("Payload", scenario.Message.Payload),
            new("Compression", producers.Compression),
            new("Acks", producers.Acks),
            new("Batch", Format.Size(producers.BatchBytes)),
            new("Linger", Format.Seconds(producers.LingerSeconds)),
            new("In flight", Plural(producers.InFlight, "request")),
            new("Partitions", $"{Number(scenario.Topic.Partitions)}, replication {Number(scenario.Topic.Replication)}"),
            new("Producers", $"{Number(producers.Count)}, {producers.Client}"),
            new("Consumers", Consumers(scenario.Consumers)),
            new("Load", string.Join(", then ", scenario.Load.Select(Load))),
            new("Warm-up", $"{Format.Seconds(scenario.WarmupSeconds)}, not counted"),
            new("Seed", Number(scenario.Seed)),
            new("Repeat", Repeat(run)),
        ];
        facts.AddRange(PerTarget(run, "Durability", target => Durability(scenario, target)));
        facts.AddRange(run.Trials.Select(t => t.Verification.Depth).Distinct().Select(depth => new Fact("Verification", depth)));
        facts.AddRange(Storage(run));
        return facts;
    }

    /// <summary>The storage sentence of each target once, though its trials may differ in a digit: the last one speaks.</summary>
    public static IReadOnlyList<Fact> Storage(RunResult run)
    {
        IGrouping<string, Trial>[] targets = [.. run.Trials.GroupBy(t => t.Target)];
        return [.. targets.Select(t => new Fact(targets.Length == 1 ? "Storage" : $"Storage, {t.Key}", t.Last().Storage.Sentence))];
    }

    private static string Consumers(ConsumersInfo consumers) => consumers.Mode == "none"
        ? "none"
        : $"{Number(consumers.Count)} in {Plural(consumers.Groups, "group")}, {consumers.Client}, {consumers.Mode}, at most {Format.Size(consumers.BacklogBytes)} behind";

    private static string Load(LoadPhaseInfo phase)
    {
        string rate = phase.RatePerSecond is { } perSecond ? $" at {Format.Rate(perSecond)}" : "";
        return $"{phase.Shape}{rate} for {Format.Seconds(phase.DuringSeconds)}";
    }

    private static string Repeat(RunResult run) =>
        run.Trials.Count == run.Scenario.Repeat ? Plural(run.Scenario.Repeat, "trial")
            : $"{Number(run.Scenario.Repeat)} planned for each target, {(run.Trials.Count == 0 ? "none" : Plural(run.Trials.Count, "trial"))} ran";

    private static IEnumerable<Fact> PerTarget(RunResult run, string name, Func<TargetInfo, string> describe)
    {
        (string Name, string Text)[] all = [.. run.Targets.Select(t => (t.Name, describe(t)))];
        return all.Select(t => t.Text).Distinct().Count() == 1
            ? [new Fact(name, all[0].Text)]
            : all.Select(t => new Fact($"{name}, {t.Name}", t.Text));
    }

    /// <summary>By Kafka's rule: the topic's setting if it has one, else the broker's, and no setting means that the kernel writes back when it likes.</summary>
    private static string Durability(ScenarioInfo scenario, TargetInfo target)
    {
        string promise = $"acks {scenario.Producers.Acks}, {Plural(scenario.Topic.Replication, "replica")}";
        if (target.Configuration.Count == 0) return $"{promise}; flush settings not reported";
        long? messages = Setting("flush.messages", "log.flush.interval.messages");
        long? millis = Setting("flush.ms", "log.flush.interval.ms");
        string flush = (messages, millis) switch
        {
            (1, _) => "fsync before every acknowledgement",
            ({ } m, { } ms) => $"fsync every {Format.Count(m)} messages or {Format.Seconds(ms / 1e3)}",
            ({ } m, null) => $"fsync every {Format.Count(m)} messages",
            (null, { } ms) => $"fsync every {Format.Seconds(ms / 1e3)}",
            _ => "no fsync asked for, the kernel writes back",
        };
        return $"{promise}; {flush}";

        long? Setting(string ofTopic, string ofBroker)
        {
            string? text = scenario.Topic.Config.GetValueOrDefault(ofTopic) ?? target.Configuration.GetValueOrDefault(ofBroker);
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value < long.MaxValue ? value : null;
        }
    }

    private static string Plural(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
