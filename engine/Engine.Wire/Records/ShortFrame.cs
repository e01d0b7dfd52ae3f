using System.Runtime.CompilerServices;

namespace Engine.Wire;

/// <summary>
/// What stands before the value in a short record without key and headers, as one little-endian word: length (one byte), attributes, time
/// (one byte), offset (one to three), key (null) and value length (one byte). In a batch of values of one size it goes from record to
/// record by an addition, so that it is not put together or taken apart for each: the writer stores it, the reader compares it.
/// </summary>
public struct ShortFrame
{
    /// <summary>The longest value of a record whose length takes one byte, with an offset of three.</summary>
    public const int ValueBytesMax = 55;

    /// <summary>No frame: of no value.</summary>
    public static readonly ShortFrame None = new() { ValueBytes = -1 };

    private const ulong NullKey = 1;
    private const int OffsetShift = 24;
    private const ulong OffsetStep = 2UL << OffsetShift;

    /// <summary>All of the time but the bit that would carry it on.</summary>
    private const ulong Time = 0x7F_0000;

    private ulong _continuation;

    /// <summary>The bits in which a frame has to be equal to <see cref="Word"/>, whatever its time.</summary>
    private ulong _mask;

    /// <summary>The frame; in its bytes behind <see cref="ValueAt"/> nothing.</summary>
    public ulong Word { get; private set; }

    /// <summary>Of all records until <see cref="End"/>; -1 for <see cref="None"/>.</summary>
    public int ValueBytes { get; private init; }

    /// <summary>Where the value begins in the record.</summary>
    public int ValueAt { get; private set; }

    /// <summary>The whole record, with the count of its headers behind the value.</summary>
    public int RecordBytes { get; private set; }

    /// <summary>The first offset delta that takes more bytes: from there on the frame is another one.</summary>
    public uint End { get; private set; }

    /// <summary>The frame of the record with this offset delta; <see cref="None"/> when it does not fit a word.</summary>
    /// <param name="timestampDelta">Milliseconds.</param>
    public static ShortFrame At(uint offsetDelta, long timestampDelta, int valueBytes)
    {
        if (valueBytes > ValueBytesMax || offsetDelta >= 1 << 20 || timestampDelta is < -64 or > 63)
        {
            return None;
        }

        int offsetBytes = Varint.Size(Varint.ZigZag((int)offsetDelta));
        ulong continuation = (offsetBytes switch { 1 => 0UL, 2 => 0x80, _ => 0x80_80 }) << OffsetShift;
        ulong offset = 2UL * offsetDelta;
        int valueAt = 5 + offsetBytes;
        return new ShortFrame
        {
            _continuation = continuation,
            Word = (2 * (uint)(valueAt + valueBytes))
                | (Varint.ZigZag(timestampDelta) << 16)
                | (((offset & 0x7F) | ((offset & 0x3F80) << 1) | ((offset & 0x1FC000) << 2)) << OffsetShift)
                | continuation
                | ((NullKey | ((ulong)(uint)valueBytes << 9)) << (8 * (valueAt - 2))),
            _mask = ulong.MaxValue >> (64 - (8 * valueAt)) & ~Time,
            ValueBytes = valueBytes,
            ValueAt = valueAt,
            RecordBytes = valueAt + valueBytes + 1,
            End = offsetBytes switch { 1 => 1u << 6, 2 => 1 << 13, _ => 1 << 20 },
        };
    }

    /// <summary>True when a record is framed so, at any time, and ends as it should.</summary>
    /// <param name="record">Its first byte. Eight bytes are looked at, or <see cref="RecordBytes"/> if that is more.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Matches(ref byte record) =>
        ((Unsafe.ReadUnaligned<ulong>(ref record) ^ Word) & _mask) == 0 && Unsafe.Add(ref record, RecordBytes - 1) == 0;

    /// <summary>Moves on to the next record of the same time: the bits that say that the offset goes on carry over what is added to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MoveNext() => Word = (Word + OffsetStep) | _continuation;
}
