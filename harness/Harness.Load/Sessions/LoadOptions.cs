using Results;

namespace Harness.Load;

/// <summary>What a <see cref="LoadSession"/> drives, and how.</summary>
public sealed record LoadOptions
{
    /// <summary>host:port of the broker that leads all partitions.</summary>
    public required string Broker { get; init; }

    /// <summary>Exists, is empty, and is used by nobody else.</summary>
    public required string Topic { get; init; }

    public required ScenarioInfo Scenario { get; init; }

    public string ClientId { get; init; } = "harness";

    /// <summary>How long StopProducers waits for the last acknowledgements before it calls the broker failed.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of a partition in a fetch response; 0 leaves the consumer's default (2 MiB).</summary>
    public int PartitionMaxBytes { get; init; }
}

/// <summary>Totals since the session's start.</summary>
/// <param name="AtNanos">CLOCK_MONOTONIC when they were read.</param>
/// <param name="Consumed">All groups together.</param>
public sealed record LoadSample(long AtNanos, FlowTotals Sent, FlowTotals Acknowledged, FlowTotals Consumed);

/// <summary>How a session does at this moment.</summary>
/// <param name="PublishP99Micros">Of what the counted window got acknowledged since the last look; null when that is nothing.</param>
/// <param name="EndToEndP99Micros">Of what the counted window got delivered since the last look; null when that is nothing.</param>
/// <param name="BacklogMessages">Acknowledged and not yet consumed, over all groups; null without consumers.</param>
/// <param name="Violations">Found by the verifier so far; what is lost it only knows at the end.</param>
public sealed record LoadObservation(long? PublishP99Micros, long? EndToEndP99Micros, long? BacklogMessages, long Violations);

/// <summary>What a session leaves when it has ended.</summary>
public sealed record LoadOutcome
{
    public required Verification Verification { get; init; }

    /// <summary>Of messages whose stamp lies in the counted window.</summary>
    public required LatencyInfo Latency { get; init; }

    /// <summary>How the open phases kept their schedule in the counted window; null for a load without any.</summary>
    public required ScheduleInfo? Schedule { get; init; }

    /// <summary>Share of the counted window in which the in-flight window was full, averaged over producers.</summary>
    public required double InFlightFullShare { get; init; }

    /// <summary>
    /// Bytes that each worker thread allocated in the counted window, by its name. A collection in the window books what is left of
    /// a thread's allocation quantum (8 KiB) as allocated by it, so a few of these are no allocation per message.
    /// </summary>
    public required IReadOnlyDictionary<string, long> AllocatedBytes { get; init; }
}
