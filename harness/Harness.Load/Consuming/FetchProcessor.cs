using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Turns Fetch responses into verified messages, in two steps so that the next request can be on its way before the second:
/// <see cref="Plan"/> walks the headers of the batches and knows then from where to read on; <see cref="Verify"/> checks and unpacks them.
/// <para>
/// Knows nothing of sockets: the consumer feeds it from a connection, the null-source ceiling from memory, and both run this same code.
/// Belongs to the consumer's thread.
/// </para>
/// </summary>
internal sealed class FetchProcessor : IDisposable
{
    /// <summary>No batch is longer: what claims to be is damage. (Kafka's own limit on a frame.)</summary>
    private const int BatchBytesMax = 100 << 20;

    private readonly string _address;
    private readonly PartitionReader[] _readers;
    private readonly FetchPartition[] _requests;
    private readonly Slice[] _slices;
    private readonly BatchUnpacker _unpacker;
    private readonly int _partitionMaxBytes;
    private int _sliceCount;
    private int _firstRequested;
    private PartitionReader? _cut;

    public FetchProcessor(ConsumerOptions options, string address, Func<int, PartitionVerifier> verifiers)
    {
        _address = address;
        _unpacker = new BatchUnpacker(options.DecompressedBytesMax);
        _partitionMaxBytes = options.PartitionMaxBytes;
        _readers = [.. options.Partitions.Select(partition => new PartitionReader(partition, verifiers(partition)))];
        _requests = new FetchPartition[_readers.Length];
        _slices = new Slice[_readers.Length];
    }

    public FlowCounters Consumed { get; } = new();

    /// <summary>True when no partition is left that can be read on.</summary>
    public bool HasNothingToRead => Array.TrueForAll(_readers, static reader => reader.Verifier.Stopped);

    /// <summary>
    /// What to ask for next: every partition that is still read, at its next offset. Each time another comes first, because a response that is
    /// full serves the first ones only.
    /// </summary>
    public ReadOnlySpan<FetchPartition> NextRequests()
    {
        int count = 0;
        _firstRequested = (_firstRequested + 1) % _readers.Length;
        for (int i = 0; i < _readers.Length; i++)
        {
            PartitionReader reader = _readers[(_firstRequested + i) % _readers.Length];
            if (!reader.Verifier.Stopped)
            {
                _requests[count++] = new FetchPartition(reader.Partition, -1, reader.Position, _partitionMaxBytes);
            }
        }

        return _requests.AsSpan(0, count);
    }

    /// <summary>Where reading of a partition begins.</summary>
    public void StartAt(int partition, long offset)
    {
        PartitionReader reader = Find(partition);
        reader.Position = offset;
        reader.Verifier.StartAt(offset);
    }

    /// <summary>
    /// True when a fetch asked for after the given time found every partition read to its end.
    /// Any thread.
    /// </summary>
    public bool HasReachedEndSince(long sinceNanos) =>
        Array.TrueForAll(_readers, reader => reader.Verifier.Stopped || Volatile.Read(ref reader.EndSeenNanos) >= sinceNanos);

    /// <summary>True when nothing that was acknowledged is still to come. Any thread.</summary>
    public bool NothingAwaitsDelivery() =>
        Array.TrueForAll(_readers, static reader => reader.Verifier.Stopped || reader.Verifier.NothingAwaitsDelivery);

    /// <summary>Walks the batches of a response without opening them, and moves the positions behind the last whole ones.</summary>
    /// <param name="frame">The response, its length not included.</param>
    /// <param name="askedNanos">When its request was sent.</param>
    public void Plan(ReadOnlySpan<byte> frame, int correlationId, long askedNanos)
    {
        _sliceCount = 0;
        _cut = null;
        try
        {
            WireReader body = new(frame);
            int answered = Frames.ReadResponseHeader(ref body, ApiKey.Fetch, FetchClient.Version);
            if (answered != correlationId)
            {
                throw Failed($"the answer to request {answered} came where that to {correlationId} was due");
            }

            FetchResponseReader response = new(body);
            if (response.Error != ErrorCode.None)
            {
                throw BrokerException.Answered(_address, "Fetch", null, response.Error);
            }

            while (response.NextPartition(out FetchedPartition fetched))
            {
                PlanPartition(frame, fetched, askedNanos);
            }

            if (_cut is not null && _sliceCount == 0)
            {
                _slices[_sliceCount++] = new Slice(_cut, 0, 0, 0, "the first batch of a response is cut");
            }
        }
        catch (WireFormatException malformed)
        {
            throw Failed($"malformed response: {malformed.Message}");
        }
    }

