using System.Text.RegularExpressions;
using Harness.Runs.Scenarios.Values;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Keys;

/// <summary>
/// The scenario format: every key with its unit, range, default and meaning, in the order in which a file is best written.
/// A key is added by adding a row.
/// </summary>
internal static partial class ScenarioKeys
{
    private const string Config = "topic.config.";

    /// <summary>Every key that holds a value or a list of values.</summary>
    public static IReadOnlyList<ScenarioKey> All { get; } =
    [
        new ScenarioKey<string>(
            "name", new TextRule(60, NamePattern(), "small letters, digits, '-', '_' and '.', at most 60, beginning with a letter or digit"),
            Presence.Required, null, "Names the run's folder and the run in reports.", (d, v) => d.Name = v),
        new ScenarioKey<string>(
            "title", new TextRule(200, null, "one line of at most 200 characters"),
            Presence.Optional, null, "What the scenario shows, for its readers.", (d, v) => d.Title = v),
        new ScenarioKey<string>(
            "claim", new ChoiceRule(["C1", "C2", "C3", "C4", "C5", "C6"], []),
            Presence.Optional, null, "The claim that this scenario puts to the test; the run then ends with its verdict.", (d, v) => d.Claim = v),
        new ScenarioKey<string>(
            "targets", new TargetRule(), Presence.Defaulted, "engine", "The brokers to drive, each with its own trials.", (d, v) => d.Targets.Add(v))
        { IsList = true },
        Count("seed", 0, long.MaxValue, "42", "Every value's bytes follow from it, so that a run can be repeated.", (d, v) => d.Seed = v),

        Count("topic.partitions", 1, 1000, "1", "Partitions of the topic.", (d, v) => d.Partitions = (int)v),
        Count("topic.replication", 1, 16, "1", "Copies of each partition.", (d, v) => d.Replication = (int)v),
        Size("topic.prefill", "1MiB", "1024GiB", null,
            "Batches written before the load begins, over all partitions; they are then read over and over (consumers.mode: reread).", (d, v) => d.PrefillBytes = v),
        Size(Config + TopicConfigNames.RetentionBytes, "1MiB", "16384GiB", "2GiB",
            "Bytes kept in a partition before its oldest segment goes. Bounds the space that a run needs.", (d, v) => d.RetentionBytes = v),
        Size(Config + TopicConfigNames.SegmentBytes, "1MiB", "2147483647B", "256MiB",
            "Size at which a partition begins a new segment.", (d, v) => d.SegmentBytes = v),
        Size(Config + TopicConfigNames.IndexIntervalBytes, "1B", "2147483647B", null,
            "Bytes of log for one entry of the offset index. Without it the broker's own.", (d, v) => d.IndexIntervalBytes = v),
        Size(Config + TopicConfigNames.MaxMessageBytes, "1KiB", "64MiB", null,
            "Largest batch the broker takes. Without it Kafka's 1048588B.", (d, v) => d.MaxMessageBytes = v),

        Size("message.size", "1B", "8MiB", null, "Size of a message's value. Values of 20B and more are verified byte by byte.",
            (d, v) => d.MessageBytes = (int)v, Presence.Required),
        new ScenarioKey<string>(
            "message.key", new ChoiceRule(["none"], [], anyPlanned: true),
            Presence.Defaulted, "none", "Key of a message.", (d, v) => d.MessageKey = v),
        Choice("message.payload", ["random"], ["text", "file"], "random",
            "What fills a value behind its header: bytes computed from seed, producer and sequence.", (d, v) => d.Payload = v),

        Count("producers.count", 1, 64, "1", "Producers, each with a thread and connections of its own.", (d, v) => d.Producers = (int)v),
        Choice("producers.client", ["native", "replay"], ["confluent"], "native",
            "The client that produces; replay sends one batch, encoded before the load, over and over, and verifies counts and offsets alone.",
            (d, v) => d.ProducerClient = v),
        Count("producers.connections", 1, 4096, "1", "Connections of each producer that replays, each with its own requests under way.", (d, v) => d.Connections = (int)v),
        Size("producers.batch", "128B", "16MiB", "512KiB", "Size at which a batch is sealed.", (d, v) => d.BatchBytes = (int)v),
        new ScenarioKey<long>("producers.batchRecords", new CountRule(1, 1_000_000), Presence.Optional, null,
            "Records at which a batch is sealed although it is not full. Without it only its size counts.", (d, v) => d.BatchRecords = (int)v),
        Duration("producers.linger", "0s", "10s", "5ms", "Time after which a batch is sealed that is not full.", (d, v) => d.LingerSeconds = v),
        Choice("producers.acks", ["none", "leader", "all"], [], "leader", "Whose acknowledgement a producer waits for.", (d, v) => d.Acks = v),
        Count("producers.inFlight", 1, 100, "5", "Requests of a producer under way at once.", (d, v) => d.InFlight = (int)v),
        Choice("producers.compression", ["none", "gzip", "snappy", "lz4", "zstd"], [], "none", "Compression of batches.", (d, v) => d.Compression = v),

        Count("consumers.count", 1, 64, "1", "Consumers of a group; they share its partitions.", (d, v) => d.Consumers = (int)v),
        Count("consumers.groups", 1, 16, "1", "Independent readers of the whole topic.", (d, v) => d.Groups = (int)v),
        Choice("consumers.client", ["native", "raw"], ["confluent"], "native",
            "The client that consumes; raw counts batches, records and bytes by their headers and unpacks nothing.", (d, v) => d.ConsumerClient = v),
        Choice("consumers.mode", ["tail", "catch-up", "cold", "reread", "none"], [], "tail",
            "tail: reads while producers write; catch-up: begins with the counted window, at the log's beginning; "
                + "cold: the same of a log that was put out of the page cache just before; reread: reads what the topic was "
                + "filled with (topic.prefill) over and over, while nothing is written; none: nothing is read.",
            (d, v) => d.ConsumerMode = v),
        Size("consumers.fetch", "1KiB", "64MiB", null,
            "The most that a consumer asks of a partition in one request. Without it the client's own.", (d, v) => d.FetchBytes = (int)v),
        Size("consumers.backlog", "1MiB", "1024GiB", "32MiB", "What may wait for the slowest group before a saturating producer pauses.", (d, v) => d.BacklogBytes = v),

        During("saturate", "1s", "Producers send as fast as the broker takes it."),
        new ScenarioKey<long>("load.keep_constant.copies", new CountRule(1, 1_000_000), Presence.Required, null,
            "Senders over all producers, each of which waits for the acknowledgement of its message before it sends the next.",
            (d, v) => d.Phase.Copies = (int)v),
        During("keep_constant", "1s", "A closed loop of so many senders."),
        Rate("inject", "Messages a second over all producers, by a schedule that nothing holds up."),
        During("inject", "1s", "An open loop at one rate."),
        Rate("ramping_inject", "Messages a second at the end; it begins where the phase before left off, the first at none."),
        During("ramping_inject", "1s", "An open loop whose rate changes evenly."),
        During("pause", "100ms", "Nothing is sent."),
        Duration("warmup", "0s", "10m", "5s", "Load before the counted window, verified and never counted.", (d, v) => d.WarmupSeconds = v),
        Duration("firstWarmup", "0s", "10m", null, "In place of warmup in the first trial of each target, whose process is new then: for brokers that compile while they run.",
            (d, v) => d.FirstWarmupSeconds = v),
        Count("repeat", 1, 1000, "5", "Blocks of trials: of a single variant one trial each, of several each of them twice.", (d, v) => d.Repeat = (int)v),

        Choice("ceilings", ["each-trial", "once", "none"], [], "each-trial",
            "How often it is measured what machine and generator carry at best: beside each trial, once for each form of the load, or never.",
            (d, v) => d.Ceilings = v),
        new ScenarioKey<long>("starts", new CountRule(1, 20), Presence.Optional, null,
            "How often each target is started before the load, to measure how long that takes. Without it once.", (d, v) => d.Starts = (int)v),

        Flag("verify.loss", "Every acknowledged message is delivered.", (d, v) => d.VerifyLoss = v),
        Flag("verify.duplicates", "No message is delivered twice.", (d, v) => d.VerifyDuplicates = v),
        Flag("verify.order", "Messages of a producer arrive in their order.", (d, v) => d.VerifyOrder = v),
        Flag("verify.checksum", "Every byte of every value, and the CRC of every batch.", (d, v) => d.VerifyChecksum = v),
        new ScenarioKey<string>(
            "expect", new ExpectationRule(), Presence.Optional, null, "What each target must reach; the run's exit code says whether it did.",
            (d, v) => d.Expect.Add((d.ExpectOf, v)))
        { IsList = true },
        new ScenarioKey<string>(
            "allow", new ChoiceRule(["durability"], []), Presence.Optional, null,
            "What variants may differ in although it makes their comparison unequal.", (d, v) => d.Allow.Add(v))
        { IsList = true },
    ];

