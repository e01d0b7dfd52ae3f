using System.Runtime.CompilerServices;

namespace Engine.Wire;

/// <summary>
/// What stands before the value in a record without key and headers: length (one or two bytes), attributes, time (one byte), offset (one to
/// three) and key (null) as one little-endian word, and the value's length (one or two bytes). In a batch of values of one size it goes from
/// record to record by an addition, so that it is not put together or taken apart for each: the writer stores it, the reader compares it.
/// </summary>
public struct RecordFrame
{
    /// <summary>The longest value of a record whose length takes two bytes, with an offset of three.</summary>
    public const int ValueBytesMax = 8182;

    /// <summary>A reader looks at so many bytes of a record, or at all of it if that is more.</summary>
    public const int WordBytes = sizeof(ulong);

    /// <summary>No frame: of no value.</summary>
    public static readonly RecordFrame None = new() { ValueBytes = -1 };

    private const byte NullKey = 1;

    /// <summary>Of the byte that is the time.</summary>
    private const ulong TimeBits = 0x7F;

    /// <summary>Attributes, time and key.</summary>
    private const int FixedBytes = 3;

    private ulong _continuation;
    private ulong _step;

    /// <summary>The bits in which a frame has to be equal to the word, whatever its time.</summary>
    private ulong _mask;

    private ulong _word;

    /// <summary>The last two bytes before the value: its length, or the key and its length.</summary>
    private ushort _beforeValue;

    /// <summary>Of all records until <see cref="End"/>; -1 for <see cref="None"/>.</summary>
    public int ValueBytes { get; private init; }

    /// <summary>Where the time is in the record.</summary>
    public int TimeAt { get; private init; }

    /// <summary>Where the value begins in the record.</summary>
    public int ValueAt { get; private init; }

    /// <summary>The whole record, with the count of its headers behind the value.</summary>
    public int RecordBytes { get; private init; }

    /// <summary>The first offset delta that takes more bytes: from there on the frame is another one.</summary>
    public uint End { get; private init; }

    /// <summary>The frame of the record with this offset delta; <see cref="None"/> when it does not fit.</summary>
    /// <param name="timestampDelta">Milliseconds.</param>
    public static RecordFrame At(uint offsetDelta, long timestampDelta, int valueBytes)
    {
        if (valueBytes > ValueBytesMax || offsetDelta >= 1 << 20 || timestampDelta is < -64 or > 63)
        {
            return None;
        }

        ulong offset = 2UL * offsetDelta;
        int offsetBytes = Varint.Size(offset);
        uint valueLength = 2 * (uint)valueBytes;
        int valueLengthBytes = Varint.Size(valueLength);
        int body = FixedBytes + offsetBytes + valueLengthBytes + valueBytes + 1;
        int lengthBytes = Varint.Size(2 * (uint)body);
        int timeAt = lengthBytes + 1;
        int offsetShift = 8 * (timeAt + 1);
        int keyShift = offsetShift + (8 * offsetBytes);
        int valueAt = lengthBytes + FixedBytes + offsetBytes + valueLengthBytes;
        ulong continuation = (offsetBytes switch { 1 => 0UL, 2 => 0x80, _ => 0x80_80 }) << offsetShift;
        ulong encodedLength = Encoded(valueLength, valueLengthBytes);
        return new RecordFrame
        {
            _continuation = continuation,
            _step = 2UL << offsetShift,
            _word = Encoded(2 * (uint)body, lengthBytes)
                | (Varint.ZigZag(timestampDelta) << (8 * timeAt))
                | (((offset & 0x7F) | ((offset & 0x3F80) << 1) | ((offset & 0x1FC000) << 2)) << offsetShift)
                | continuation
                | ((ulong)NullKey << keyShift)
                | (keyShift < 56 ? encodedLength << (keyShift + 8) : 0),
            _mask = ulong.MaxValue >> Math.Max(0, 64 - (8 * valueAt)) & ~(TimeBits << (8 * timeAt)),
            _beforeValue = (ushort)(valueLengthBytes == 1 ? NullKey | (encodedLength << 8) : encodedLength),
            ValueBytes = valueBytes,
            TimeAt = timeAt,
            ValueAt = valueAt,
            RecordBytes = lengthBytes + body,
            End = offsetBytes switch { 1 => 1u << 6, 2 => 1 << 13, _ => 1 << 20 },
        };
    }

