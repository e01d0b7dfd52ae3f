namespace Harness.Load;

/// <summary>
/// Decides when which message is sent: the body of a producer's thread. One instance a producer. Returns when stopped; what it sent is then
/// flushed by its caller.
/// </summary>
internal interface ILoadShape
{
    /// <param name="atWork">Called now and then by the thread that runs the shape, at least every 100 ms.</param>
    void Run(NativeProducer producer, Action atWork, CancellationToken stop);
}
