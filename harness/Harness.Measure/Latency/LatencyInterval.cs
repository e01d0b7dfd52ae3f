namespace Harness.Measure;

/// <summary>
/// Percentiles of what recorders have counted since the last look, taken while their threads go on recording: the counts are copied and
/// the last copy subtracted, so that recording pays nothing for being watched. A count that is just being written belongs to this
/// look or to the next one. For one watching thread; figures of a result come from merged recorders.
/// </summary>
public sealed class LatencyInterval
{
    private readonly long[] _before = new long[HdrLayout.SlotCount];
    private readonly long[] _since = new long[HdrLayout.SlotCount];

    /// <summary>The percentile in microseconds, to its slot's upper edge; null when nothing was recorded since the last look.</summary>
    /// <param name="recorders">The same ones each time.</param>
    /// <param name="percentile">0 to 100.</param>
    public long? Next(IEnumerable<LatencyRecorder> recorders, double percentile)
    {
        ArgumentNullException.ThrowIfNull(recorders);
        Array.Clear(_since);
        foreach (LatencyRecorder recorder in recorders)
        {
            ReadOnlySpan<long> counts = recorder.Counts;
            for (int slot = 0; slot < _since.Length; slot++)
            {
                _since[slot] += counts[slot];
            }
        }

        long count = 0;
        for (int slot = 0; slot < _since.Length; slot++)
        {
            long now = _since[slot];
            _since[slot] -= _before[slot];
            _before[slot] = now;
            count += _since[slot];
        }

        return count == 0 ? null : HdrLayout.Percentile(_since, count, percentile);
    }
}
