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
/// <para>
/// Where there is carry-less multiplication of 512 bits, long inputs are folded by it instead, twice as fast as the lanes (64 against 32 GB/s on a core of
/// Zen 5): sixteen bytes are moved over the next 512 by multiplying each half with its power of x, and what is left in the end has the same checksum as all
/// that came before. Eight vectors take turns, as many as the multiplication's latency needs. With 256 bits it is no faster than the lanes.
/// </para>
/// <para>
/// Processors of AMD do such a multiplication in two cycles (those of Intel in one), and the instruction is another unit's. So there both go on at one time, over blocks of
/// which three lanes are the instruction's and the larger rest is folded: 85 GB/s.
/// </para>
/// </summary>
public static class Crc32C
{
    private const uint PolynomialReflected = 0x82F63B78;
    private const int LongLaneBytes = 2048;
    private const int ShortLaneBytes = 128;
    private const int FoldedBytes = 8 * VectorBytes;
    private const int VectorBytes = 64;

    // In a round eight vectors are folded and each lane takes ten words: 32 and 30 cycles.
    private const int BlockRounds = 64;
    private const int LaneRoundBytes = 10 * sizeof(ulong);
    private const int BlockLaneBytes = BlockRounds * LaneRoundBytes;
    private const int BlockFoldedBytes = BlockRounds * FoldedBytes;

    /// <summary>What is taken by lanes and folds at one time.</summary>
    internal const int BlockBytes = (3 * BlockLaneBytes) + BlockFoldedBytes;

    private static readonly bool TakesBlocks = Sse42.X64.IsSupported && Pclmulqdq.V512.IsSupported && IsAmd();
    private static readonly Vector128<ulong> FirstLanesShift =
        Vector128.Create(ShiftFor((2 * BlockLaneBytes) + BlockFoldedBytes), ShiftFor(BlockLaneBytes + BlockFoldedBytes));
    private static readonly Vector128<ulong> LastLaneShift = Vector128.CreateScalar(ShiftFor(BlockFoldedBytes));
    private static readonly Vector128<ulong> LongShift = ShiftsFor(LongLaneBytes);
    private static readonly Vector128<ulong> ShortShift = ShiftsFor(ShortLaneBytes);
    private static readonly Vector512<ulong> FoldedShift = FoldsFor(FoldedBytes);
    private static readonly Vector512<ulong> VectorShift = FoldsFor(VectorBytes);

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of everything that gave <paramref name="crc"/> followed by <paramref name="bytes"/>; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint register = ~crc;
        for (; TakesBlocks && bytes.Length >= BlockBytes; bytes = bytes[BlockBytes..])
        {
            register = Block(register, bytes);
        }

        if (Sse42.X64.IsSupported && Pclmulqdq.V512.IsSupported && bytes.Length >= 2 * FoldedBytes)
        {
            int folded = bytes.Length - (bytes.Length % FoldedBytes);
            register = Fold(register, bytes[..folded]);
            bytes = bytes[folded..];
        }