    public static IReadOnlyDictionary<string, ScenarioKey> ByPath { get; } = All.ToDictionary(key => key.Path);

    /// <summary>The load shapes; a list of mappings with one shape each stands under this key.</summary>
    public const string Load = "load";

    public const string Targets = "targets";
    public const string Expect = "expect";

    /// <summary>The shape whose rate begins where the phase before left off.</summary>
    public const string Ramp = "ramping_inject";

    /// <summary>In place of a target's name under <see cref="Expect"/>.</summary>
    public const string EachTarget = "each";

    /// <summary>Keys that make several variants of one scenario; they are resolved before its keys are read.</summary>
    public const string Extends = "extends";
    public const string Compare = "compare";
    public const string Matrix = "matrix";

    /// <summary>Keys that hold further keys.</summary>
    public static IReadOnlySet<string> Sections { get; } = new HashSet<string>
    {
        "topic", "topic.config", "message", "producers", "consumers", "verify",
        "load.saturate", "load.keep_constant", "load.inject", "load.ramping_inject", "load.pause",
    };

    /// <summary>Keys that the format has and this version does not carry out. They are refused, never ignored.</summary>
    public static IReadOnlySet<string> Planned { get; } = new HashSet<string>(
        [
            "hardware", "faults", "message.compressibility", "message.file",
            "load.inject_random", "load.ramping_constant", "load.search",
            .. TopicConfigNames.Planned.Select(name => Config + name),
        ]);

