using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>Everything a figure hangs on, in the order in which a reader asks.</summary>
internal static class Conditions
{
    /// <summary>Of more variants their number is told instead of their names.</summary>
    private const int NamesLimit = 3;

    /// <summary>Of more variants the storage regime is told instead of a sentence each.</summary>
    private const int StorageSentencesLimit = 4;

    public static IReadOnlyList<Fact> Of(RunResult run)
    {
        IReadOnlyList<VariantInfo> variants = RunVariants.Of(run);
        ScenarioInfo[] scenarios = variants.Count == 0 ? [run.Scenario] : [.. variants.Select(v => v.Scenario)];
        IReadOnlyList<Fact>[] asked = [.. scenarios.Select(OfScenario)];
        return
        [
            .. asked[0].SelectMany((fact, i) => Told(fact.Name, [.. asked.Select((facts, v) => (variants.Count == 0 ? "" : variants[v].Name, facts[i].Value))])),
            new("Seed", Number(run.Scenario.Seed)),
            new("Repeat", Repeat(run)),
            .. Told("Durability", [.. variants.Select(v => (v.Name, Durability(run, v))).Where(v => v.Item2.Length > 0)]),
            .. run.Trials.Select(t => t.Verification.Depth).Distinct().Select(depth => new Fact("Verification", depth)),
            .. Told("Schedule", [.. run.Trials.GroupBy(RunVariants.NameOf).Select(v => (v.Key, Schedule([.. v.Select(t => t.Schedule).OfType<ScheduleInfo>()]))).Where(v => v.Item2.Length > 0)]),
            .. run.Profiles.Select(profile => profile.Hertz).Distinct().Select(hertz => new Fact("Profiled", $"the brokers were sampled {Number(hertz)} times a second of their CPU time, which costs them a little")),
            .. Storage(run),
        ];
    }

    /// <summary>Whether the generator did what the open phases asked of it; nothing where there are none.</summary>
    private static string Schedule(IReadOnlyList<ScheduleInfo> trials)
    {
        if (trials.Count == 0) return "";
        int missed = trials.Count(t => !t.Held);
        string late = $"messages at most {Format.Micros(trials.Max(t => t.LateP99Micros))} late at the 99th percentile";
        string kept = missed == 0 ? $"kept: {late}" : $"missed by the generator in {missed} of {Plural(trials.Count, "trial")}: {late}";
        long heldUp = trials.Sum(t => t.HeldUpMessages);
        long unsent = trials.Sum(t => t.OfferedMessages - t.SentMessages);
        return kept
            + (heldUp > 0 ? $"; {Format.Count(heldUp)} held up by the broker, which is in their latency" : "")
            + (unsent > 0 ? $"; {Format.Count(unsent)} of {Format.Count(trials.Sum(t => t.OfferedMessages))} never sent, as the broker left no room for them" : "")
            + (trials[0].ThreadsNice is < 0 and { } nice ? $"; the generator's threads went before the broker's (nice {Number(nice)})" : "");
    }

    /// <summary>The storage sentence of each variant once, though its trials may differ in a digit: the last one speaks.</summary>
    public static IReadOnlyList<Fact> Storage(RunResult run)
    {
        IGrouping<string, Trial>[] variants = [.. run.Trials.GroupBy(RunVariants.NameOf)];
        return Told("Storage", [.. variants.Select(v => (v.Key, variants.Length > StorageSentencesLimit ? Wording.Of(v.Last().Storage.Regime) : v.Last().Storage.Sentence))]);
    }

    private static IReadOnlyList<Fact> OfScenario(ScenarioInfo scenario)
    {
        ProducersInfo producers = scenario.Producers;
        string key = scenario.Message.Key == "none" ? "no key" : $"key {scenario.Message.Key}";
        return
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
            new("Warm-up", $"{Format.Seconds(scenario.WarmupSeconds)}{(scenario.FirstWarmupSeconds is { } first ? $" ({Format.Seconds(first)} in the first trial of a target)" : "")}, not counted"),
        ];
    }

    /// <summary>What is true of all variants once; where they differ, each value with those that have it.</summary>
    private static IReadOnlyList<Fact> Told(string name, IReadOnlyList<(string Variant, string Value)> each)
    {
        IGrouping<string, string>[] values = [.. each.GroupBy(e => e.Value, e => e.Variant)];
        return values.Length == 1 ? [new Fact(name, values[0].Key)] : [.. values.Select(v => new Fact($"{name}, {Names([.. v])}", v.Key))];
    }

    private static string Names(string[] variants) =>
        variants.Length > NamesLimit ? $"{Number(variants.Length)} variants" : PlainText.OneLine(string.Join(" and ", variants));

    private static string Consumers(ConsumersInfo consumers) => consumers.Mode == "none"
        ? "none"
        : $"{Number(consumers.Count)} in {Plural(consumers.Groups, "group")}, {consumers.Client}, {consumers.Mode}, at most {Format.Size(consumers.BacklogBytes)} behind";

    private static string Load(LoadPhaseInfo phase)
    {
        string from = phase.StartRatePerSecond is { } start ? $" from {Format.Rate(start)}" : "";
        string rate = phase.RatePerSecond is { } perSecond ? $" {(from.Length > 0 ? "to" : "at")} {Format.Rate(perSecond)}" : "";
        string copies = phase.Copies is { } count ? $" with {Plural(count, "sender")}" : "";
        return $"{phase.Shape}{from}{rate}{copies} for {Format.Seconds(phase.DuringSeconds)}";
    }

    private static string Repeat(RunResult run)
    {
        if (run.Variants.Count > 0)
        {
            int planned = run.Variants.Sum(v => RunVariants.TrialsPlanned(run, v));
            bool interleaved = run.Variants.GroupBy(v => v.Point).Any(point => point.Count() > 1);
            string blocks = interleaved ? $"{Plural(run.Scenario.Repeat, "interleaved block")}, " : "";
            return $"{blocks}{Plural(planned, "trial")}" + (run.Trials.Count == planned ? "" : $" planned, {Number(run.Trials.Count)} ran");
        }

        return run.Trials.Count == run.Scenario.Repeat ? Plural(run.Scenario.Repeat, "trial")
            : $"{Number(run.Scenario.Repeat)} planned for each target, {(run.Trials.Count == 0 ? "none" : Plural(run.Trials.Count, "trial"))} ran";
    }

    /// <summary>By Kafka's rule: the topic's setting if it has one, else the broker's, and no setting means that the kernel writes back when it likes.</summary>
    /// <returns>Empty where the target was never reached.</returns>
    private static string Durability(RunResult run, VariantInfo variant)
    {
        if (run.Targets.FirstOrDefault(t => t.Name == variant.Target) is not { } target) return "";
        ScenarioInfo scenario = variant.Scenario;
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
