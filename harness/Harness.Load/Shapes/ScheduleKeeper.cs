using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>
/// How well one producer keeps an open schedule in the counted window: how late messages are sent, and whose fault it is.
/// <para>
/// A message that finds no room, because the broker has not answered what fills the buffers, is the broker's delay, which its latency
/// shows. So is what was due meanwhile, and what comes while the producer catches up; but for no longer than it was kept waiting, so that a
/// producer which cannot keep up by itself is not excused for good by one stall. Everything else is the generator's own lateness.
/// </para>
/// <para>Belongs to the producer's thread, but for <see cref="SentBeforeNanos"/>.</para>
/// </summary>
internal sealed class ScheduleKeeper(CountedWindow window)
{
    /// <summary>What an open schedule is held to, at the 99th percentile.</summary>
    public const long LateNanos = 100_000;

    /// <summary>Lateness is recorded in tenths of a microsecond.</summary>
    private const long UnitNanos = 100;
    private const double UnitsPerMicro = 10;
    private const long NotWaiting = long.MinValue;

    private readonly LatencyRecorder _lateness = new();
    private long _waitingSince = NotWaiting;
    private long _waitedNanos;
    private long _excusedUntil = long.MinValue;
    private long _sent;
    private long _unsent;
    private long _late;
    private long _heldUp;
    private long _sentBeforeNanos = long.MinValue;

    /// <summary>Messages that are due from then on are in no window.</summary>
    public long CountsBeforeNanos => window.HasBegun ? window.EndNanos : long.MinValue;

    /// <summary>All that was due before it has been sent. Any thread.</summary>
    public long SentBeforeNanos => Volatile.Read(ref _sentBeforeNanos);

    /// <summary>There is no room for what is due.</summary>
    public void NoRoom(long nowNanos)
    {
        if (_waitingSince == NotWaiting)
        {
            _waitingSince = nowNanos;
        }
    }

    /// <summary>Nothing is due any more: what comes now is on its own time again.</summary>
    public void CaughtUp(long nowNanos)
    {
        Volatile.Write(ref _sentBeforeNanos, nowNanos);
        _waitedNanos = 0;
        _waitingSince = NotWaiting;
        _excusedUntil = long.MinValue;
    }

    /// <summary>A message was sent.</summary>
    public void Sent(long dueNanos, long nowNanos)
    {
        if (_waitingSince != NotWaiting)
        {
            _waitedNanos += nowNanos - _waitingSince;
            _waitingSince = NotWaiting;
            _excusedUntil = nowNanos + _waitedNanos;
        }

        Volatile.Write(ref _sentBeforeNanos, dueNanos);
        if (window.Contains(dueNanos))
        {
            _sent++;
            Judge(dueNanos, nowNanos);
        }
    }

    /// <summary>A message was due and never sent, because the load was stopped before.</summary>
    public void NeverSent(long dueNanos, long nowNanos)
    {
        if (window.Contains(dueNanos))
        {
            _unsent++;
            Judge(dueNanos, nowNanos);
        }
    }

    /// <summary>All producers together, when their threads have ended.</summary>
    public static ScheduleInfo Merge(IReadOnlyCollection<ScheduleKeeper> keepers)
    {
        LatencyRecorder all = LatencyRecorder.Merge(keepers.Select(static keeper => keeper._lateness));
        double p99Micros = all.Percentile(99) / UnitsPerMicro;
        return new ScheduleInfo
        {
            OfferedMessages = keepers.Sum(static keeper => keeper._sent + keeper._unsent),
            SentMessages = keepers.Sum(static keeper => keeper._sent),
            LateMessages = keepers.Sum(static keeper => keeper._late),
            HeldUpMessages = keepers.Sum(static keeper => keeper._heldUp),
            LateP50Micros = all.Percentile(50) / UnitsPerMicro,
            LateP99Micros = p99Micros,
            LateMaxMicros = all.MaxMicros / UnitsPerMicro,
            Held = p99Micros * 1000 <= LateNanos,
        };
    }

    private void Judge(long dueNanos, long nowNanos)
    {
        if (_waitingSince != NotWaiting || nowNanos <= _excusedUntil)
        {
            _heldUp++;
            return;
        }

        long late = Math.Max(0, nowNanos - dueNanos);
        _late += late > LateNanos ? 1 : 0;
        _lateness.Record(late / UnitNanos);
    }
}
