using Engine.Linux;

namespace Harness.Load;

/// <summary>Sends nothing. What was sent before is still sealed by its linger, and acknowledgements are read.</summary>
internal sealed class PauseShape : ILoadShape
{
    public void Run(NativeProducer producer, long beginNanos, long endNanos, Action atWork, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && MonotonicClock.Nanos() is var nowNanos && nowNanos < endNanos)
        {
            producer.Pump(Math.Min(NativeProducer.WaitNanosMax, endNanos - nowNanos));
            atWork();
        }
    }
}