        return ~ByInstruction(register, bytes);
    }

    /// <summary>The register after <paramref name="bytes"/>, by lanes as far as they are long enough.</summary>
    internal static uint ByInstruction(uint register, ReadOnlySpan<byte> bytes)
    {
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

        return register;
    }

    /// <summary>The same of a multiple of <see cref="FoldedBytes"/>.</summary>
    private static uint Fold(uint register, ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nuint length = (nuint)bytes.Length;
        Vector512<ulong> v0 = Load(ref start, 0) ^ Vector512.CreateScalar((ulong)register);
        Vector512<ulong> v1 = Load(ref start, 1 * VectorBytes);
        Vector512<ulong> v2 = Load(ref start, 2 * VectorBytes);
        Vector512<ulong> v3 = Load(ref start, 3 * VectorBytes);
        Vector512<ulong> v4 = Load(ref start, 4 * VectorBytes);
        Vector512<ulong> v5 = Load(ref start, 5 * VectorBytes);
        Vector512<ulong> v6 = Load(ref start, 6 * VectorBytes);
        Vector512<ulong> v7 = Load(ref start, 7 * VectorBytes);
        Vector512<ulong> shift = FoldedShift;
        for (nuint i = FoldedBytes; i < length; i += FoldedBytes)
        {
            v0 = Moved(v0, shift) ^ Load(ref start, i);
            v1 = Moved(v1, shift) ^ Load(ref start, i + (1 * VectorBytes));
            v2 = Moved(v2, shift) ^ Load(ref start, i + (2 * VectorBytes));
            v3 = Moved(v3, shift) ^ Load(ref start, i + (3 * VectorBytes));
            v4 = Moved(v4, shift) ^ Load(ref start, i + (4 * VectorBytes));
            v5 = Moved(v5, shift) ^ Load(ref start, i + (5 * VectorBytes));
            v6 = Moved(v6, shift) ^ Load(ref start, i + (6 * VectorBytes));
            v7 = Moved(v7, shift) ^ Load(ref start, i + (7 * VectorBytes));
        }

        return Joined(v0, v1, v2, v3, v4, v5, v6, v7);
    }

    /// <summary>The same of the first <see cref="BlockBytes"/>: three lanes, and behind them what is folded.</summary>
    internal static uint Block(uint register, ReadOnlySpan<byte> bytes)
    {
        ref byte a = ref MemoryMarshal.GetReference(bytes[..BlockBytes]);
        ref byte b = ref Unsafe.Add(ref a, BlockLaneBytes);
        ref byte c = ref Unsafe.Add(ref b, BlockLaneBytes);
        ref byte folded = ref Unsafe.Add(ref c, BlockLaneBytes);
        (ulong First, ulong Second, ulong Third) lanes = (register, 0, 0);
        Vector512<ulong> v0 = default;
        Vector512<ulong> v1 = default;
        Vector512<ulong> v2 = default;
        Vector512<ulong> v3 = default;
        Vector512<ulong> v4 = default;
        Vector512<ulong> v5 = default;
        Vector512<ulong> v6 = default;
        Vector512<ulong> v7 = default;
        Vector512<ulong> shift = FoldedShift;
        for (nuint i = 0; i < BlockLaneBytes; i += LaneRoundBytes)
        {
            v0 = Moved(v0, shift) ^ Load(ref folded, 0);
            Step(ref lanes, ref a, ref b, ref c, i);
            v1 = Moved(v1, shift) ^ Load(ref folded, 1 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (1 * sizeof(ulong)));
            v2 = Moved(v2, shift) ^ Load(ref folded, 2 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (2 * sizeof(ulong)));
            v3 = Moved(v3, shift) ^ Load(ref folded, 3 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (3 * sizeof(ulong)));
            Step(ref lanes, ref a, ref b, ref c, i + (4 * sizeof(ulong)));
            v4 = Moved(v4, shift) ^ Load(ref folded, 4 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (5 * sizeof(ulong)));
            v5 = Moved(v5, shift) ^ Load(ref folded, 5 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (6 * sizeof(ulong)));
            v6 = Moved(v6, shift) ^ Load(ref folded, 6 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (7 * sizeof(ulong)));
            v7 = Moved(v7, shift) ^ Load(ref folded, 7 * VectorBytes);
            Step(ref lanes, ref a, ref b, ref c, i + (8 * sizeof(ulong)));
            Step(ref lanes, ref a, ref b, ref c, i + (9 * sizeof(ulong)));
            folded = ref Unsafe.Add(ref folded, FoldedBytes);
        }

        Vector128<ulong> shifted = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(lanes.First), FirstLanesShift, 0x00)
            ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(lanes.Second), FirstLanesShift, 0x10)
            ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(lanes.Third), LastLaneShift, 0x00);
        return (uint)Sse42.X64.Crc32(0, shifted.ToScalar()) ^ Joined(v0, v1, v2, v3, v4, v5, v6, v7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref (ulong First, ulong Second, ulong Third) lanes, ref byte a, ref byte b, ref byte c, nuint at)
    {
        lanes.First = Sse42.X64.Crc32(lanes.First, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref a, at)));
        lanes.Second = Sse42.X64.Crc32(lanes.Second, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref b, at)));
        lanes.Third = Sse42.X64.Crc32(lanes.Third, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref c, at)));
    }

    /// <summary>The register of what has been folded into eight vectors that follow one another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Joined(
        Vector512<ulong> v0,
        Vector512<ulong> v1,
        Vector512<ulong> v2,
        Vector512<ulong> v3,
        Vector512<ulong> v4,
        Vector512<ulong> v5,
        Vector512<ulong> v6,
        Vector512<ulong> v7)
    {
        Vector512<ulong> shift = VectorShift;
        v1 ^= Moved(v0, shift);
        v2 ^= Moved(v1, shift);
        v3 ^= Moved(v2, shift);
        v4 ^= Moved(v3, shift);
        v5 ^= Moved(v4, shift);
        v6 ^= Moved(v5, shift);
        v7 ^= Moved(v6, shift);
        ulong chain = 0;
        for (int i = 0; i < Vector512<ulong>.Count; i++)
        {
            chain = Sse42.X64.Crc32(chain, v7[i]);
        }

        return (uint)chain;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte start, nuint at) => Vector512.LoadUnsafe(ref start, at).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Moved(Vector512<ulong> value, Vector512<ulong> shift) =>
        Pclmulqdq.V512.CarrylessMultiply(value, shift, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(value, shift, 0x11);

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
    private static Vector128<ulong> ShiftsFor(int laneBytes) => Vector128.Create(ShiftFor(laneBytes), ShiftFor(2 * laneBytes));

    private static ulong ShiftFor(int bytes) => PowerOfX((8 * bytes) - 33);

    /// <summary>
    /// The multipliers that move sixteen bytes over so many: of the low half, which comes first and so stands 64 bits higher, and of the high half. Here nothing is
    /// reduced, and each product of two reflected values stands one bit low in its 128: x^(n + 31) and x^(n − 33).
    /// </summary>
    private static Vector512<ulong> FoldsFor(int bytes)
    {
        Vector128<ulong> lane = Vector128.Create((ulong)PowerOfX((8 * bytes) + 31), PowerOfX((8 * bytes) - 33));
        Vector256<ulong> half = Vector256.Create(lane, lane);
        return Vector512.Create(half, half);
    }

    /// <summary>"AuthenticAMD", in the order in which CPUID gives it.</summary>
    private static bool IsAmd() => X86Base.IsSupported && X86Base.CpuId(0, 0) is (_, 0x68747541, 0x444D4163, 0x69746E65);

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
