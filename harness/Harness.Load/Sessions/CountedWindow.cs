using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// The part of a trial that counts, by monotonic time. Set by the controller, read by workers once a batch. A load that runs by a
/// schedule has it planned from the start, so that what is due in it is known when it is sent; for any other it begins when the controller
/// says so, and until then nothing lies in it.
/// </summary>
internal sealed class CountedWindow
{
    private const long Unknown = long.MaxValue;

    private long _beginNanos = Unknown;
    private long _endNanos = Unknown;

    /// <summary>The beginning, maybe still to come; long.MaxValue while it is not known.</summary>
    public long BeginNanos => Volatile.Read(ref _beginNanos);

    /// <summary>The end, maybe still to come; long.MaxValue while it is not known.</summary>
    public long EndNanos => Volatile.Read(ref _endNanos);

    public bool HasBegun => BeginNanos is var begin && begin != Unknown && begin <= MonotonicClock.Nanos();

    public bool HasEnded => EndNanos is var end && end != Unknown && end <= MonotonicClock.Nanos();

    /// <summary>0 while beginning or end are not known.</summary>
    public long LengthNanos => BeginNanos == Unknown || EndNanos == Unknown ? 0 : Math.Max(0, EndNanos - BeginNanos);

    public void Plan(long beginNanos, long endNanos)
    {
        Volatile.Write(ref _endNanos, endNanos);
        Volatile.Write(ref _beginNanos, beginNanos);
    }

    /// <summary>Begins at this moment what was not planned.</summary>
    public void Begin(long nowNanos)
    {
        if (BeginNanos == Unknown)
        {
            Volatile.Write(ref _beginNanos, nowNanos);
        }
    }

    /// <summary>Ends at this moment what has not ended before by plan.</summary>
    public void End(long nowNanos) => Volatile.Write(ref _endNanos, Math.Min(EndNanos, nowNanos));

    public bool Contains(long nanos) => nanos >= BeginNanos && nanos < EndNanos;

    /// <summary>How much of a stretch of time lies in the window.</summary>
    public long OverlapNanos(long fromNanos, long toNanos)
    {
        long from = Math.Max(fromNanos, BeginNanos);
        long to = Math.Min(toNanos, EndNanos);
        return Math.Max(0, to - from);
    }
}
