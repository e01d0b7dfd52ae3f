using System.Runtime.CompilerServices;
using Results;

namespace Harness.Measure;

/// <summary>
/// Counts latencies in microseconds in HdrHistogram's layout (see <see cref="HdrLayout"/>). Recording is an index from a
/// leading-zero count and a few additions: no allocation, no lock, no atomic operation, because a recorder belongs to one
/// thread. Each thread has its own; whoever reports merges them when the threads have ended, and percentiles are only ever
/// read from merged counts, never averaged.
/// <para>
/// Nothing is dropped. A value above <see cref="HighestMicros"/> counts as that value, a negative one (a stamp later than
/// its arrival, which one monotonic clock does not give: a bug or a damaged stamp) counts as 0; both are counted apart in
/// <see cref="SaturatedCount"/> and <see cref="NegativeCount"/> so that the report can say so. An exception instead would end a
/// trial over a single damaged message, which the verifier has to report.
/// </para>
/// </summary>
public sealed class LatencyRecorder
{
    /// <summary>The largest value told apart, about 19 hours.</summary>
    public const long HighestMicros = HdrLayout.HighestMicros;

    private readonly long[] _counts = new long[HdrLayout.SlotCount];
    private double _sumMicros;

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The smallest value recorded, exactly; 0 when there is none.</summary>
    public long MinMicros => Count == 0 ? 0 : _min;

    /// <summary>
    /// The largest value of the slot of the largest value recorded, as HdrHistogram has it: no percentile is above it, and a
    /// reader of the encoded form finds the same. 0 when nothing was recorded.
    /// </summary>
    public long MaxMicros => Count == 0 ? 0 : HdrLayout.HighestOf(HdrLayout.SlotOf(_max));

    /// <summary>From the exact values, not from slots; 0 when nothing was recorded.</summary>
    public double MeanMicros => Count == 0 ? 0 : _sumMicros / Count;

    /// <summary>Values above <see cref="HighestMicros"/>, counted as that.</summary>
    public long SaturatedCount { get; private set; }

    /// <summary>Values below 0, counted as 0.</summary>
    public long NegativeCount { get; private set; }

    private long _min = long.MaxValue;
    private long _max;

    internal ReadOnlySpan<long> Counts => _counts;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long micros) => Record(micros, 1);

    /// <summary>Records <paramref name="count"/> messages of the same latency: a batch acknowledged or delivered at once.</summary>
    /// <param name="count">0 records nothing.</param>
    public void Record(long micros, long count)
    {
        if ((ulong)micros > HighestMicros || count <= 0)
        {
            if (count <= 0)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(count);
                return;
            }

            micros = Clamp(micros, count);
        }

        _counts[HdrLayout.SlotOf(micros)] += count;
        Count += count;
        _sumMicros += (double)micros * count;
        if (micros < _min)
        {
            _min = micros;
        }

        if (micros > _max)
        {
            _max = micros;
        }
    }

    /// <summary>Adds what another recorder counted. Neither may be recording.</summary>
    public void MergeFrom(LatencyRecorder other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        SaturatedCount += other.SaturatedCount;
        NegativeCount += other.NegativeCount;
        _sumMicros += other._sumMicros;
        _min = Math.Min(_min, other._min);
        _max = Math.Max(_max, other._max);
    }

    /// <summary>All of them as one; a recorder of its own. None may be recording.</summary>
    public static LatencyRecorder Merge(IEnumerable<LatencyRecorder> recorders)
    {
        ArgumentNullException.ThrowIfNull(recorders);
        LatencyRecorder all = new();
        foreach (LatencyRecorder recorder in recorders)
        {
            all.MergeFrom(recorder);
        }

        return all;
    }

    public void Reset()
    {
        Array.Clear(_counts);
        Count = 0;
        SaturatedCount = 0;
        NegativeCount = 0;
        _sumMicros = 0;
        _min = long.MaxValue;
        _max = 0;
    }

    /// <summary>
    /// The value that at least <paramref name="percentile"/> percent of all values do not exceed, to the slot's upper edge
    /// (HdrHistogram's getValueAtPercentile); for 0 the lower edge of the first slot used. 0 when nothing was recorded.
    /// </summary>
    /// <param name="percentile">0 to 100.</param>
    public long Percentile(double percentile)
    {
        if (!(percentile is >= 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "A percentile is between 0 and 100.");
        }

        if (Count == 0)
        {
            return 0;
        }

        int slot = HdrLayout.PercentileSlot(_counts, Count, percentile);
        return percentile == 0 ? HdrLayout.LowestOf(slot) : HdrLayout.HighestOf(slot);
    }

    /// <summary>The distribution as it goes into a result. The recorder may go on recording afterwards.</summary>
    public LatencyHistogram ToDocument() => new()
    {
        Count = Count,
        MeanMicros = MeanMicros,
        MinMicros = MinMicros,
        P50Micros = Percentile(50),
        P90Micros = Percentile(90),
        P99Micros = Percentile(99),
        P999Micros = Percentile(99.9),
        P9999Micros = Percentile(99.99),
        MaxMicros = MaxMicros,
        HdrV2Base64 = Convert.ToBase64String(HdrEncoder.EncodeCompressed(this)),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Clamp(long micros, long count)
    {
        if (micros < 0)
        {
            NegativeCount += count;
            return 0;
        }

        SaturatedCount += count;
        return HighestMicros;
    }
}
