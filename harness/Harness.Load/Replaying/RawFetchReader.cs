using System.Buffers.Binary;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Walks Fetch responses (version 11) as they stream in, and looks at nothing but headers: of the response, of its partitions, of the batches. Records
/// are passed over unseen, without a checksum, so that what a response costs its reader is the copy out of the kernel and little more.
/// <para>
/// One small buffer is received into again and again, since it stays in the cache: collecting whole responses first, as a consumer does that
/// unpacks them, writes every byte to memory once. Belongs to the consumer's thread.
/// </para>
/// </summary>
internal sealed class RawFetchReader
{
    private const int CapacityBytes = 256 * 1024;
    private const int ResponseHeadBytes = 18;
    private const int PartitionHeadBytes = 34;
    private const int PartitionTailBytes = 8;
    private const int AbortedBytes = 16;

    private readonly string _address;
    private readonly FlowCounters _consumed;
    private readonly Dictionary<int, RawPartition> _partitions;
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(CapacityBytes, pinned: true);
    private Element _element;
    private int _start;
    private int _end;

    /// <summary>Bytes to be passed over before the next element.</summary>
    private long _skip;
    private long _frameLeft;
    private int _partitionsLeft;
    private int _recordsLeft;
    private bool _anyRecords;
    private bool _anyBatch;
    private RawPartition? _partition;
    private int _correlationId;
    private long _askedNanos;

    public RawFetchReader(string address, IReadOnlyList<RawPartition> partitions, FlowCounters consumed)
    {
        _address = address;
        _consumed = consumed;
        _partitions = partitions.ToDictionary(static partition => partition.Index);
    }

    /// <summary>What comes next in the stream.</summary>
    private enum Element
    {
        Length,
        ResponseHead,
        TopicNameLength,
        PartitionCount,
        PartitionHead,
        PartitionTail,
        Batch,
        End,
    }

