using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// Sends as fast as the broker takes it: a closed loop, whose messages have no intended time and carry the time of Send.
/// <para>
/// The loop closes over the whole way: while more than the backlog's limit waits for the consumers, nothing is sent. Otherwise the
/// scheduler would decide which side gets ahead, until retention removes what was never read.
/// </para>
/// </summary>
internal sealed class SaturateShape(MessageFeed feed, Backlog backlog) : ILoadShape
{
    /// <summary>Between two looks at the connection. An answer is noticed this much late at most; looking costs a system call.</summary>
    private const long PumpNanos = 40_000;

    private readonly StampCadence _cadence = new();

    public void Run(NativeProducer producer, long beginNanos, long endNanos, Action atWork, CancellationToken stop)
    {
        long pumpedNanos = 0;
        int sent = 0;
        while (!stop.IsCancellationRequested)
        {
            long nowNanos = MonotonicClock.Nanos();
            if (nowNanos >= endNanos)
            {
                return;
            }

            _cadence.Read(nowNanos, sent);
            if (nowNanos - pumpedNanos >= PumpNanos)
            {
                producer.Pump();
                atWork();
                pumpedNanos = nowNanos;
                if (backlog.IsFull)
                {
                    producer.Pump(Math.Min(Backlog.FullWaitNanos, endNanos - nowNanos));
                    continue;
                }
            }

            sent = feed.SendBurst(producer, nowNanos, _cadence.Messages, out bool noRoom);
            if (noRoom)
            {
                producer.Pump(Math.Min(NativeProducer.WaitNanosMax, endNanos - nowNanos));
            }
        }
    }
}
