namespace Harness.Load;

/// <summary>
/// Decides when which message is sent, in one phase of the load: what a producer's thread does from one time to another. One instance a producer
/// and phase.
/// </summary>
internal interface ILoadShape
{
    /// <summary>Returns when the phase is over, or stopped.</summary>
    /// <param name="beginNanos">The phase's beginning by <see cref="Engine.Linux.MonotonicClock"/>; has come, or nearly.</param>
    /// <param name="atWork">Called now and then by the thread that runs the shape, at least every 100 ms.</param>
    void Run(NativeProducer producer, long beginNanos, long endNanos, Action atWork, CancellationToken stop);
}
