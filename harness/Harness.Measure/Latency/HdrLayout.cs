using System.Numerics;

namespace Harness.Measure;

/// <summary>
/// HdrHistogram's counts layout for one fixed range: 1 µs to <see cref="HighestMicros"/> at three significant digits.
/// The first 2048 slots are one microsecond wide; every further 1024 slots cover twice the range at twice the width, so that
/// no value is off by more than one part in a thousand. Fixed rather than configurable, because recorders of different
/// ranges cannot be merged slot by slot, and merging is what they are for.
/// </summary>
internal static class HdrLayout
{
    internal const long LowestMicros = 1;

    /// <summary>19 hours: no trial is longer. One less than 2^36, which is what the last slot reaches.</summary>
    internal const long HighestMicros = (1L << 36) - 1;

    internal const int SignificantDigits = 3;

    /// <summary>The smallest power of two that holds 2 × 10^3 values of width 1, so that three digits are kept.</summary>
    private const int SubBucketBits = 11;
    private const int HalfBits = SubBucketBits - 1;
    private const int HalfCount = 1 << HalfBits;
    private const long SubBucketMask = (1L << SubBucketBits) - 1;

    /// <summary>Doublings from 2^11 to 2^36, and the first bucket that is not a doubling.</summary>
    private const int BucketCount = 36 - SubBucketBits + 1;

    internal const int SlotCount = (BucketCount + 1) * HalfCount;

    /// <param name="micros">0 to <see cref="HighestMicros"/>.</param>
    internal static int SlotOf(long micros)
    {
        int bucket = 64 - SubBucketBits - BitOperations.LeadingZeroCount((ulong)(micros | SubBucketMask));
        return (bucket << HalfBits) + (int)(micros >> bucket);
    }

    internal static long LowestOf(int slot)
    {
        int bucket = BucketOf(slot);
        return (long)(slot - (bucket << HalfBits)) << bucket;
    }

    /// <summary>The largest value that a slot stands for: what HdrHistogram quotes for a percentile.</summary>
    internal static long HighestOf(int slot) => LowestOf(slot) + (1L << BucketOf(slot)) - 1;

    /// <summary>The upper edge of the slot that holds the percentile of counts, as HdrHistogram's getValueAtPercentile has it.</summary>
    /// <param name="count">The sum of the counts, not 0.</param>
    internal static long Percentile(ReadOnlySpan<long> counts, long count, double percentile) => HighestOf(PercentileSlot(counts, count, percentile));

    /// <summary>The slot that holds the percentile of counts.</summary>
    internal static int PercentileSlot(ReadOnlySpan<long> counts, long count, double percentile)
    {
        // One step down before rounding up: 99.9 % of 1000 must be 999 although 99.9 has no exact double.
        long wanted = Math.Max(1, (long)Math.Ceiling(Math.BitDecrement(percentile) * count / 100));
        long seen = 0;
        int slot = 0;
        for (; slot < counts.Length - 1; slot++)
        {
            seen += counts[slot];
            if (seen >= wanted)
            {
                break;
            }
        }

        return slot;
    }

    private static int BucketOf(int slot) => Math.Max((slot >> HalfBits) - 1, 0);
}
