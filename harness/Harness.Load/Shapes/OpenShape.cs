using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// An open schedule: a message is sent when it is due, whatever the broker does, and carries the time at which it was due. One that comes
/// late, because the generator or the broker was late, is sent at once with that stamp all the same, so that the waiting is in its latency (no
/// coordinated omission). While there is no room, messages wait unsent; the schedule goes on.
/// <para>
/// Between messages the thread sleeps on the connection when there is time, to leave the processor to others, and turns round when
/// there is not, because a sleep ends tens of microseconds late. It turns round by yielding: where broker and consumer share its processor they get it
/// at once and give it back when they have done what the last message asked of them, and do not wait for the end of a time slice that is spent on
/// looking at the clock.
/// </para>
/// </summary>
internal sealed class OpenShape(MessageFeed feed, DueTimes times, ScheduleKeeper keeper) : ILoadShape
{
    /// <summary>A sleep ends this much before the next message is due.</summary>
    private const long SpinNanos = 60_000;

    /// <summary>A turn is given away when it would be so much longer before the next message is due.</summary>
    private const long YieldNanos = 3_000;

    /// <summary>Between two looks at the connection while messages come one upon another.</summary>
    private const long PumpNanos = 20_000;

    /// <summary>Messages sent after one reading of the clock, when so many are due: together they take a microsecond at most.</summary>
    private const int BurstMessages = 16;

    public void Run(NativeProducer producer, long beginNanos, long endNanos, Action atWork, CancellationToken stop)
    {
        ThreadTimers.SetSlackNanos(1);
        long pumpedNanos = 0;
        while (!stop.IsCancellationRequested)
        {
            long nowNanos = MonotonicClock.Nanos();
            long untilNanos = Math.Min(endNanos, beginNanos + times.NextNanos) - nowNanos;
            if (untilNanos > 0)
            {
                keeper.CaughtUp(nowNanos);
            }
            else if (beginNanos + times.NextNanos >= endNanos)
            {
                return;
            }
            else if (!SendDue(producer, beginNanos, Math.Min(nowNanos, endNanos - 1), nowNanos))
            {
                keeper.NoRoom(nowNanos);
                untilNanos = NativeProducer.WaitNanosMax;
            }
            else if (producer.SendsAtOnce)
            {
                pumpedNanos = 0;
            }

            if (untilNanos > SpinNanos || nowNanos - pumpedNanos >= PumpNanos)
            {
                producer.Pump(Math.Min(untilNanos - SpinNanos, NativeProducer.WaitNanosMax));
                atWork();
                pumpedNanos = nowNanos;
            }
            else if (untilNanos > YieldNanos)
            {
                Thread.Yield();
            }
        }

        CountUnsent(beginNanos, endNanos);
    }

    /// <summary>Sends what is due by a time, a burst at most; false when there was no room for it.</summary>
    private bool SendDue(NativeProducer producer, long beginNanos, long lastDueNanos, long nowNanos)
    {
        for (int i = 0; i < BurstMessages && beginNanos + times.NextNanos is var dueNanos && dueNanos <= lastDueNanos; i++)
        {
            feed.SendBurst(producer, dueNanos, 1, out bool noRoom);
            if (noRoom)
            {
                return false;
            }

            keeper.Sent(dueNanos, nowNanos);
            times.MoveNext();
        }

        return true;
    }

    /// <summary>Stopped with messages due: they were offered, too.</summary>
    private void CountUnsent(long beginNanos, long endNanos)
    {
        long nowNanos = MonotonicClock.Nanos();
        long beforeNanos = Math.Min(Math.Min(nowNanos + 1, endNanos), keeper.CountsBeforeNanos);
        for (; beginNanos + times.NextNanos is var dueNanos && dueNanos < beforeNanos; times.MoveNext())
        {
            keeper.NeverSent(dueNanos, nowNanos);
        }
    }
}
