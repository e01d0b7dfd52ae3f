using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>
/// Something that can write itself as a record's value, straight into the batch. A struct that implements it is inlined into
/// <see cref="RecordBatchBuilder.TryAppend{TValue}"/>, so a value built on the fly is never copied.
/// </summary>
public interface IRecordValue
{
    /// <summary>Bytes that <see cref="Write"/> will write.</summary>
    int Length { get; }

    /// <summary>
    /// Writes exactly <see cref="Length"/> bytes at <paramref name="destination"/>. Up to
    /// <see cref="RecordBatchBuilder.ScratchBytes"/> bytes behind them may be overwritten, so that vectors need no tail.
    /// </summary>
    void Write(ref byte destination);
}

/// <summary>
/// Encodes records one by one into a batch in a buffer that the caller owns, and seals it. Records without headers:
/// what a load generator sends. Not thread-safe; no allocation after construction.
/// <para>Protocol: <see cref="Begin"/>, <see cref="TryAppend{TValue}"/> until it says no, <see cref="Seal()"/>, again.</para>
/// </summary>
public sealed class RecordBatchBuilder
{
    /// <summary>Bytes kept free behind the records for values and varints written in full words.</summary>
    public const int ScratchBytes = 64;

    /// <summary>The most that framing can add to a key and a value.</summary>
    private const int FramingBytesMax = (4 * Varint.MaxBytes32) + Varint.MaxBytes64 + 2;

    private const byte NullKey = 1;

    private byte[] _buffer = [];
    private int _start;
    private int _limit;
    private int _position;
    private int _count;
    private long _baseTimestamp;
    private long _maxTimestamp;
    private long _timestamp;

    /// <summary>Where the records of <see cref="_timestamp"/> begin.</summary>
    private int _timestampFrom;

    /// <summary>Of the next record, when it is one of the kind of the last.</summary>
    private RecordFrame _frame;

    /// <summary>Records in the batch so far.</summary>
    public int Count => _count;

    /// <summary>Bytes of the batch so far, header included.</summary>
    public int SizeBytes => _position - _start;

