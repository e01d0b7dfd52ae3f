using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// A consumer that fetches and does not unpack: requests as any client's, one under way at a time, answers walked by their headers
/// (<see cref="RawFetchReader"/>). What a broker can serve is measured by it, not what a client can take.
/// <para>Belongs to one thread. Nothing is allocated once it runs.</para>
/// </summary>
internal sealed class RawConsumer : IDisposable
{
    private const string Api = "Fetch";
    private const int MaxWaitMs = 500;
    private const int TimeoutMs = 30_000 + MaxWaitMs;
    private const int DrainWaitMs = 20;
    private const int ResponseBytes = 16 << 20;
    private const long NanosPerMilli = 1_000_000;

    private readonly LoadOptions _options;
    private readonly ReplayPlan _plan;
    private readonly RequestSocket _socket;
    private readonly RawPartition[] _partitions;
    private readonly FetchPartition[] _requests;
    private readonly RawFetchReader _reader;
    private readonly CountedWindow _window;
    private readonly WireBuffer _request = new();
    private long[]? _ends;
    private int _first;
    private int _correlationId;
    private volatile int _maxWaitMs = MaxWaitMs;

    public RawConsumer(ReplayPlan plan, LoadOptions options, BrokerAddress broker, int consumer, CountedWindow window, CancellationToken cancellation)
    {
        _options = options;
        _plan = plan;
        _window = window;
        _partitions = [.. Enumerable.Range(0, plan.Partitions).Where(p => p % plan.ConsumersPerGroup == consumer).Select(p => new RawPartition(p))];
        _requests = new FetchPartition[_partitions.Length];
        _reader = new RawFetchReader(broker.Text, _partitions, Consumed);
        _socket = new RequestSocket(broker, cancellation);
    }

    public FlowCounters Consumed { get; } = new();

    public IReadOnlyList<RawPartition> Partitions => _partitions;

    /// <summary>Time of the counted window in which the broker's bytes were waited for. Any thread reads it once the consumer has ended.</summary>
    public long WaitedNanos { get; private set; }

    /// <summary>Begins at these offsets.</summary>
    public void StartAt(IReadOnlyList<long> offsets)
    {
        foreach (RawPartition partition in _partitions)
        {
            partition.Position = offsets[partition.Index];
        }
    }

    /// <summary>Reads the partitions from 0 up to these ends over and over.</summary>
    public void Reread(IReadOnlyList<long> ends) => _ends = [.. ends];

    /// <summary>True when a fetch asked for after the given time found every partition read to its end. Any thread.</summary>
    public bool HasReachedEndSince(long sinceNanos) => Array.TrueForAll(_partitions, p => Volatile.Read(ref p.EndSeenNanos) >= sinceNanos);

    /// <summary>Reads until cancelled.</summary>
    /// <param name="afterResponse">Called after each response.</param>
    public void Run(Action afterResponse, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            _reader.BeginResponse(++_correlationId, MonotonicClock.Nanos());
            SendFetch(cancellation);
            Receive(cancellation);
            afterResponse();
        }
    }

    /// <summary>Makes the next requests look for the log's end instead of waiting at it. Any thread.</summary>
    public void ShortenWaits() => _maxWaitMs = DrainWaitMs;

    public void Dispose() => _socket.Dispose();

    private void SendFetch(CancellationToken cancellation)
    {
        // Another partition comes first each time, because a response that is full serves the first ones only.
        _first = (_first + 1) % _partitions.Length;
        for (int i = 0; i < _partitions.Length; i++)
        {
            RawPartition partition = _partitions[(_first + i) % _partitions.Length];
            if (_ends is not null && partition.Position >= _ends[partition.Index])
            {
                partition.Position = 0;
            }

            _requests[i] = new FetchPartition(partition.Index, -1, partition.Position, _plan.FetchBytes);
        }

        _request.Clear();
        FetchClient.WriteRequest(
            _request, _correlationId, _options.ClientId, _maxWaitMs, minBytes: 1, Math.Max(ResponseBytes, _plan.FetchBytes), _options.Topic, _requests);
        _socket.Send(_request.Written, Api, cancellation);
    }

    private void Receive(CancellationToken cancellation)
    {
        long deadlineNanos = MonotonicClock.Nanos() + (TimeoutMs * NanosPerMilli);
        while (true)
        {
            int count = _socket.ReceiveNoWait(_reader.Free, Api);
            if (count == 0)
            {
                count = ReceiveWaiting(deadlineNanos, cancellation);
            }

            if (count > 0 && _reader.Received(count))
            {
                return;
            }
        }
    }

    /// <summary>As <see cref="RequestSocket.Receive"/>, with the time of the wait told.</summary>
    private int ReceiveWaiting(long deadlineNanos, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long fromNanos = MonotonicClock.Nanos();
        int count = _socket.Receive(_reader.Free, Api);
        long toNanos = MonotonicClock.Nanos();
        WaitedNanos += _window.OverlapNanos(fromNanos, toNanos);
        return count > 0 || toNanos <= deadlineNanos ? count
            : throw new BrokerException(_socket.Address, Api, $"no answer within {TimeoutMs} ms");
    }
}
