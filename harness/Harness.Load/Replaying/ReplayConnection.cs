using System.Buffers.Binary;
using System.Diagnostics;
using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// One connection that sends the same batch over and over, in Produce requests as any client's, and reads the answers. Only the correlation id and
/// the partition change from one request to the next, in the few bytes before the batch; the batch itself is shared by all connections.
/// A small batch goes with those bytes in one send, a large one behind them in a send of its own.
/// <para>
/// Answers of a connection come in order, so what is acknowledged to it must lie behind what was acknowledged before: a base offset that does not is
/// counted. Belongs to its producer's thread; nothing is allocated once it is there.
/// </para>
/// </summary>
internal sealed class ReplayConnection : IDisposable
{
    private const int JoinedBytesMax = 16 * 1024;
    private const int RequestTimeoutMs = 30_000;
    private const long NanosPerMilli = 1_000_000;

    private readonly ReplayBatch _batch;
    private readonly TcpProduceTransport _transport;
    private readonly ResponseBuffer _responses;
    private readonly byte[] _head;
    private readonly int _headBytes;
    private readonly int _correlationAt;
    private readonly int _partitionAt;
    private readonly int[] _partitions;
    private readonly long[] _nextOffsets;
    private readonly long[] _acknowledged;
    private readonly long[] _sentNanos;
    private readonly int[] _slots;
    private int _next;
    private int _oldest;
    private int _unsentFrom = -1;
    private int _answerId;
    private int _requestId;

    /// <param name="partitions">Those that this connection writes to, in turn.</param>
    public ReplayConnection(ReplayPlan plan, ReplayBatch batch, string topic, string clientId, int[] partitions, TcpProduceTransport transport)
    {
        _batch = batch;
        _transport = transport;
        _responses = new ResponseBuffer(transport.Address);
        _partitions = partitions;
        _nextOffsets = new long[partitions.Length];
        _acknowledged = new long[partitions.Length];
        _sentNanos = new long[plan.InFlight];
        _slots = new int[plan.InFlight];
        WireBuffer before = new(512);
        ProduceClient.WriteBeforeBatch(before, 0, clientId, plan.Acks, RequestTimeoutMs, topic, 0, batch.Bytes.Length);
        bool joined = batch.Bytes.Length <= JoinedBytesMax;
        _headBytes = before.Length;
        _head = GC.AllocateUninitializedArray<byte>(_headBytes + (joined ? batch.Bytes.Length : 0), pinned: true);
        before.Written.CopyTo(_head);
        if (joined)
        {
            batch.Bytes.CopyTo(_head.AsSpan(_headBytes));
        }

        // The request header begins with key and version; the partition stands right before the batch's length.
        _correlationAt = Frames.LengthBytes + (2 * sizeof(short));
        _partitionAt = _headBytes - (2 * sizeof(int));
        Debug.Assert(BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(_headBytes - sizeof(int))) == batch.Bytes.Length, "the batch's length comes last");
    }

    public FileDescriptor Socket => _transport.Socket;

    /// <summary>Requests begun and not answered.</summary>
    public int InFlight { get; private set; }

    /// <summary>True while a request has not been handed to the socket whole.</summary>
    public bool IsSending => _unsentFrom >= 0;

    public bool HasRoom => InFlight < _slots.Length && !IsSending;

    /// <summary>True while the socket takes no more: it is then watched for room.</summary>
    public bool WatchedForRoom { get; set; }

    /// <summary>Acknowledgements whose offsets lie before those of an earlier one.</summary>
    public long Overlaps { get; private set; }

    public IReadOnlyList<int> Partitions => _partitions;

    /// <summary>Records acknowledged of the partition at that place in <see cref="Partitions"/>.</summary>
    public long Acknowledged(int index) => _acknowledged[index];

    /// <summary>Puts together the next request; <see cref="Send"/> sends it.</summary>
    public void Begin(long nowNanos)
    {
        int slot = (_oldest + InFlight) % _slots.Length;
        _slots[slot] = _next;
        _sentNanos[slot] = nowNanos;
        InFlight++;
        BinaryPrimitives.WriteInt32BigEndian(_head.AsSpan(_correlationAt), _requestId++);
        BinaryPrimitives.WriteInt32BigEndian(_head.AsSpan(_partitionAt), _partitions[_next]);
        _next = _next + 1 < _partitions.Length ? _next + 1 : 0;
        _unsentFrom = 0;
    }

    /// <summary>Hands the socket what is left of a request; false when it takes no more.</summary>
    public bool Send()
    {
        bool joined = _head.Length > _headBytes;
        int total = _headBytes + _batch.Bytes.Length;
        while (_unsentFrom < total)
        {
            bool fromHead = joined || _unsentFrom < _headBytes;
            ReadOnlySpan<byte> rest = fromHead ? _head.AsSpan(_unsentFrom) : _batch.Bytes.AsSpan(_unsentFrom - _headBytes);
            int sent = _transport.Send(rest, more: fromHead && !joined);
            if (sent == 0)
            {
                return false;
            }

            _unsentFrom += sent;
        }

        _unsentFrom = -1;
        return true;
    }

    /// <summary>Reads what is there, without waiting, and tells each answer.</summary>
    /// <param name="answered">Called with the time at which the answered request was begun.</param>
    public void ReadAnswers(Action<long> answered)
    {
        int received = _transport.Receive(_responses.Free);
        if (received == 0)
        {
            return;
        }

        _responses.Received(received);
        while (_responses.TryTakeFrame(out ReadOnlySpan<byte> frame))
        {
            if (InFlight == 0)
            {
                throw Failed("an answer came that no request waits for");
            }

            int index = _slots[_oldest];
            Take(frame, index);
            long sentNanos = _sentNanos[_oldest];
            _oldest = (_oldest + 1) % _slots.Length;
            InFlight--;
            answered(sentNanos);
        }
    }

    public void CheckTimeout(long nowNanos)
    {
        if (InFlight > 0 && nowNanos - _sentNanos[_oldest] > RequestTimeoutMs * NanosPerMilli)
        {
            throw Failed($"no answer within {RequestTimeoutMs} ms", _partitions[_slots[_oldest]]);
        }
    }

    public void Dispose() => _transport.Dispose();

    private void Take(ReadOnlySpan<byte> frame, int index)
    {
        int partition = _partitions[index];
        ProduceResult result;
        try
        {
            WireReader reader = new(frame);
            int correlationId = Frames.ReadResponseHeader(ref reader, ApiKey.Produce, ProduceClient.Version);
            if (correlationId != _answerId)
            {
                throw Failed($"the answer to request {correlationId} came where that to {_answerId} was due", partition);
            }

            _answerId++;
            result = ProduceClient.ReadResult(ref reader);
        }
        catch (WireFormatException malformed)
        {
            throw Failed($"malformed response: {malformed.Message}", partition);
        }

        if (result.Partition != partition)
        {
            throw Failed($"the answer names partition {result.Partition}", partition);
        }

        if (result.Error != ErrorCode.None)
        {
            throw BrokerException.Answered(_transport.Address, "Produce", partition, result.Error);
        }

        if (result.BaseOffset < _nextOffsets[index])
        {
            Overlaps++;
        }

        _nextOffsets[index] = result.BaseOffset + _batch.Records;
        _acknowledged[index] += _batch.Records;
    }

    private BrokerException Failed(string cause, int? partition = null) => new(_transport.Address, "Produce", cause, partition);
}