    /// <summary>Writes the frame, and up to two bytes of nothing where the value comes. What is behind the value is the caller's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write(ref byte record)
    {
        Unsafe.WriteUnaligned(ref record, _word);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref record, ValueAt - sizeof(ushort)), _beforeValue);
    }

    /// <summary>True when a record is framed so, at any time, and ends as it should.</summary>
    /// <param name="record">Its first byte. <see cref="WordBytes"/> are looked at, or <see cref="RecordBytes"/> if that is more.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Matches(ref byte record) => Difference(ref record, _word, _mask, ValueAt - sizeof(ushort), _beforeValue, RecordBytes) == 0;

    /// <summary>How many of the records from one on are framed so, all at the time of the first. Moves on behind them.</summary>
    /// <param name="record">The first of them.</param>
    /// <param name="count">The most that are looked at; of each <see cref="WordBytes"/>, or <see cref="RecordBytes"/> if that is more.</param>
    public int CountAtOneTime(ref byte record, int count)
    {
        // Four at a time without a branch between them, in words that do not wait for each other. What a struct of this size holds would be loaded
        // again for each record, and so is copied.
        nint recordBytes = RecordBytes;
        nint beforeValueAt = ValueAt - sizeof(ushort);
        ushort beforeValue = _beforeValue;
        ulong continuation = _continuation;
        ulong step = _step;
        ulong time = TimeBits << (8 * TimeAt);
        ulong mask = _mask | time;
        ulong word = (_word & ~time) | (Unsafe.ReadUnaligned<ulong>(ref record) & time);
        int index = 0;
        ref byte at = ref record;
        for (ulong steps = 4 * step; count - index >= 4; index += 4)
        {
            ulong second = (word + step) | continuation;
            ulong third = (word + (2 * step)) | continuation;
            ulong fourth = (word + (3 * step)) | continuation;
            ref byte at2 = ref Unsafe.Add(ref at, recordBytes);
            ref byte at3 = ref Unsafe.Add(ref at, 2 * recordBytes);
            ref byte at4 = ref Unsafe.Add(ref at, 3 * recordBytes);
            if ((Difference(ref at, word, mask, beforeValueAt, beforeValue, recordBytes)
                | Difference(ref at2, second, mask, beforeValueAt, beforeValue, recordBytes)
                | Difference(ref at3, third, mask, beforeValueAt, beforeValue, recordBytes)
                | Difference(ref at4, fourth, mask, beforeValueAt, beforeValue, recordBytes)) != 0)
            {
                break;
            }

            at = ref Unsafe.Add(ref at, 4 * recordBytes);
            word = (word + steps) | continuation;
        }

        for (; index < count && Difference(ref at, word, mask, beforeValueAt, beforeValue, recordBytes) == 0; index++)
        {
            at = ref Unsafe.Add(ref at, recordBytes);
            word = (word + step) | continuation;
        }

        _word = word;
        return index;
    }

    /// <summary>Moves on to the next record of the same time: the bits that say that the offset goes on carry over what is added to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MoveNext() => _word = (_word + _step) | _continuation;

    /// <summary>0 when a record's frame is the one that is due, where the mask looks, and no header is behind its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Difference(ref byte record, ulong due, ulong mask, nint beforeValueAt, ushort beforeValue, nint recordBytes) =>
        ((Unsafe.ReadUnaligned<ulong>(ref record) ^ due) & mask)
        | (uint)(Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref record, beforeValueAt)) ^ beforeValue)
        | Unsafe.Add(ref record, recordBytes - 1);

    /// <summary>A varint of one or two bytes.</summary>
    private static ulong Encoded(uint value, int bytes) => bytes == 1 ? value : (value & 0x7F) | 0x80 | (value >> 7 << 8);
}
