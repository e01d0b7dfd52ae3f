namespace Results;

/// <summary>
/// How the open phases of the load kept their schedule in the counted window. Lateness is from when a message was due to when it was sent,
/// where the generator itself was late; a message that waited because the broker left no room for it counts as held up instead, and
/// its waiting is in its latency.
/// </summary>
public sealed record ScheduleInfo
{
    /// <summary>Due in the window.</summary>
    public required long OfferedMessages { get; init; }

    /// <summary>Of these, sent before the load was stopped.</summary>
    public required long SentMessages { get; init; }

    /// <summary>Late by more than 100 µs, through the generator.</summary>
    public required long LateMessages { get; init; }

    /// <summary>Held up by the broker; they are not in the lateness.</summary>
    public required long HeldUpMessages { get; init; }

    public required double LateP50Micros { get; init; }
    public required double LateP99Micros { get; init; }
    public required double LateMaxMicros { get; init; }

    /// <summary>True when the 99th percentile of the lateness is at most 100 µs. False: the generator missed its own schedule.</summary>
    public required bool Held { get; init; }

    /// <summary>Nice value of the generator's threads: below 0 they go before the broker's. Null in documents from before it was told.</summary>
    public int? ThreadsNice { get; init; }
}
