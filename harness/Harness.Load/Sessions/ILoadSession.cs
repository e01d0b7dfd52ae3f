namespace Harness.Load;

/// <summary>
/// The load of one trial on one broker, whatever its clients. Order of use: <see cref="Start"/>, <see cref="BeginWindow"/>,
/// <see cref="EndWindow"/>, <see cref="StopProducers"/>, <see cref="Drain"/>, <see cref="Finish"/>, Dispose; <see cref="Sample"/> at any time.
/// After a failure or cancellation <see cref="Finish"/> may follow at once, and tells what is known. All of it is for one controlling thread,
/// except Sample, <see cref="Failure"/> and <see cref="Failed"/>.
/// </summary>
public interface ILoadSession : IDisposable
{
    /// <summary>The first failure of any worker: a <see cref="BrokerException"/> unless something unforeseen happened. It stops the others.</summary>
    Exception? Failure { get; }

    /// <summary>Completes with the first failure; never, if there is none.</summary>
    Task<Exception> Failed { get; }

    /// <summary>Connects everything and lets the load go.</summary>
    /// <param name="cancellation">Ends the session within about 100 ms, now or at any time later.</param>
    /// <exception cref="BrokerException">The broker could not be reached, or refused.</exception>
    void Start(CancellationToken cancellation);

    /// <summary>Begins the counted window, unless a schedule does that itself. Totals at the beginning.</summary>
    LoadSample BeginWindow();

    /// <summary>Ends the counted window, if its schedule has not ended it already: totals at its end.</summary>
    LoadSample EndWindow();

    /// <summary>Totals so far. Any thread; disturbs no worker.</summary>
    LoadSample Sample();

    /// <summary>What a watcher wants to know besides totals, since it last asked. One thread; disturbs no worker.</summary>
    LoadObservation Observe();

    /// <summary>Stops sending and returns when everything sent is acknowledged, or a worker failed, or the session was cancelled.</summary>
    /// <returns>True when everything is acknowledged (with acks none: handed to the connection).</returns>
    bool StopProducers();

    /// <summary>Waits until the consumers have been delivered everything acknowledged, or will not be.</summary>
    /// <returns>True when reading came to the end; false at the time limit, a failure or cancellation.</returns>
    bool Drain(TimeSpan timeout, CancellationToken cancellation);

    /// <summary>Ends all workers and draws the verdict.</summary>
    LoadOutcome Finish();
}
