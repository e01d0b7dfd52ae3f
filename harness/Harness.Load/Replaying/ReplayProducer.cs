using Engine.Linux;
using Harness.Measure;

namespace Harness.Load;

/// <summary>
/// A thread that keeps the windows of its connections full of Produce requests with a batch that was encoded before: what a producer costs without
/// making messages, so that a broker can be driven to its end by a fraction of a processor.
/// <para>
/// It waits by epoll, since there may be a thousand connections; one that has room, which an answer makes, is filled at once. The latency is of a closed
/// loop: from when a request was begun to when its answer was read.
/// </para>
/// <para>Belongs to one thread, except its counters. Buffers are allocated at the start; nothing is in the steady state.</para>
/// </summary>
internal sealed class ReplayProducer : IDisposable
{
    private const int WaitMs = 50;
    private const int FullBacklogWaitMs = 1;
    private const int EventsMax = 256;

    /// <summary>How long it looks for answers before it sleeps, so that the broker does not spend its time on waking it. Of 20, 50 and 200 µs the first was too short.</summary>
    private const long LookNanos = 50_000;
    private const long NanosPerMicro = 1_000;

    /// <summary>From this share of all requests on, the windows of several connections count as full: one of them is always between two requests.</summary>
    private const double NearlyFull = 0.8;

    private readonly ReplayConnection[] _connections;
    private readonly Epoll _epoll = new();
    private readonly EpollEvent[] _events = new EpollEvent[EventsMax];
    private readonly ReplayBatch _batch;
    private readonly CountedWindow _window;
    private readonly Backlog _backlog;
    private readonly Action<long> _answered;

    /// <summary>True while a connection has room that the backlog does not let it use.</summary>
    private bool _held;

    public ReplayProducer(ReplayPlan plan, int index, ReplayBatch batch, LoadOptions options, BrokerAddress broker, CountedWindow window, Backlog backlog, CancellationToken cancellation)
    {
        _batch = batch;
        _window = window;
        _backlog = backlog;
        _answered = Answered;
        int requests = plan.ConnectionsPerProducer * plan.InFlight;
        InFlight = new InFlightWindow(plan.ConnectionsPerProducer == 1 ? requests : (int)Math.Ceiling(requests * NearlyFull), window);
        _connections = new ReplayConnection[plan.ConnectionsPerProducer];
        try
        {
            for (int i = 0; i < _connections.Length; i++)
            {
                int first = (index * plan.ConnectionsPerProducer) + i;
                _connections[i] = new ReplayConnection(
                    plan, batch, options.Topic, options.ClientId, Partitions(plan, first, i), new TcpProduceTransport(broker, cancellation));
                _epoll.Watch(_connections[i].Socket, EpollEvents.In, (ulong)i);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public FlowCounters Sent { get; } = new();

    public FlowCounters Acknowledged { get; } = new();

    public InFlightWindow InFlight { get; }

    public LatencyRecorder PublishLatency { get; } = new();

    public IReadOnlyList<ReplayConnection> Connections => _connections;

    public bool IsIdle => Array.TrueForAll(_connections, static connection => connection.InFlight == 0);

    /// <summary>Sends until stopped, or until so many bytes of batches were sent.</summary>
    public void Run(Action atWork, long bytesLimit, CancellationToken stop)
    {
        FillAll(bytesLimit);
        while (!stop.IsCancellationRequested && (Sent.WireByteCount < bytesLimit || AnySending()))
        {
            Wait(_held ? FullBacklogWaitMs : WaitMs, bytesLimit);
            atWork();
            if (_held)
            {
                FillAll(bytesLimit);
            }
        }
    }

    /// <summary>Waits until everything sent is acknowledged; false when the deadline comes first.</summary>
    public bool Flush(long deadlineNanos, CancellationToken cancellation)
    {
        while (!IsIdle)
        {
            cancellation.ThrowIfCancellationRequested();
            if (MonotonicClock.Nanos() >= deadlineNanos)
            {
                return false;
            }

            Wait(WaitMs, bytesLimit: 0);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (ReplayConnection? connection in _connections)
        {
            connection?.Dispose();
        }

        _epoll.Dispose();
    }

    /// <summary>Every connection has partitions of its own as far as there are enough; producers begin at different ones.</summary>
    private static int[] Partitions(ReplayPlan plan, int first, int connection) => plan.Partitions < plan.ConnectionsPerProducer
        ? [first % plan.Partitions]
        : [.. Enumerable.Range(0, plan.Partitions).Where(p => p % plan.ConnectionsPerProducer == connection)
            .Select(p => (p + (first - connection)) % plan.Partitions)];

    private bool AnySending() => Array.Exists(_connections, static connection => connection.IsSending);

    private void Wait(int timeoutMs, long bytesLimit)
    {
        int count = _epoll.LookAndWait(_events, LookNanos, timeoutMs);
        for (int i = 0; i < count; i++)
        {
            int connection = (int)_events[i].Data;
            if ((_events[i].Events & ~EpollEvents.Out) != 0)
            {
                _connections[connection].ReadAnswers(_answered);
            }

            Fill(connection, bytesLimit);
        }

        if (count == 0)
        {
            long nowNanos = MonotonicClock.Nanos();
            foreach (ReplayConnection connection in _connections)
            {
                connection.CheckTimeout(nowNanos);
            }
        }
    }

    private void FillAll(long bytesLimit)
    {
        _held = false;
        for (int i = 0; i < _connections.Length; i++)
        {
            Fill(i, bytesLimit);
        }
    }

    /// <summary>Sends what is left of a request, and then as many as the window has room for.</summary>
    private void Fill(int index, long bytesLimit)
    {
        ReplayConnection connection = _connections[index];
        bool flows = !connection.IsSending || connection.Send();
        while (flows && connection.HasRoom && Sent.WireByteCount < bytesLimit)
        {
            if (_backlog.IsFull)
            {
                _held = true;
                break;
            }

            long nowNanos = MonotonicClock.Nanos();
            connection.Begin(nowNanos);
            InFlight.Enter(nowNanos);
            Sent.AddMessages(_batch.Records);
            Sent.AddBatch(_batch.Bytes.Length);
            flows = connection.Send();
        }

        if (connection.WatchedForRoom == flows)
        {
            connection.WatchedForRoom = !flows;
            _epoll.Change(connection.Socket, flows ? EpollEvents.In : EpollEvents.In | EpollEvents.Out, (ulong)index);
        }
    }

    private void Answered(long begunNanos)
    {
        long nowNanos = MonotonicClock.Nanos();
        InFlight.Leave(nowNanos);
        Acknowledged.AddMessages(_batch.Records);
        Acknowledged.AddBatch(_batch.Bytes.Length);
        if (_window.Contains(begunNanos))
        {
            PublishLatency.Record((nowNanos - begunNanos) / NanosPerMicro, _batch.Records);
        }
    }
}
