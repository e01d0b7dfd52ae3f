using System.Diagnostics;
using Engine.Wire;

namespace Harness.Load;

/// <summary>Messages of a batch that carry the same stamp, from the batch's <paramref name="FirstRecord"/> on.</summary>
internal readonly record struct StampRun(long StampNanos, int FirstRecord);

/// <summary>
/// One batch on its way from the accumulator to its acknowledgement. There is a fixed number of them, reused for ever. The buffer it is built in it has
/// until it has been sent: the next batch is then built where the caches still are. In front of the batch lies room for the rest of the Produce frame, so
/// that a frame goes out in one piece without being copied. Belongs to the producer's thread.
/// </summary>
internal sealed class ProducerBatch
{
    private readonly int _headroomBytes;
    private readonly int _batchBytes;
    private byte[] _buffer = [];
    private StampRun[] _runs;
    private int _runCount;
    private int _frameStart;
    private int _frameEnd;

    /// <param name="stamps">How many different stamps its messages are expected to have; more make it grow.</param>
    public ProducerBatch(int headroomBytes, int batchBytes, int stamps)
    {
        _runs = new StampRun[stamps];
        _headroomBytes = headroomBytes;
        _batchBytes = batchBytes;
    }

    public int Partition { get; private set; }
    public long FirstSequence { get; private set; }
    public int Count { get; private set; }

    /// <summary>The sealed batch's size, its header included.</summary>
    public int BatchBytes { get; private set; }
    public int CorrelationId { get; private set; }
    public long OpenedNanos { get; private set; }

    /// <summary>When it was due to be sealed, which may be before it was: from then on what its messages wait for is no longer the batch.</summary>
    public long SealDueNanos { get; private set; }
    public long SentNanos { get; set; }

    /// <summary>How much of the frame has been handed to the transport.</summary>
    public int FrameBytesSent { get; set; }

    public int FrameBytes => _frameEnd - _frameStart;

    public ReadOnlySpan<byte> Unsent => _buffer.AsSpan(_frameStart + FrameBytesSent, FrameBytes - FrameBytesSent);

    public ReadOnlySpan<StampRun> Runs => _runs.AsSpan(0, _runCount);

    /// <summary>A buffer for any of the batches.</summary>
    /// <param name="roomBytes">What a batch may need once it is sealed; at least what it may hold.</param>
    public static byte[] CreateBuffer(int headroomBytes, int roomBytes) =>
        GC.AllocateUninitializedArray<byte>(headroomBytes + roomBytes + RecordBatchBuilder.ScratchBytes, pinned: true);

    public void Open(byte[] buffer, RecordBatchBuilder builder, int partition, long firstSequence, long nowNanos, long timestampMs)
    {
        _buffer = buffer;
        Partition = partition;
        FirstSequence = firstSequence;
        OpenedNanos = nowNanos;
        Count = 0;
        _runCount = 0;
        builder.Begin(_buffer, _headroomBytes, _batchBytes, timestampMs);
    }

    /// <summary>Gives the buffer back; nothing of it is needed any more.</summary>
    public byte[] TakeBuffer()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        return buffer;
    }

    public void BeginRun(long stampNanos, int firstRecord)
    {
        // A run that stayed empty (the batch was full, or its message never came) gives way.
        if (_runCount > 0 && _runs[_runCount - 1].FirstRecord == firstRecord)
        {
            _runCount--;
        }
        else if (_runCount == _runs.Length)
        {
            Array.Resize(ref _runs, 2 * _runs.Length);
        }

        _runs[_runCount++] = new StampRun(stampNanos, firstRecord);
    }

    /// <summary>Seals the batch and puts the frame's beginning right in front of it.</summary>
    public void Seal(RecordBatchBuilder builder, BatchSealer sealer, WireBuffer scratch, ProducerOptions options, int correlationId)
    {
        BatchBytes = sealer.Seal(builder).Length;
        scratch.Clear();
        ProduceClient.WriteBeforeBatch(
            scratch, correlationId, options.ClientId, options.Acks, options.RequestTimeoutMs, options.Topic, Partition, BatchBytes);
        ReadOnlySpan<byte> before = scratch.Written;
        Debug.Assert(before.Length <= _headroomBytes, "the frame's beginning has a fixed length for a topic");
        _frameStart = _headroomBytes - before.Length;
        _frameEnd = _headroomBytes + BatchBytes;
        before.CopyTo(_buffer.AsSpan(_frameStart));
        FrameBytesSent = 0;
        CorrelationId = correlationId;
        Count = builder.Count;
    }

    /// <summary>
    /// Sets <see cref="SealDueNanos"/>, by the stamps: its linger behind the first message, or before that with the message that found it full. By the
    /// schedule and not by the clock, so that a producer which is late, or had no room, does not hide it.
    /// </summary>
    /// <param name="notAfterNanos">Now: a batch may be sealed before either.</param>
    public void SetSealDue(bool full, long lingerNanos, long notAfterNanos)
    {
        long due = Math.Min(_runs[0].StampNanos + lingerNanos, notAfterNanos);
        SealDueNanos = full ? Math.Min(due, _runs[_runCount - 1].StampNanos) : due;
    }

    /// <summary>Messages of run <paramref name="index"/>.</summary>
    public int RunLength(int index) =>
        (index + 1 < _runCount ? _runs[index + 1].FirstRecord : Count) - _runs[index].FirstRecord;
}
