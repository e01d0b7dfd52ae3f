namespace Engine.Storage;

/// <summary>What became of a batch from a producer.</summary>
public enum AppendOutcome
{
    Appended,

    /// <summary>It is one of its producer's last five, which the log has already; the offset is the one it got then.</summary>
    Duplicate,

    /// <summary>Its sequence is not the one that is next.</summary>
    OutOfOrderSequence,

    /// <summary>A later epoch of its producer id has appended.</summary>
    InvalidProducerEpoch,

    /// <summary>Its producer is not known, and no more can be remembered: to take it would promise that its repeat is recognised.</summary>
    TooManyProducers,
}

/// <param name="BaseOffset">The offset of its first record; −1 when it is not in the log.</param>
/// <param name="TimestampMs">
/// The time it was appended at, where the log's topic has that; of a duplicate its largest timestamp; otherwise −1: what Kafka answers as the log
/// append time.
/// </param>
public readonly record struct AppendResult(AppendOutcome Outcome, long BaseOffset, long TimestampMs)
{
    /// <summary>The batch is to be acknowledged when the log has been flushed up to this offset; 0: at once.</summary>
    public long FlushTo { get; init; }
}
