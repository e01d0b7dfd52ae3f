using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Wire;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of record batches.
/// <para>
/// The processor's instruction takes eight bytes every three cycles when each step waits for the last, and every cycle when
/// three independent chains are interleaved. So long inputs go in blocks of three equal lanes; the lanes' registers are joined
/// by carry-less multiplication with x^(8·lane) mod P. Joining costs some twenty cycles, which is why inputs below
/// <see cref="ShortLaneBytes"/> × 3 take the single chain, and why there are two lane lengths.
/// </para>
/// </summary>
public static class Crc32C
{
    private const uint PolynomialReflected = 0x82F63B78;
    private const int LongLaneBytes = 2048;
    private const int ShortLaneBytes = 128;

    private static readonly Vector128<ulong> LongShift = ShiftsFor(LongLaneBytes);
    private static readonly Vector128<ulong> ShortShift = ShiftsFor(ShortLaneBytes);

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of everything that gave <paramref name="crc"/> followed by <paramref name="bytes"/>; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint register = ~crc;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nuint offset = 0;
        nuint left = (nuint)bytes.Length;
        if (Sse42.X64.IsSupported && Pclmulqdq.IsSupported)
        {
            while (left >= 3 * LongLaneBytes)
            {
                register = ThreeLanes(register, ref Unsafe.Add(ref start, offset), LongLaneBytes, LongShift);
                offset += 3 * LongLaneBytes;
                left -= 3 * LongLaneBytes;
            }

            while (left >= 3 * ShortLaneBytes)
            {
                register = ThreeLanes(register, ref Unsafe.Add(ref start, offset), ShortLaneBytes, ShortShift);
                offset += 3 * ShortLaneBytes;
                left -= 3 * ShortLaneBytes;
            }
        }

        for (; left >= sizeof(ulong); left -= sizeof(ulong), offset += sizeof(ulong))
        {
            register = BitOperations.Crc32C(register, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)));
        }

        for (; left > 0; left--, offset++)
        {
            register = BitOperations.Crc32C(register, Unsafe.Add(ref start, offset));
        }

        return ~register;
    }

    private static uint ThreeLanes(uint register, ref byte start, nuint laneBytes, Vector128<ulong> shifts)
    {
        ulong first = register;
        ulong second = 0;
        ulong third = 0;
        ref byte a = ref start;
        ref byte b = ref Unsafe.Add(ref start, laneBytes);
        ref byte c = ref Unsafe.Add(ref start, 2 * laneBytes);
        for (nuint i = 0; i < laneBytes; i += 2 * sizeof(ulong))
        {
            first = Sse42.X64.Crc32(first, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, i)));
            second = Sse42.X64.Crc32(second, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref b, i)));
            third = Sse42.X64.Crc32(third, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref c, i)));
            first = Sse42.X64.Crc32(first, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, i + sizeof(ulong))));
            second = Sse42.X64.Crc32(second, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref b, i + sizeof(ulong))));
            third = Sse42.X64.Crc32(third, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref c, i + sizeof(ulong))));
        }

        Vector128<ulong> firstShifted = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(first), shifts, 0x10);
        Vector128<ulong> secondShifted = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(second), shifts, 0x00);
        ulong joined = (firstShifted ^ secondShifted).ToScalar();
        return (uint)Sse42.X64.Crc32(0, joined) ^ (uint)third;
    }

    /// <summary>
    /// The multipliers that move a register over one lane (low half) and over two (high half). The product of two reflected
    /// 32-bit values stands one bit low in 64, and reducing it by the CRC instruction multiplies by x^32: so the multiplier for
    /// n bits is x^(n − 33).
    /// </summary>
    private static Vector128<ulong> ShiftsFor(int laneBytes) =>
        Vector128.Create((ulong)PowerOfX((8 * laneBytes) - 33), PowerOfX((16 * laneBytes) - 33));

    private static uint PowerOfX(int exponent)
    {
        uint value = 0x80000000;
        for (int i = 0; i < exponent; i++)
        {
            value = (value >> 1) ^ ((value & 1) * PolynomialReflected);
        }

        return value;
    }
}