    /// <summary>Starts a batch of at most <paramref name="capacity"/> bytes at <paramref name="start"/> of the buffer.</summary>
    /// <param name="buffer">Must have <see cref="ScratchBytes"/> more behind the capacity.</param>
    /// <param name="timestampMs">Of the records until <see cref="SetTimestamp"/> gives another.</param>
    public void Begin(byte[] buffer, int start, int capacity, long timestampMs)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, RecordBatch.HeaderBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + capacity + ScratchBytes, buffer.Length, nameof(capacity));
        _buffer = buffer;
        _start = start;
        _limit = start + capacity;
        _position = start + RecordBatch.HeaderBytes;
        _count = 0;
        _timestampFrom = 0;
        SetTimestamp(timestampMs);
    }

    /// <summary>
    /// Sets the timestamp of the records that follow, milliseconds since the Unix epoch. On its own and not with each record, because
    /// thousands share one.
    /// </summary>
    public void SetTimestamp(long timestampMs)
    {
        EndTimestamp();
        if (_count == 0)
        {
            _baseTimestamp = timestampMs;
            _maxTimestamp = timestampMs;
        }

        _timestamp = timestampMs;
        _timestampFrom = _count;
        _frame = RecordFrame.None;
    }

    /// <summary>
    /// Appends a record without key. False when it does not fit any more; a value that does not fit an empty batch never will.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend<TValue>(scoped in TValue value)
        where TValue : struct, IRecordValue, allows ref struct
    {
        if (value.Length != _frame.ValueBytes || (uint)_count == _frame.End)
        {
            return TryAppendOther(value);
        }

        int position = _position;
        int end = position + _frame.RecordBytes;
        if (end > _limit)
        {
            return false;
        }

        ref byte record = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), position);
        _frame.Write(ref record);
        value.Write(ref Unsafe.Add(ref record, _frame.ValueAt));
        Unsafe.Add(ref record, end - position - 1) = 0;
        _frame.MoveNext();
        _position = end;
        _count++;
        return true;
    }

    /// <summary>The records so far, as they will lie behind the header.</summary>
    public ReadOnlySpan<byte> Records => _buffer.AsSpan(_start + RecordBatch.HeaderBytes, SizeBytes - RecordBatch.HeaderBytes);

    /// <summary>Writes header and checksum; the batch is then the returned part of the buffer.</summary>
    public Span<byte> Seal() => Seal(CompressionType.None, SizeBytes);

    /// <summary>The same with <see cref="Records"/> replaced by what a codec made of them.</summary>
    /// <param name="compressed">Fits the buffer behind the header.</param>
    public Span<byte> Seal(CompressionType type, ReadOnlySpan<byte> compressed)
    {
        compressed.CopyTo(_buffer.AsSpan(_start + RecordBatch.HeaderBytes));
        return Seal(type, RecordBatch.HeaderBytes + compressed.Length);
    }

    private Span<byte> Seal(CompressionType type, int sizeBytes)
    {
        if (_count == 0)
        {
            throw new InvalidOperationException("a batch holds at least one record");
        }

        EndTimestamp();
        Span<byte> batch = _buffer.AsSpan(_start, sizeBytes);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.BaseOffsetAt..], 0);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LengthAt..], batch.Length - RecordBatch.LogOverheadBytes);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LeaderEpochAt..], -1);
        batch[RecordBatch.MagicAt] = RecordBatch.Magic;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatch.AttributesAt..], (short)type);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LastOffsetDeltaAt..], _count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.BaseTimestampAt..], _baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.MaxTimestampAt..], _maxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.ProducerIdAt..], RecordBatch.NoProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatch.ProducerEpochAt..], -1);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.BaseSequenceAt..], -1);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.RecordCountAt..], _count);
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatch.CrcAt..], Crc32C.Compute(batch[RecordBatch.AttributesAt..]));
        return batch;
    }

    /// <summary>Counts a timestamp that any record has.</summary>
    private void EndTimestamp()
    {
        if (_count > _timestampFrom)
        {
            _maxTimestamp = Math.Max(_maxTimestamp, _timestamp);
        }
    }

    /// <summary>
    /// A record that does not follow one of its kind. Not inlined, and given a copy of the value: where records like each other are
    /// appended, nothing but theirs is kept in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAppendOther<TValue>(TValue value)
        where TValue : struct, IRecordValue, allows ref struct
    {
        _frame = RecordFrame.At((uint)_count, _timestamp - _baseTimestamp, value.Length);
        return _frame.ValueBytes < 0 ? TryAppendUnframed(value) : TryAppend(value);
    }

    private bool TryAppendUnframed<TValue>(scoped in TValue value)
        where TValue : struct, IRecordValue, allows ref struct
    {
        int length = value.Length;
        ulong timestampDelta = Varint.ZigZag(_timestamp - _baseTimestamp);
        ulong offsetDelta = Varint.ZigZag(_count);
        ulong valueLength = Varint.ZigZag(length);

        // attributes, timestamp, offset, key length (null), value length, value, header count
        int body = 3 + Varint.Size(timestampDelta) + Varint.Size(offsetDelta) + Varint.Size(valueLength) + length;
        if ((long)_position + body + FramingBytesMax > _limit && _position + body + Varint.Size(Varint.ZigZag(body)) > _limit)
        {
            return false;
        }

        ref byte at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _position);
        ref byte record = ref at;
        at = ref Unsafe.Add(ref at, Varint.Write(ref at, Varint.ZigZag(body)));
        at = 0;
        at = ref Unsafe.Add(ref at, 1);
        at = ref Unsafe.Add(ref at, Varint.Write(ref at, timestampDelta));
        at = ref Unsafe.Add(ref at, Varint.Write(ref at, offsetDelta));
        at = NullKey;
        at = ref Unsafe.Add(ref at, 1);
        at = ref Unsafe.Add(ref at, Varint.Write(ref at, valueLength));
        value.Write(ref at);
        at = ref Unsafe.Add(ref at, length);
        at = 0;
        _position += (int)Unsafe.ByteOffset(ref record, ref at) + 1;
        _count++;
        return true;
    }
}
