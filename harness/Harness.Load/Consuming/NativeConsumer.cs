using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// A Kafka consumer that reads its partitions from their end (or, to catch up, their beginning) on, checks every batch, unpacks every record and hands it to
/// the verifier.
/// <para>
/// One request is under way at a time. It is sent as soon as the offsets behind the last response are known, from the headers of its batches, so
/// that the broker finds and sends the next while this side decodes and compares; the kernel's receive buffer holds it. A second
/// buffer of our own would only move bytes out of caches that are shared already.
/// </para>
/// <para>Belongs to one thread, that of <see cref="Open"/> and <see cref="Run"/>.</para>
/// </summary>
internal sealed class NativeConsumer : IDisposable
{
    private readonly ConsumerOptions _options;
    private readonly FetchConnection _connection;
    private readonly FetchProcessor _processor;
    private readonly WireBuffer _request = new();
    private int _correlationId;
    private volatile int _maxWaitMs;

    public NativeConsumer(ConsumerOptions options, FetchConnection connection, FetchProcessor processor)
    {
        _options = options;
        _maxWaitMs = options.MaxWaitMs;
        _connection = connection;
        _processor = processor;
    }

    /// <summary>
    /// Finds where reading begins. At the partitions' ends it fetches once, so that what is produced from now on is seen from its first message.
    /// </summary>
    public void Open(CancellationToken cancellation)
    {
        long which = _options.FromBeginning ? ListOffsetsRequest.Earliest : ListOffsetsRequest.Latest;
        foreach (int partition in _options.Partitions)
        {
            _processor.StartAt(partition, AskOffset(partition, which, cancellation));
        }

        if (_options.FromBeginning)
        {
            return;
        }

        long askedNanos = SendFetch(maxWaitMs: 0, cancellation);
        ReadOnlySpan<byte> response = ReceiveFetch(askedNanos, cancellation);
        _processor.Verify(response);
    }

    /// <summary>Reads until cancelled, or until no partition is left to be read.</summary>
    /// <param name="afterResponse">Called after each response.</param>
    public void Run(Action afterResponse, CancellationToken cancellation)
    {
        if (_processor.HasNothingToRead)
        {
            return;
        }

        long askedNanos = SendFetch(_maxWaitMs, cancellation);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> response = ReceiveFetch(askedNanos, cancellation);
            bool more = !_processor.HasNothingToRead;
            if (more)
            {
                askedNanos = SendFetch(_maxWaitMs, cancellation);
            }

            _processor.Verify(response);
            afterResponse();
            if (!more)
            {
                return;
            }
        }
    }

    /// <summary>Makes the next requests look for the log's end instead of waiting at it. Any thread.</summary>
    public void ShortenWaits()
    {
        const int DrainWaitMs = 20;
        _maxWaitMs = Math.Min(_maxWaitMs, DrainWaitMs);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _processor.Dispose();
    }

    private long SendFetch(int maxWaitMs, CancellationToken cancellation)
    {
        _request.Clear();
        FetchClient.WriteRequest(
            _request,
            ++_correlationId,
            _options.ClientId,
            maxWaitMs,
            _options.MinBytes,
            _options.MaxBytes,
            _options.Topic,
            _processor.NextRequests());
        long nowNanos = MonotonicClock.Nanos();
        _connection.Send(_request.Written, "Fetch", cancellation);
        return nowNanos;
    }

    private ReadOnlySpan<byte> ReceiveFetch(long askedNanos, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> response = _connection.Receive("Fetch", cancellation);
        try
        {
            _processor.Plan(response, _correlationId, askedNanos);
        }
        catch (OffsetOutOfRangeException outOfRange)
        {
            throw Overtaken(outOfRange, cancellation);
        }

        return response;
    }

    /// <summary>Says what happened to an offset that the broker does not hold: nearly always retention was faster than this reader.</summary>
    private BrokerException Overtaken(OffsetOutOfRangeException outOfRange, CancellationToken cancellation)
    {
        int partition = outOfRange.Partition;
        long start = AskOffset(partition, ListOffsetsRequest.Earliest, cancellation);
        string cause = start > outOfRange.Offset
            ? $"retention removed offsets {outOfRange.Offset}..{start - 1} before they were read"
            : $"offset {outOfRange.Offset} is out of range; the log holds {start}..{AskOffset(partition, ListOffsetsRequest.Latest, cancellation) - 1}";
        return new BrokerException(_connection.Address, "Fetch", cause, partition, ErrorCode.OffsetOutOfRange);
    }

    private long AskOffset(int partition, long which, CancellationToken cancellation)
    {
        const short Version = 1;
        ListOffsetsRequest request = new()
        {
            Topics =
            [
                new() { Name = _options.Topic, Partitions = [new() { Index = partition, Timestamp = which }] },
            ],
        };
        _request.Clear();
        int start = Frames.BeginRequest(_request, ApiKey.ListOffsets, Version, ++_correlationId, _options.ClientId);
        WireBuffer writer = _request;
        ListOffsetsRequest.Describe(ref writer, request, Version);
        Frames.End(_request, start);
        _connection.Send(_request.Written, "ListOffsets", cancellation);
        return ReadOffset(_connection.Receive("ListOffsets", cancellation), partition, Version);
    }

    private long ReadOffset(ReadOnlySpan<byte> frame, int partition, short version)
    {
        ListOffsetsResponse response = new();
        try
        {
            WireReader reader = new(frame);
            if (Frames.ReadResponseHeader(ref reader, ApiKey.ListOffsets, version) != _correlationId)
            {
                throw new BrokerException(_connection.Address, "ListOffsets", "the answer to another request came", partition);
            }

            ListOffsetsResponse.Describe(ref reader, response, version);
        }
        catch (WireFormatException malformed)
        {
            throw new BrokerException(_connection.Address, "ListOffsets", $"malformed response: {malformed.Message}", partition);
        }

        if (response.Topics is not [{ Partitions: [ListOffsetsPartitionResult result] }])
        {
            throw new BrokerException(_connection.Address, "ListOffsets", "the answer does not hold the one partition asked for", partition);
        }

        return result.Error == ErrorCode.None
            ? result.Offset
            : throw BrokerException.Answered(_connection.Address, "ListOffsets", partition, result.Error);
    }
}
