using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// A closed loop of senders, each of which has one message unacknowledged at a time and sends the next as soon as it is answered; with acks
/// none, as soon as it is handed to the connection. Messages carry the time of Send. The producer's linger applies as ever: senders that all
/// wait for a batch that is not full wait for its linger, as Kafka's own producers do.
/// </summary>
/// <param name="copies">Senders of this producer; none does nothing.</param>
internal sealed class KeepConstantShape(MessageFeed feed, Backlog backlog, int copies) : ILoadShape
{
    private const long PumpNanos = 20_000;

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
            long waitNanos = 0;
            long free = copies - producer.UnfinishedMessages;
            bool blocked = backlog.IsFull;
            sent = 0;
            if (free > 0 && !blocked)
            {
                sent = feed.SendBurst(producer, nowNanos, (int)Math.Min(free, _cadence.Messages), out bool noRoom);
                waitNanos = noRoom ? NativeProducer.WaitNanosMax : 0;
            }
            else
            {
                waitNanos = blocked ? Backlog.FullWaitNanos : NativeProducer.WaitNanosMax;
            }

            if (waitNanos > 0 || nowNanos - pumpedNanos >= PumpNanos)
            {
                producer.Pump(Math.Min(waitNanos, endNanos - nowNanos));
                atWork();
                pumpedNanos = nowNanos;
            }
        }
    }
}
