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
    private const int WordsBytes = 2 * sizeof(ulong);
    private const int BlockBytes = 32;
    private const uint LanesPerBlock = 8;
    private const ulong SecondWordFactor = 0xD6E8FEB86659FD93;
    private const uint LaneFactor = 0x9E3779B1;
    private const uint MixFactor = 0x85EBCA6B;

    private static Vector256<uint> FirstLanes => Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7) * LaneFactor;

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
    /// least <see cref="ValueLayout.HeaderBytes"/> longer, which lets a short filler be read as the value's last eight bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Difference(ref byte filler, int length, ulong firstWord)
    {
        if (length >= sizeof(ulong))
        {
            ulong secondWord = SecondWord(firstWord);
            ulong difference = Unsafe.ReadUnaligned<ulong>(ref filler) ^ firstWord;
            if (length < WordsBytes)
            {
                // The last eight bytes overlap the first: both words, moved by what they overlap. Twice, as a shift by 64 is none.
                int shift = 8 * (length - sizeof(ulong));
                ulong tail = (firstWord >> shift) | (secondWord << 1 << (63 - shift));
                return difference | (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref filler, length - sizeof(ulong))) ^ tail);
            }

            return difference
                | (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref filler, sizeof(ulong))) ^ secondWord)
                | (length == WordsBytes ? 0 : LanesDiffer(ref Unsafe.Add(ref filler, WordsBytes), length - WordsBytes, secondWord));
        }

        if (length == 0)
        {
            return 0;
        }

        int unused = 8 * (sizeof(ulong) - length);
        return (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref filler, length - sizeof(ulong))) >> unused)
            ^ (firstWord << unused >> unused);
    }

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

    private static ulong LanesDiffer(ref byte at, int length, ulong secondWord)
    {
        Vector256<uint> first = Vector256.Create((uint)secondWord);
        Vector256<uint> second = Vector256.Create((uint)(secondWord >> 32));
        Vector256<uint> lanes = FirstLanes;
        Vector256<uint> step = Vector256.Create(unchecked(LanesPerBlock * LaneFactor));
        Vector256<uint> difference = Vector256<uint>.Zero;
        nint i = 0;
        for (; i + BlockBytes <= length; i += BlockBytes, lanes += step)
        {
            difference |= Vector256.LoadUnsafe(ref Unsafe.Add(ref at, i)).AsUInt32() ^ Mix(lanes, first, second);
        }

        bool differ = difference != Vector256<uint>.Zero;
        if (i < length)
        {
            Span<byte> rest = stackalloc byte[BlockBytes];
            Mix(lanes, first, second).AsByte().StoreUnsafe(ref MemoryMarshal.GetReference(rest));
            int left = length - (int)i;
            differ |= !MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref at, i), left).SequenceEqual(rest[..left]);
        }

        return differ ? 1UL : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mix(Vector256<uint> lanes, Vector256<uint> first, Vector256<uint> second)
    {
        Vector256<uint> x = ((lanes + first) ^ second) * MixFactor;
        return x ^ (x >>> 15);
    }
}
