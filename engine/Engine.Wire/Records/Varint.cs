using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Wire;

/// <summary>Variable-length integers of records: seven bits a byte, low first, signed values in zigzag.</summary>
public static class Varint
{
    public const int MaxBytes32 = 5;
    public const int MaxBytes64 = 10;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UnZigZag(uint value) => (int)(value >> 1) ^ -(int)(value & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>
    /// Bytes that an unsigned value takes: one for every seven significant bits. One and two are told by comparison, which a loop over
    /// records predicts and has nothing to wait for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(ulong value) =>
        value < 0x80 ? 1 : value < 0x4000 ? 2 : ((BitOperations.Log2(value) * 9) + 73) >> 6;

    /// <summary>Writes an unsigned value where the caller has made sure of <see cref="MaxBytes64"/> bytes; returns the bytes written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(ref byte at, ulong value)
    {
        if (value < 0x80)
        {
            at = (byte)value;
            return 1;
        }

        if (value < 0x4000)
        {
            Unsafe.WriteUnaligned(ref at, (ushort)((value & 0x7F) | 0x80 | (value >> 7 << 8)));
            return 2;
        }

        // The offset deltas of large batches; the fourth byte written belongs to whatever follows.
        if (value < 0x20_0000)
        {
            Unsafe.WriteUnaligned(ref at, (uint)((value & 0x7F) | 0x80 | ((value & 0x3F80) << 1) | 0x8000 | (value >> 14 << 16)));
            return 3;
        }

        return WriteLong(ref at, value);
    }

    /// <summary>Reads an unsigned value of at most 64 bits. False when the bytes end or the value does not fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        if ((uint)position < (uint)bytes.Length && bytes[position] < 0x80)
        {
            value = bytes[position++];
            return true;
        }

        return TryReadLong(bytes, ref position, out value);
    }

    private static int WriteLong(ref byte at, ulong value)
    {
        int n = 0;
        while (value >= 0x80)
        {
            Unsafe.Add(ref at, n++) = (byte)(value | 0x80);
            value >>= 7;
        }

        Unsafe.Add(ref at, n++) = (byte)value;
        return n;
    }

    private static bool TryReadLong(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if ((uint)position >= (uint)bytes.Length)
            {
                return false;
            }

            byte next = bytes[position++];
            if (shift == 63 && next > 1)
            {
                return false;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