    /// <summary>Names that may stand in the section at <paramref name="path"/> (the root: empty), for suggestions.</summary>
    public static IEnumerable<string> NamesIn(string path)
    {
        string prefix = path.Length == 0 ? "" : path + ".";
        return All.Select(key => key.Path).Concat(Sections).Append(Load).Concat([Extends, Compare, Matrix])
            .Where(candidate => candidate.StartsWith(prefix, StringComparison.Ordinal))
            .Select(candidate => candidate[prefix.Length..])
            .Where(name => !name.Contains('.') || prefix == Config)
            .Distinct();
    }

    /// <summary>True for the keys of a load shape, which belong to the phase and not to the scenario.</summary>
    public static bool IsOfShape(ScenarioKey key) => key.Path.StartsWith(Load + ".", StringComparison.Ordinal);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]*$")]
    private static partial Regex NamePattern();

    private static ScenarioKey<decimal> Size(
        string path, string min, string max, string? @default, string description, Action<ScenarioDraft, long> set, Presence? presence = null) =>
        new(path, new QuantityRule(QuantityKind.Bytes, min, max), presence ?? PresenceOf(@default), @default, description, (d, v) => set(d, (long)v));

    private static ScenarioKey<decimal> Duration(
        string path, string min, string max, string? @default, string description, Action<ScenarioDraft, double> set, Presence? presence = null) =>
        new(path, new QuantityRule(QuantityKind.Duration, min, max), presence ?? PresenceOf(@default), @default, description, (d, v) => set(d, (double)v));

    private static ScenarioKey<decimal> During(string shape, string min, string description) =>
        Duration($"{Load}.{shape}.during", min, "1h", null, description, (d, v) => d.Phase.DuringSeconds = v, Presence.Required);

    private static ScenarioKey<decimal> Rate(string shape, string description) =>
        new($"{Load}.{shape}.rate", new QuantityRule(QuantityKind.Rate, "1/s", "1G/s"), Presence.Required, null, description,
            (d, v) => d.Phase.RatePerSecond = (double)v);

    private static ScenarioKey<long> Count(string path, long min, long max, string @default, string description, Action<ScenarioDraft, long> set) =>
        new(path, new CountRule(min, max), Presence.Defaulted, @default, description, set);

    private static ScenarioKey<string> Choice(
        string path, string[] supported, string[] planned, string @default, string description, Action<ScenarioDraft, string> set) =>
        new(path, new ChoiceRule(supported, planned), Presence.Defaulted, @default, description, set);

    private static ScenarioKey<bool> Flag(string path, string description, Action<ScenarioDraft, bool> set) =>
        new(path, new FlagRule(), Presence.Defaulted, "true", description, set);

    private static Presence PresenceOf(string? @default) => @default is null ? Presence.Optional : Presence.Defaulted;
}
