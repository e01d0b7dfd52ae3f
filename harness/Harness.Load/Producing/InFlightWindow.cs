namespace Harness.Load;

/// <summary>
/// How long the producer had as many requests in flight as it may, within the counted window: a broker that sets the pace keeps it
/// full, a generator that is too slow does not. Fed at transitions only, whose time is known anyway. Belongs to the producer's thread.
/// </summary>
internal sealed class InFlightWindow(int limit, CountedWindow window)
{
    private const long NotFull = long.MinValue;

    private long _fullSince = NotFull;

    public int Count { get; private set; }

    public bool IsFull => Count >= limit;

    public long FullNanos { get; private set; }

    public void Enter(long nowNanos)
    {
        Count++;
        if (Count == limit)
        {
            _fullSince = nowNanos;
        }
    }

    public void Leave(long nowNanos)
    {
        if (Count == limit)
        {
            Close(nowNanos);
        }

        Count--;
    }

    /// <summary>Counts a stretch that is still going on, once there is nothing more to come.</summary>
    public void Close(long nowNanos)
    {
        if (_fullSince != NotFull)
        {
            FullNanos += window.OverlapNanos(_fullSince, nowNanos);
            _fullSince = NotFull;
        }
    }
}