    /// <summary>Checks, unpacks and verifies what <see cref="Plan"/> found in the same frame.</summary>
    public void Verify(ReadOnlySpan<byte> frame)
    {
        for (int i = 0; i < _sliceCount; i++)
        {
            VerifySlice(frame.Slice(_slices[i].Start, _slices[i].Length), _slices[i]);
        }
    }

    public void Dispose() => _unpacker.Dispose();

    private void PlanPartition(ReadOnlySpan<byte> frame, in FetchedPartition fetched, long askedNanos)
    {
        PartitionReader reader = Find(fetched.Index);
        if (fetched.Error == ErrorCode.OffsetOutOfRange)
        {
            throw new OffsetOutOfRangeException(fetched.Index, reader.Position);
        }

        if (fetched.Error != ErrorCode.None)
        {
            throw BrokerException.Answered(_address, "Fetch", fetched.Index, fetched.Error);
        }

        if (_sliceCount == _slices.Length)
        {
            throw Failed("the response names a partition twice");
        }

        if (fetched.Records.IsEmpty)
        {
            if (reader.Position >= fetched.HighWatermark)
            {
                Volatile.Write(ref reader.EndSeenNanos, askedNanos);
            }

            return;
        }

        long from = reader.Position;
        int whole = 0;
        string? fault = null;
        while (TryWholeBatch(fetched.Records[whole..], out ReadOnlySpan<byte> batch, ref fault))
        {
            reader.Position = PartitionVerifier.OffsetBehind(
                reader.Position,
                RecordBatch.BaseOffset(batch),
                PartitionVerifier.PlausibleCount(batch, fetched.HighWatermark, _unpacker.RecordsMax),
                fetched.HighWatermark);
            whole += batch.Length;
        }

        if (fault is null && whole == 0)
        {
            // A response that is full may cut any batch but its first.
            _cut = reader;
            return;
        }

        if (fault is null && reader.Position == from)
        {
            fault = "a response holds only batches from before the offset asked for";
        }

        bool found = frame.Overlaps(fetched.Records, out int start);
        System.Diagnostics.Debug.Assert(found, "the records of a response lie in its frame");
        _slices[_sliceCount++] = new Slice(reader, start, whole, fetched.HighWatermark, fault);
    }

    /// <summary>False at the end, at a batch that is cut off, and, with the fault, at what is no batch.</summary>
    private static bool TryWholeBatch(ReadOnlySpan<byte> records, out ReadOnlySpan<byte> batch, ref string? fault)
    {
        batch = default;
        if (records.Length < RecordBatch.LogOverheadBytes)
        {
            return false;
        }

        long size = RecordBatch.SizeBytes(records);
        if (size is < RecordBatch.HeaderBytes or > BatchBytesMax)
        {
            fault = $"what stands there claims to be a batch of {size} bytes";
            return false;
        }

        if (size > records.Length)
        {
            return false;
        }

        batch = records[..(int)size];
        return true;
    }

    private void VerifySlice(ReadOnlySpan<byte> records, in Slice slice)
    {
        PartitionVerifier verifier = slice.Reader.Verifier;
        bool first = true;
        while (!records.IsEmpty)
        {
            ReadOnlySpan<byte> batch = records[..(int)RecordBatch.SizeBytes(records)];
            records = records[batch.Length..];
            long before = verifier.Delivered;
            verifier.Deliver(batch, _unpacker, slice.HighWatermark, first);
            first = false;
            Consumed.AddMessages(verifier.Delivered - before);
            Consumed.AddBatch(batch.Length);
        }

        if (slice.Fault is not null)
        {
            verifier.Stop(slice.Fault);
        }
    }

    private PartitionReader Find(int partition)
    {
        foreach (PartitionReader reader in _readers)
        {
            if (reader.Partition == partition)
            {
                return reader;
            }
        }

        throw Failed($"the response names partition {partition}, which was not asked for");
    }

    private BrokerException Failed(string cause) => new(_address, "Fetch", cause);

    private sealed class PartitionReader(int partition, PartitionVerifier verifier)
    {
        public readonly int Partition = partition;
        public readonly PartitionVerifier Verifier = verifier;

        /// <summary>The offset to ask for next: behind the last batch planned.</summary>
        public long Position;

        /// <summary>When the last fetch was sent that found nothing more to read.</summary>
        public long EndSeenNanos = long.MinValue;
    }

    /// <param name="Fault">Why reading of the partition cannot go on behind these batches.</param>
    private readonly record struct Slice(PartitionReader Reader, int Start, int Length, long HighWatermark, string? Fault);
}
