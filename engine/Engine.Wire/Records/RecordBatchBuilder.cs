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
/// Encodes records one by one into a batch in a buffer that the caller owns, and seals it. Uncompressed records without headers:
/// what a load generator sends. Not thread-safe; no allocation after construction.
/// <para>Protocol: <see cref="Begin"/>, <see cref="TryAppend{TValue}"/> until it says no, <see cref="Seal"/>, again.</para>
/// </summary>
public sealed class RecordBatchBuilder
{
    /// <summary>Bytes kept free behind the records for values and varints written in full words.</summary>
    public const int ScratchBytes = 64;

    /// <summary>The most that framing can add to a key and a value.</summary>
    private const int FramingBytesMax = (4 * Varint.MaxBytes32) + Varint.MaxBytes64 + 2;

    private const byte NullKey = 1;

    /// <summary>The longest value of a record whose length takes one byte, with an offset delta of three.</summary>
    private const int ShortValueBytesMax = 55;

    private byte[] _buffer = [];
    private int _start;
    private int _limit;
    private int _position;
    private int _count;
    private long _baseTimestamp;
    private long _maxTimestamp;

    /// <summary>Records in the batch so far.</summary>
    public int Count => _count;

    /// <summary>Bytes of the batch so far, header included.</summary>
    public int SizeBytes => _position - _start;

    /// <summary>Starts a batch of at most <paramref name="capacity"/> bytes at <paramref name="start"/> of the buffer.</summary>
    /// <param name="buffer">Must have <see cref="ScratchBytes"/> more behind the capacity.</param>
    public void Begin(byte[] buffer, int start, int capacity)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, RecordBatch.HeaderBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + capacity + ScratchBytes, buffer.Length, nameof(capacity));
        _buffer = buffer;
        _start = start;
        _limit = start + capacity;
        _position = start + RecordBatch.HeaderBytes;
        _count = 0;
    }

    /// <summary>
    /// Appends a record without key. False when it does not fit any more; a value that does not fit an empty batch never will.
    /// </summary>
    /// <param name="timestampMs">Milliseconds since the Unix epoch.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend<TValue>(scoped in TValue value, long timestampMs)
        where TValue : struct, IRecordValue, allows ref struct
    {
        if (_count == 0)
        {
            _baseTimestamp = timestampMs;
            _maxTimestamp = timestampMs;
        }

        int length = value.Length;
        ulong timestampDelta = Varint.ZigZag(timestampMs - _baseTimestamp);
        if (length <= ShortValueBytesMax && timestampDelta < 0x80 && _count < 1 << 20)
        {
            if (!TryAppendShort(value, length, (uint)timestampDelta))
            {
                return false;
            }
        }
        else if (!TryAppendLong(value, length, timestampDelta))
        {
            return false;
        }

        _count++;
        if (timestampMs > _maxTimestamp)
        {
            _maxTimestamp = timestampMs;
        }

        return true;
    }

    /// <summary>Writes header and checksum; the batch is then the returned part of the buffer.</summary>
    public Span<byte> Seal()
    {
        if (_count == 0)
        {
            throw new InvalidOperationException("a batch holds at least one record");
        }

        Span<byte> batch = _buffer.AsSpan(_start, _position - _start);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.BaseOffsetAt..], 0);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LengthAt..], batch.Length - RecordBatch.LogOverheadBytes);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LeaderEpochAt..], -1);
        batch[RecordBatch.MagicAt] = RecordBatch.Magic;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatch.AttributesAt..], 0);
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

    /// <summary>
    /// A record whose frame before the value fits a word, which is put together in a register: length (one byte), attributes, time (one
    /// byte), offset (one to three), null key, value length (one byte).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAppendShort<TValue>(scoped in TValue value, int length, uint timestampDelta)
        where TValue : struct, IRecordValue, allows ref struct
    {
        uint offset = 2 * (uint)_count;
        int offsetBytes = offset < 0x80 ? 1 : offset < 0x4000 ? 2 : 3;
        if (_position + 6 + offsetBytes + length > _limit)
        {
            return false;
        }

        uint encodedOffset = offsetBytes switch
        {
            1 => offset,
            2 => (offset & 0x7F) | 0x80 | (offset >> 7 << 8),
            _ => (offset & 0x7F) | 0x80_80 | ((offset & 0x3F80) << 1) | (offset >> 14 << 16),
        };
        ulong frame = (uint)(2 * (5 + offsetBytes + length))
            | (timestampDelta << 16)
            | ((ulong)encodedOffset << 24)
            | ((ulong)(NullKey | ((uint)length << 9)) << (24 + (8 * offsetBytes)));
        ref byte at = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _position);
        Unsafe.WriteUnaligned(ref at, frame);
        at = ref Unsafe.Add(ref at, 5 + offsetBytes);
        value.Write(ref at);
        Unsafe.Add(ref at, length) = 0;
        _position += 6 + offsetBytes + length;
        return true;
    }

    /// <summary>Any record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAppendLong<TValue>(scoped in TValue value, int length, ulong timestampDelta)
        where TValue : struct, IRecordValue, allows ref struct
    {
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
        return true;
    }
}
