namespace Engine.Storage;

/// <summary>
/// Which offsets of a log were appended within the last seconds: their pages were just written, and need not be asked after. Two marks, moved
/// on once a second, instead of a time for each batch. By time and not by bytes: the last megabytes of a log that nobody writes to may have
/// left the page cache long ago.
/// <para>The appender adds, any thread asks without a lock: a stale answer is one of a moment ago.</para>
/// </summary>
public sealed class RecentAppends
{
    /// <summary>What counts as recent was appended at most four times this ago.</summary>
    private const int MarkMs = 1000;

    private long _olderOffset = long.MaxValue;
    private long _newerOffset = long.MaxValue;
    private long _newerAtMs = long.MinValue / 2;

    internal RecentAppends()
    {
    }

    /// <summary>Notes an append. Under the log's lock.</summary>
    internal void Add(long baseOffset)
    {
        long now = Environment.TickCount64;
        long since = now - _newerAtMs;
        if (since < MarkMs)
        {
            return;
        }

        Volatile.Write(ref _olderOffset, since < 2 * MarkMs ? _newerOffset : baseOffset);
        _newerOffset = baseOffset;
        Volatile.Write(ref _newerAtMs, now);
    }

    /// <summary>True when the offset was appended within the last seconds by this process; costs a comparison.</summary>
    public bool Contains(long offset) =>
        offset >= Volatile.Read(ref _olderOffset) && Environment.TickCount64 - Volatile.Read(ref _newerAtMs) < 2 * MarkMs;
}
