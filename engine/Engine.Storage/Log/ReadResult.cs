namespace Engine.Storage;

/// <summary>What became of a read.</summary>
public enum ReadResult
{
    /// <summary>The slice is good; it is empty at the log's end.</summary>
    Ok,

    /// <summary>Before the start offset or behind the end offset.</summary>
    OffsetOutOfRange,

    /// <summary>The topic was deleted.</summary>
    Deleted,

    /// <summary>The log's files have failed.</summary>
    Offline,
}

/// <summary>An offset, and the timestamp (milliseconds since the Unix epoch) of its record.</summary>
public readonly record struct OffsetAndTimestamp(long Offset, long TimestampMs);
