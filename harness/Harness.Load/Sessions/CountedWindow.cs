namespace Harness.Load;

/// <summary>
/// The part of a trial that counts, by monotonic time. Set by the controller, read by workers once a batch. Until it has begun nothing lies
/// in it; until it has ended everything later than its beginning does.
/// </summary>
internal sealed class CountedWindow
{
    private long _beginNanos = long.MaxValue;
    private long _endNanos = long.MaxValue;

    public long BeginNanos => Volatile.Read(ref _beginNanos);

    public long EndNanos => Volatile.Read(ref _endNanos);

    public bool HasBegun => BeginNanos != long.MaxValue;

    public bool HasEnded => EndNanos != long.MaxValue;

    public long LengthNanos => HasBegun && HasEnded ? EndNanos - BeginNanos : 0;

    public void Begin(long nowNanos) => Volatile.Write(ref _beginNanos, nowNanos);

    public void End(long nowNanos) => Volatile.Write(ref _endNanos, nowNanos);

    /// <summary>How much of a stretch of time lies in the window.</summary>
    public long OverlapNanos(long fromNanos, long toNanos)
    {
        long from = Math.Max(fromNanos, BeginNanos);
        long to = Math.Min(toNanos, EndNanos);
        return Math.Max(0, to - from);
    }
}
