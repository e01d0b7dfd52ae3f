using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Harness.Load;

/// <summary>
/// The bytes behind a value's header: incompressible, and a pure function of their length and of the message's first word
/// (<see cref="ValueStream.FirstWord"/>), the same on every machine.
/// <para>
/// Bytes 0–7 are the first word, 8–15 a second one mixed from it: a short filler is two stores, and a comparison two
/// exclusive-ors. Behind them lie 32-bit lanes, each a mix of its own number with two keys taken from the second word.
/// Lanes of 32 bits, because a vector multiply of 64 is not to be had below AVX-512; of their own number, because a chain
/// from lane to lane would run at the latency of a multiply and not at its throughput.
/// </para>
/// </summary>
internal static class Filler
{
    /// <summary>The two words.</summary>
    public const int WordsBytes = 2 * sizeof(ulong);
    private const int BlockBytes = 32;
    private const uint LanesPerBlock = 8;
    private const ulong SecondWordFactor = 0xD6E8FEB86659FD93;
    private const uint LaneFactor = 0x9E3779B1;
    private const uint MixFactor = 0x85EBCA6B;

    /// <summary>From byte n on: 32 - n bytes of nothing, then n that are all ones.</summary>
    private static ReadOnlySpan<byte> LastBytes =>
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    ];

    private static Vector256<uint> FirstLanes => Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7) * LaneFactor;

    /// <summary>How fillers of a length are compared, so that a loop over them has the code of one kind alone.</summary>
    public interface IKind
    {
        static abstract ulong Difference(ref byte filler, int length, ulong firstWord);
    }

    /// <summary>Those of no more than <see cref="WordsBytes"/>.</summary>
    public readonly struct Short : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Difference(ref byte filler, int length, ulong firstWord)
        {
            // A word that is not whole is read as the last eight bytes, of which those in front of it are shifted out.
            if (length > sizeof(ulong))
            {
                int unused = 8 * (WordsBytes - length);
                ulong tail = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref filler, length - sizeof(ulong)));
                return (Unsafe.ReadUnaligned<ulong>(ref filler) ^ firstWord) | ((tail ^ (SecondWord(firstWord) << unused)) >> unused);
            }

            if (length > 0)
            {
                int unused = 8 * (sizeof(ulong) - length);
                ulong tail = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref filler, length - sizeof(ulong)));
                return (tail ^ (firstWord << unused)) >> unused;
            }

            return 0;
        }
    }

    /// <summary>Those that are longer.</summary>
    public readonly struct Long : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Difference(ref byte filler, int length, ulong firstWord)
        {
            ulong secondWord = SecondWord(firstWord);
            return (Unsafe.ReadUnaligned<ulong>(ref filler) ^ firstWord)
                | (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref filler, sizeof(ulong))) ^ secondWord)
                | LanesDiffer(ref Unsafe.Add(ref filler, WordsBytes), length - WordsBytes, secondWord);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SecondWord(ulong firstWord)
    {
        ulong product = firstWord * SecondWordFactor;
        return product ^ (product >> 32);
    }

    /// <summary>Writes the filler, and up to 31 bytes more behind it (16 in all when it is shorter than that).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref byte at, int length, ulong firstWord)
    {
        ulong secondWord = SecondWord(firstWord);
        Unsafe.WriteUnaligned(ref at, firstWord);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, sizeof(ulong)), secondWord);
        if (length > WordsBytes)
        {
            WriteLanes(ref Unsafe.Add(ref at, WordsBytes), length - WordsBytes, secondWord);
        }
    }

    /// <summary>
    /// Compares the last <paramref name="length"/> bytes of a value with the filler: 0 when they are equal. The value is at
    /// least <see cref="ValueLayout.HeaderBytes"/> longer, so that what is not a whole word or vector is read as the value's last bytes.
    /// </summary>
    public static ulong Difference(ref byte filler, int length, ulong firstWord) => length <= WordsBytes
        ? Short.Difference(ref filler, length, firstWord)
        : Long.Difference(ref filler, length, firstWord);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteLanes(ref byte at, int length, ulong secondWord)
    {
        Vector256<uint> first = Vector256.Create((uint)secondWord);
        Vector256<uint> second = Vector256.Create((uint)(secondWord >> 32));
        Vector256<uint> lanes = FirstLanes;
        Vector256<uint> step = Vector256.Create(unchecked(LanesPerBlock * LaneFactor));
        for (nint i = 0; i < length; i += BlockBytes, lanes += step)
        {
            Mix(lanes, first, second).AsByte().StoreUnsafe(ref Unsafe.Add(ref at, i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LanesDiffer(ref byte at, int length, ulong secondWord)
    {
        Vector256<uint> first = Vector256.Create((uint)secondWord);
        Vector256<uint> second = Vector256.Create((uint)(secondWord >> 32));
        Vector256<uint> lanes = FirstLanes;
        Vector256<uint> step = Vector256.Create(unchecked(LanesPerBlock * LaneFactor));
        Vector256<byte> difference = Vector256<byte>.Zero;
        nint i = 0;
        for (; i + BlockBytes <= length; i += BlockBytes, lanes += step)
        {
            difference |= Vector256.LoadUnsafe(ref Unsafe.Add(ref at, i)) ^ Mix(lanes, first, second).AsByte();
        }

        if (i < length)
        {
            difference |= LastDifference(ref Unsafe.Add(ref at, length - BlockBytes), (int)(length - i), Mix(lanes, first, second).AsByte());
        }

        return difference == Vector256<byte>.Zero ? 0UL : 1;
    }

    /// <summary>Compares the last <paramref name="count"/> bytes of a block with the first ones of <paramref name="due"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> LastDifference(ref byte block, int count, Vector256<byte> due)
    {
        // Moved up by way of memory: there is no shift by bytes across a vector.
        Unsafe.SkipInit(out (Vector256<byte> Low, Vector256<byte> High) moved);
        moved.High = due;
        Vector256<byte> expected = Vector256.LoadUnsafe(ref Unsafe.As<Vector256<byte>, byte>(ref moved.Low), (nuint)count);
        Vector256<byte> mask = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(LastBytes), (nuint)count);
        return (Vector256.LoadUnsafe(ref block) ^ expected) & mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mix(Vector256<uint> lanes, Vector256<uint> first, Vector256<uint> second)
    {
        Vector256<uint> x = ((lanes + first) ^ second) * MixFactor;
        return x ^ (x >>> 15);
    }
}
