using Engine.Wire;
using Harness.Measure;

namespace Harness.Load;

/// <summary>
/// Checks what one group is delivered of one partition: batch checksums, offsets without gap or repetition, and, in the
/// two kinds of it, the messages.
/// <para>
/// A batch takes one of two ways. The fast one handles a batch in which everything is as it should be and commits it whole; anything
/// unexpected makes it give up with nothing changed, and the careful way looks at the batch anew, record by record, to tell
/// what is wrong. So the fast way has no cases, and the careful one no hurry.
/// </para>
/// <para>Belongs to the thread of the one consumer that reads the partition for the group; only what is marked so may be called from others.</para>
/// </summary>
internal abstract class PartitionVerifier(int partition, string? group, bool checkCrc)
{
    private long _nextOffset;
    private volatile bool _stopped;

    /// <summary>Messages found missing whose offsets were not left out with them, or not yet.</summary>
    private long _offsetsOwed;

    /// <summary>The offset that is due next. May be read by any thread.</summary>
    public long NextOffset
    {
        get => Volatile.Read(ref _nextOffset);
        private set => Volatile.Write(ref _nextOffset, value);
    }

    /// <summary>Messages delivered, repeated and damaged ones included.</summary>
    public long Delivered { get; private set; }

    /// <summary>True when reading this partition had to be given up. May be read by any thread.</summary>
    public bool Stopped => _stopped;

    public ViolationLog Log { get; } = new(partition, group);

    /// <summary>True when everything acknowledged has arrived or been passed over. Any thread.</summary>
    public abstract bool NothingAwaitsDelivery { get; }

    protected int Partition => partition;

    protected string? Group => group;

    protected LatencyRecorder? EndToEnd { get; private set; }

    /// <summary>Of the same messages from when their batch was due to be sealed.</summary>
    protected LatencyRecorder? SealedEndToEnd { get; private set; }

    protected CountedWindow? Window { get; private set; }

    /// <summary>False when a batch came of which it is not known when it was sealed: <see cref="SealedEndToEnd"/> then lacks messages.</summary>
    public bool KnowsSealTimes { get; protected set; } = true;

    /// <summary>
    /// Records in a batch, as far as its size makes them possible: the offsets it takes up. For a batch that lies whole in what was read, sound or
    /// not.
    /// </summary>
    /// <param name="unpackedRecordsMax">The most that a compressed batch may hold, whose size says nothing.</param>
    public static int PlausibleCount(ReadOnlySpan<byte> batch, long highWatermark, int unpackedRecordsMax)
    {
        long most = (batch.Length - RecordBatch.HeaderBytes) / RecordBatch.RecordBytesMin;
        long byOffsets = (long)RecordBatch.LastOffsetDelta(batch) + 1;
        int count = RecordBatch.RecordCount(batch);
        if (RecordBatch.Compression(batch) != CompressionType.None)
        {
            // A sound one may end behind the high watermark, which Kafka reads before the records. Of any other, no more offsets are believed
            // than the log has.
            most = Math.Min(unpackedRecordsMax, highWatermark - RecordBatch.BaseOffset(batch));
            if (count > most && count == byOffsets && count <= unpackedRecordsMax && RecordBatch.CrcMatches(batch))
            {
                return count;
            }
        }

        return byOffsets >= 1 && byOffsets <= most ? (int)byOffsets
            : count >= 1 && count <= most ? count
            : 1;
    }

    /// <summary>
    /// Where reading goes on behind a batch. A broker that leaves offsets out is followed, but not beyond what it says it holds; one that
    /// repeats offsets is not followed back.
    /// </summary>
    public static long OffsetBehind(long position, long baseOffset, int count, long highWatermark) =>
        IsBeyond(position, baseOffset, count, highWatermark) ? position + count : Math.Max(position, baseOffset + count);

    /// <summary>Where end-to-end latency goes; a verifier without this records none. Before anything is sent.</summary>
    /// <param name="sealedEndToEnd">For the part of it behind the batch's seal; null where that is not asked for.</param>
    public void RecordLatency(LatencyRecorder recorder, LatencyRecorder? sealedEndToEnd, CountedWindow window)
    {
        EndToEnd = recorder;
        SealedEndToEnd = sealedEndToEnd;
        Window = window;
    }

    /// <summary>Where the consumer begins to read. Before the first batch.</summary>
    public virtual void StartAt(long offset) => NextOffset = offset;

    /// <summary>Takes a batch that lies whole in what was read. Its checksum, which is of the bytes as they came, is looked at before they are unpacked.</summary>
    /// <param name="unpacker">Of the thread.</param>
    /// <param name="mayBeginEarlier">True for the first batch of a response, which the protocol lets begin before the offset asked for.</param>
    public void Deliver(ReadOnlySpan<byte> batch, BatchUnpacker unpacker, long highWatermark, bool mayBeginEarlier)
    {
        BatchFault fault = checkCrc ? RecordBatch.Check(batch) : CheckWithoutCrc(batch);
        int count = PlausibleCount(batch, highWatermark, unpacker.RecordsMax);
        ReadOnlySpan<byte> records = RecordBatch.Compression(batch) == CompressionType.None ? batch : Unpack(batch, unpacker, ref fault);
        long baseOffset = RecordBatch.BaseOffset(batch);
        if (fault == BatchFault.None && baseOffset == _nextOffset && TryTakeWhole(records, baseOffset))
        {
            count = RecordBatch.RecordCount(batch);
            Delivered += count;
            NextOffset = baseOffset + count;
            return;
        }

        DeliverCarefully(records, fault, baseOffset, count, highWatermark, mayBeginEarlier);
    }