    /// <summary>Where to receive. Never empty.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                // At most an element that is not whole yet.
                _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
                _end -= _start;
                _start = 0;
            }

            return _bytes.AsSpan(_end);
        }
    }

    /// <param name="askedNanos">When its request was sent.</param>
    public void BeginResponse(int correlationId, long askedNanos)
    {
        _correlationId = correlationId;
        _askedNanos = askedNanos;
        _element = Element.Length;
        _anyRecords = false;
        _anyBatch = false;
    }

    /// <summary>Takes bytes that were received into <see cref="Free"/>; true when the response is whole.</summary>
    public bool Received(int count)
    {
        _end += count;
        while (true)
        {
            int passed = (int)Math.Min(_skip, _end - _start);
            _start += passed;
            _skip -= passed;
            if (_skip > 0)
            {
                return false;
            }

            if (_element == Element.End)
            {
                return Ended();
            }

            int needed = Needed();
            if (_end - _start < needed)
            {
                return false;
            }

            ReadOnlySpan<byte> element = _bytes.AsSpan(_start, needed);
            _start += needed;
            if (_element != Element.Length && (_frameLeft -= needed) < 0)
            {
                throw Malformed("it is longer than its frame");
            }

            Take(element);
        }
    }

    private int Needed() => _element switch
    {
        Element.Length => Frames.LengthBytes,
        Element.ResponseHead => ResponseHeadBytes,
        Element.TopicNameLength => sizeof(short),
        Element.PartitionCount => sizeof(int),
        Element.PartitionHead => PartitionHeadBytes,
        Element.PartitionTail => PartitionTailBytes,
        _ => RecordBatch.HeaderBytes,
    };

    private void Take(ReadOnlySpan<byte> element)
    {
        switch (_element)
        {
            case Element.Length:
                _frameLeft = Int32(element, 0);
                _element = _frameLeft >= 0 ? Element.ResponseHead : throw Malformed($"a frame of {_frameLeft} bytes");
                break;
            case Element.ResponseHead:
                TakeResponseHead(element);
                break;
            case Element.TopicNameLength:
                Skip(BinaryPrimitives.ReadInt16BigEndian(element));
                _element = Element.PartitionCount;
                break;
            case Element.PartitionCount:
                _partitionsLeft = Int32(element, 0);
                NextPartition();
                break;
            case Element.PartitionHead:
                TakePartitionHead(element);
                break;
            case Element.PartitionTail:
                TakePartitionTail(element);
                break;
            default:
                TakeBatch(element);
                break;
        }
    }

    /// <summary>Correlation id, throttle time, error, session, number of topics.</summary>
    private void TakeResponseHead(ReadOnlySpan<byte> head)
    {
        if (Int32(head, 0) != _correlationId)
        {
            throw Malformed($"the answer to request {Int32(head, 0)} came where that to {_correlationId} was due");
        }

        ThrowIf((ErrorCode)BinaryPrimitives.ReadInt16BigEndian(head[8..]), null);
        int topics = Int32(head, 14);
        _element = topics switch
        {
            0 => Element.End,
            1 => Element.TopicNameLength,
            _ => throw Malformed($"{topics} topics where one was asked for"),
        };
    }

    /// <summary>Index, error, high watermark, last stable offset, log start, number of aborted transactions.</summary>
    private void TakePartitionHead(ReadOnlySpan<byte> head)
    {
        int index = Int32(head, 0);
        if (!_partitions.TryGetValue(index, out _partition))
        {
            throw Malformed($"partition {index}, which was not asked for");
        }

        ThrowIf((ErrorCode)BinaryPrimitives.ReadInt16BigEndian(head[4..]), index);
        if (_partition.Position >= BinaryPrimitives.ReadInt64BigEndian(head[6..]))
        {
            Volatile.Write(ref _partition.EndSeenNanos, _askedNanos);
        }

        Skip((long)Math.Max(0, Int32(head, 30)) * AbortedBytes);
        _element = Element.PartitionTail;
    }

    /// <summary>Preferred replica, bytes of records.</summary>
    private void TakePartitionTail(ReadOnlySpan<byte> tail)
    {
        _recordsLeft = Math.Max(0, Int32(tail, sizeof(int)));
        _anyRecords |= _recordsLeft > 0;
        NextBatch();
    }

    private void TakeBatch(ReadOnlySpan<byte> header)
    {
        long size = RecordBatch.SizeBytes(header);
        if (size < RecordBatch.HeaderBytes)
        {
            throw Malformed($"a batch of {size} bytes", _partition!.Index);
        }

        long left = _recordsLeft - RecordBatch.HeaderBytes;
        if (size > _recordsLeft)
        {
            // A response that is full may cut its last batch.
            _recordsLeft = 0;
            Skip(left);
        }
        else
        {
            int records = _partition!.Take(
                RecordBatch.BaseOffset(header), header[RecordBatch.MagicAt], RecordBatch.LastOffsetDelta(header), RecordBatch.RecordCount(header));
            _consumed.AddMessages(records);
            _consumed.AddBatch((int)size);
            _anyBatch = true;
            _recordsLeft -= (int)size;
            Skip(size - RecordBatch.HeaderBytes);
        }

        NextBatch();
    }

    private void NextBatch()
    {
        if (_recordsLeft >= RecordBatch.HeaderBytes)
        {
            _element = Element.Batch;
            return;
        }

        Skip(_recordsLeft);
        _recordsLeft = 0;
        _partitionsLeft--;
        NextPartition();
    }

    private void NextPartition() => _element = _partitionsLeft > 0 ? Element.PartitionHead : Element.End;

    private bool Ended()
    {
        if (_frameLeft != 0 || _end != _start)
        {
            throw Malformed($"{_frameLeft + _end - _start} bytes behind its end");
        }

        return !_anyRecords || _anyBatch ? true : throw Malformed("the first batch of a response is cut");
    }

    private void Skip(long bytes)
    {
        _skip += Math.Max(0, bytes);
        if ((_frameLeft -= Math.Max(0, bytes)) < 0)
        {
            throw Malformed("it is longer than its frame");
        }
    }

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);

    private void ThrowIf(ErrorCode error, int? partition)
    {
        if (error == ErrorCode.OffsetOutOfRange)
        {
            throw new BrokerException(
                _address, "Fetch", $"offset {_partition!.Position} is out of range: retention was faster than the reader", partition, error);
        }

        if (error != ErrorCode.None)
        {
            throw BrokerException.Answered(_address, "Fetch", partition, error);
        }
    }

    private BrokerException Malformed(string what, int? partition = null) => new(_address, "Fetch", $"malformed response: {what}", partition);
}
