using System.Runtime.CompilerServices;

namespace Engine.Wire;

/// <summary>
/// A record without key and headers, read in place by loops over many of them: every field of its frame is decoded and checked, but nothing is
/// built that the loop does not want. <see cref="RecordReader"/> reads any record, at several times the cost; what this one refuses is to be
/// read, or told apart, by that.
/// <para>
/// The position of the next record hangs on this one's length alone, and is kept in a register: were it passed by
/// reference to anything that is not inlined, every record would wait for the last one's store.
/// </para>
/// </summary>
public readonly ref struct PlainRecord
{
    /// <summary>What is read of a record without looking at the end; with less than this left, none is read.</summary>
    public const int FrameBytesMax = 20;

    private const uint Null = 1;

    /// <summary>What <see cref="Varint"/> reads of one that is longer than it reads.</summary>
    internal const uint TooLong = uint.MaxValue;

    /// <summary>False for anything that is not a sound record of this kind; the rest then means nothing.</summary>
    public bool IsValid { get; }
    public uint OffsetDelta { get; }

    /// <summary>Where the value begins, counted from the batch's first byte.</summary>
    public nint Value { get; }
    public nint ValueBytes { get; }

    /// <summary>Where the next record begins.</summary>
    public nint End { get; }

    /// <summary>Reads the record at <paramref name="position"/>.</summary>
    /// <param name="batch">The batch's first byte.</param>
    /// <param name="end">The batch's size.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PlainRecord(ref byte batch, nint end, nint position)
    {
        if (end - position < FrameBytesMax)
        {
            return;
        }

        ref byte at = ref Unsafe.Add(ref batch, position);
        uint length = Varint(ref at, out nint bytes);
        nint recordEnd = position + bytes + (nint)(length >> 1);
        at = ref Unsafe.Add(ref at, bytes + 1); // behind the attributes, of which none are in use
        uint timestampDelta = Varint(ref at, out bytes);
        at = ref Unsafe.Add(ref at, bytes);
        uint offsetDelta = Varint(ref at, out bytes);
        at = ref Unsafe.Add(ref at, bytes);
        uint key = at;
        at = ref Unsafe.Add(ref at, 1);
        uint valueBytes = Varint(ref at, out bytes);
        at = ref Unsafe.Add(ref at, bytes);

        OffsetDelta = offsetDelta >> 1;
        ValueBytes = (nint)(valueBytes >> 1);
        Value = Unsafe.ByteOffset(ref batch, ref at);
        End = recordEnd;

        // Odd lengths are negative. A field that is too long is odd as well, except for the time, which may be any that ends.
        IsValid = ((length | offsetDelta | valueBytes) & 1) == 0
            && timestampDelta != TooLong
            && key == Null
            && recordEnd <= end
            && Value + ValueBytes + 1 == recordEnd
            && Unsafe.Add(ref at, ValueBytes) == 0;
    }

    /// <summary>Reads a varint of at most four bytes, of which all four have to be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Varint(ref byte at, out nint bytes)
    {
        uint first = at;
        if (first < 0x80)
        {
            bytes = 1;
            return first;
        }

        uint second = Unsafe.Add(ref at, 1);
        uint value = (first & 0x7F) | (second << 7);
        if (second < 0x80)
        {
            bytes = 2;
            return value;
        }

        return LongVarint(ref at, out bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LongVarint(ref byte at, out nint bytes)
    {
        uint word = Unsafe.ReadUnaligned<uint>(ref at);
        uint low = (word & 0x7F) | ((word & 0x7F00) >> 1) | ((word & 0x7F0000) >> 2);
        if ((word & 0x800000) == 0)
        {
            bytes = 3;
            return low;
        }

        bytes = 4;
        return (word & 0x80000000) == 0 ? low | ((word & 0x7F000000) >> 3) : TooLong;
    }
}