    /// <summary>Reading cannot go on: what lies at the next offset is not a batch.</summary>
    public void Stop(string why)
    {
        Log.Add(ViolationKind.Damaged, _nextOffset, -1, -1, 1, $"{why}; reading of the partition stopped there");
        _stopped = true;
    }

    /// <summary>A batch is about to leave. Called by the producer's thread.</summary>
    public virtual void SealDue(int producer, long firstSequence, long throughSequence, long dueNanos)
    {
    }

    /// <summary>The broker acknowledged messages. Called by the producer's thread.</summary>
    public abstract void Acknowledged(int producer, AckRun run);

    /// <summary>Tells what was lost. When all threads have ended.</summary>
    /// <param name="complete">False when not all was read: then only what later messages overtook is known to be lost.</param>
    /// <returns>Messages neither acknowledged nor delivered.</returns>
    public abstract long Conclude(bool complete);

    /// <summary>All logs of this partition. When all threads have ended.</summary>
    public abstract IEnumerable<ViolationLog> Logs();

    /// <summary>Takes a batch in which everything is as expected; false, with nothing changed, when anything is not.</summary>
    protected abstract bool TryTakeWhole(ReadOnlySpan<byte> batch, long baseOffset);

    /// <summary>Takes a batch record by record. Returns the messages found to be missing before it or in it.</summary>
    /// <param name="count">Records that the batch may hold.</param>
    /// <param name="skipBelow">Records at lower offsets were not asked for.</param>
    protected abstract long TakeCarefully(ReadOnlySpan<byte> batch, long baseOffset, int count, long skipBelow, BatchFault fault);

    private static bool IsBeyond(long position, long baseOffset, int count, long highWatermark) =>
        baseOffset > position && baseOffset > highWatermark - count;

    private static BatchFault CheckWithoutCrc(ReadOnlySpan<byte> batch)
    {
        int count = RecordBatch.RecordCount(batch);
        return batch[RecordBatch.MagicAt] != RecordBatch.Magic ? BatchFault.Magic
            : count <= 0 || count != (long)RecordBatch.LastOffsetDelta(batch) + 1 ? BatchFault.Count
            : BatchFault.None;
    }

    private static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> batch, BatchUnpacker unpacker, ref BatchFault fault)
    {
        ReadOnlySpan<byte> unpacked = unpacker.Unpack(batch, out CompressionFault compression);
        if (compression == CompressionFault.None)
        {
            return unpacked;
        }

        if (fault == BatchFault.None)
        {
            fault = BatchFault.Compression;
            return unpacked;
        }

        // Maybe it is the codec's name in the header that is damaged, and the records are plain.
        return unpacked.Length > RecordBatch.HeaderBytes ? unpacked : batch;
    }

    private void DeliverCarefully(
        ReadOnlySpan<byte> batch, BatchFault fault, long baseOffset, int count, long highWatermark, bool mayBeginEarlier)
    {
        long found = Log.Total;
        long due = _nextOffset;
        bool beginsEarlier = mayBeginEarlier && baseOffset < due && due < baseOffset + count;
        // An offset that the broker itself says it does not hold is no place to look for messages at.
        long standsAt = IsBeyond(due, baseOffset, count, highWatermark) ? due : baseOffset;
        long missing = TakeCarefully(batch, standsAt, count, beginsEarlier ? due : standsAt, fault);
        Delivered += beginsEarlier ? baseOffset + count - due : count;
        NextOffset = OffsetBehind(due, baseOffset, count, highWatermark);
        _offsetsOwed += missing;
        bool offsetsExplained = baseOffset == due || beginsEarlier || IsLeftOutForMissing(baseOffset - due);
        bool nothingFound = Log.Total == found;
        if (nothingFound && fault != BatchFault.None)
        {
            Log.Add(ViolationKind.Damaged, baseOffset, -1, -1, 1, $"{Describe(fault)}, though every value in the batch is intact");
        }
        else if (nothingFound && !offsetsExplained)
        {
            Log.Add(ViolationKind.Reordered, baseOffset, -1, -1, 1, $"a batch stands at offset {baseOffset} where {due} was due");
        }
    }

    /// <summary>
    /// True when offsets are left out that belong to messages found missing: those are told as lost, and their offsets need not be told too.
    /// </summary>
    private bool IsLeftOutForMissing(long offsets)
    {
        if (offsets < 0 || offsets > _offsetsOwed)
        {
            return false;
        }

        _offsetsOwed -= offsets;
        return true;
    }

    protected static string Describe(BatchFault fault) => fault switch
    {
        BatchFault.Crc => "the batch's checksum is wrong",
        BatchFault.Count => "the batch's record count is not its last offset delta plus one",
        BatchFault.Magic => "the batch's magic is not 2",
        BatchFault.Size => "the batch's length is wrong",
        BatchFault.Compression => "unreadable batch: its compressed records cannot be unpacked",
        _ => "the batch is sound",
    };
}
