using System.Runtime.CompilerServices;

namespace Engine.Wire;

/// <summary>
/// Reads short records whose value's size is known beforehand, without key and headers: the messages of a benchmark at tens of millions a second.
/// Every field is decoded or compared, as in <see cref="PlainRecord"/>; but the whole frame before the value lies in
/// one word, there is one check against the batch's end, and the position of the next record depends on nothing but this one's length, which takes half
/// the instructions.
/// <para>
/// Only for records at <see cref="LastPosition"/> or before: the others, among them a batch's last and all that are too long for a frame of eight
/// bytes, are for PlainRecord.
/// </para>
/// </summary>
public readonly ref struct ShortRecords
{
    /// <summary>The answer for a record that is not as expected, or has a longer frame.</summary>
    public const nint None = -1;

    /// <summary>Length, attributes, time, offset (three bytes), key and value length: the longest frame in one word.</summary>
    private const int FrameBytesMax = 8;

    /// <summary>The longest value whose record has a length of one byte.</summary>
    private const int ValueBytesMax = 63 - FrameBytesMax;

    /// <summary>Continuation of the length and of the time, and the length's sign.</summary>
    private const uint LongOrNegative = 0x80_00_81;
    private const uint NullKey = 1;

    private readonly nint _valueBytes;
    private readonly uint _keyAndValueLength;

    /// <param name="batchBytes">The batch's size.</param>
    public ShortRecords(int valueBytes, int batchBytes)
    {
        _valueBytes = valueBytes;
        _keyAndValueLength = NullKey | ((uint)valueBytes << 9);
        LastPosition = valueBytes is > 0 and <= ValueBytesMax ? batchBytes - FrameBytesMax - valueBytes - 1 : None;
    }

    /// <summary>Records that begin behind this are not for <see cref="Read"/>: they could end behind the batch.</summary>
    public nint LastPosition { get; }

    /// <summary>Reads the record at <paramref name="position"/> and moves behind it.</summary>
    /// <param name="batch">The batch's first byte.</param>
    /// <param name="offsetDelta">The one expected.</param>
    /// <returns>Where the value begins, counted from the batch's first byte; <see cref="None"/>, with nothing moved, when anything is not as expected.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Read(ref byte batch, ref nint position, uint offsetDelta)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref batch, position));
        nint end = position + 1 + (nint)(((uint)word >> 1) & 0x3F);
        uint rest = (uint)(word >> 24);
        uint delta;
        uint keyAndValueLength;
        nint value;
        if ((rest & 0x80) == 0)
        {
            delta = rest & 0x7F;
            keyAndValueLength = rest >> 8;
            value = position + FrameBytesMax - 2;
        }
        else if ((rest & 0x8000) == 0)
        {
            delta = (rest & 0x7F) | ((rest & 0x7F00) >> 1);
            keyAndValueLength = rest >> 16;
            value = position + FrameBytesMax - 1;
        }
        else
        {
            delta = (rest & 0x7F) | ((rest & 0x7F00) >> 1) | ((rest & 0xFF0000) >> 2);
            keyAndValueLength = (uint)(word >> 48);
            value = position + FrameBytesMax;
        }

        if (((uint)word & LongOrNegative) != 0
            || delta != 2 * offsetDelta
            || (ushort)keyAndValueLength != _keyAndValueLength
            || value + _valueBytes + 1 != end
            || Unsafe.Add(ref batch, value + _valueBytes) != 0)
        {
            return None;
        }

        position = end;
        return value;
    }
}
