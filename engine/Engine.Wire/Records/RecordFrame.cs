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
            _mask = ulong.MaxValue >> Math.Max(0, 64 - (8 * valueAt)) & ~(0x7FUL << (8 * timeAt)),
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
    public readonly bool Matches(ref byte record)
    {
        ulong word = (Unsafe.ReadUnaligned<ulong>(ref record) ^ _word) & _mask;
        int beforeValue = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref record, ValueAt - sizeof(ushort))) ^ _beforeValue;
        return (word | (uint)beforeValue) == 0 && Unsafe.Add(ref record, RecordBytes - 1) == 0;
    }

    /// <summary>Moves on to the next record of the same time: the bits that say that the offset goes on carry over what is added to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MoveNext() => _word = (_word + _step) | _continuation;

    /// <summary>A varint of one or two bytes.</summary>
    private static ulong Encoded(uint value, int bytes) => bytes == 1 ? value : (value & 0x7F) | 0x80 | (value >> 7 << 8);
}
