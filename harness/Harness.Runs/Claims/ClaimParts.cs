namespace Harness.Runs.Claims;

/// <summary>When a part of a claim is measured.</summary>
internal enum PartOf
{
    Always,

    /// <summary>Only with <c>--full</c>.</summary>
    Full,

    /// <summary>Only without it: the full form measures the same and more.</summary>
    NotFull,

    /// <summary>Where an Apache Kafka is at hand to stand beside the engine.</summary>
    BesideKafka,
}

/// <summary>One scenario of a claim.</summary>
/// <param name="Claim">Empty for what is measured beside a claim and gets no verdict.</param>
/// <param name="Scenario">By its name under scenarios/.</param>
/// <param name="Settings">What is changed of it where all that is wanted is a verdict within minutes: <c>path=value</c>. The full form runs it as it stands.</param>
internal sealed record ClaimPart(string Claim, string Scenario, PartOf When = PartOf.Always, params string[] Settings)
{
    public const string HeadlineScenario = "kafka-20m";

    /// <summary>The claims in order, each with what is measured for it. A claim is added by adding its rows, its scenarios and its judge.</summary>
    public static IReadOnlyList<ClaimPart> All { get; } =
    [
        new("C1", HeadlineScenario, PartOf.NotFull, "repeat=6", "warmup=2s", "load.saturate.during=5s", "ceilings=once"),
        new("C1", HeadlineScenario, PartOf.Full, "repeat=6"),
        new("C1", "engine-beside-kafka", PartOf.BesideKafka),
        new("C1", "headline-combinations", PartOf.Full),
        new("C2", "thirty-to-one"),
        new("C2", "records-per-batch"),
        new("C2", "record-validation", PartOf.NotFull, "repeat=6", "warmup=300ms", "load.saturate.during=1s", "ceilings=none"),
        new("C2", "record-validation", PartOf.Full),
        new("C3", "log-in-memory"),
        new("C3", "log-on-disk"),
        new("C4", "tail-from-memory"),
        new("C4", "cold-reader"),
        new("C4", "writers-beside-cold-reader"),
        new("C5", "transfer"),
        new("C5", "transfer-by-size", PartOf.NotFull),
        new("C5", "transfer-combinations", PartOf.Full),
        new("C6", "technique-ladder", PartOf.NotFull, "producers.batch=4KiB", "producers.inFlight=2", "matrix={message.size: [30B, 1KiB]}"),
        new("C6", "technique-ladder", PartOf.Full),
    ];

    /// <summary>What runs without a verb. The ladder takes one block, so it shows ratios and gets no verdict.</summary>
    public static IReadOnlyList<ClaimPart> Headline { get; } =
    [
        new("C1", HeadlineScenario, PartOf.Always, "warmup=3s", "load.saturate.during=8s"),
        new("", "ladder", PartOf.Always, "repeat=1"),
    ];

    public static IReadOnlyList<string> Claims { get; } = [.. All.Select(part => part.Claim).Distinct()];
}
