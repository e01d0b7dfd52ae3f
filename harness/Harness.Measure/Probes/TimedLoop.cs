using Engine.Linux;

namespace Harness.Measure;

/// <summary>Repeats something on the caller's thread for a time and says how fast it went. The clock is read after every repetition.</summary>
public static class TimedLoop
{
    private const double NanosPerSecond = 1e9;

    /// <param name="body">Returns what it carried: bytes, records.</param>
    /// <param name="cpuSecondsPerBillion">CPU time of this thread for 10^9 of what was carried.</param>
    /// <returns>What was carried in a second.</returns>
    public static double Rate(double seconds, Func<long> body, CancellationToken cancel, out double cpuSecondsPerBillion)
    {
        ArgumentNullException.ThrowIfNull(body);
        long begin = MonotonicClock.Nanos();
        long beginCpu = CpuClocks.ThreadNanos();
        long end = begin + (long)(seconds * NanosPerSecond);
        long carried = 0;
        long now;
        do
        {
            cancel.ThrowIfCancellationRequested();
            carried += body();
            now = MonotonicClock.Nanos();
        }
        while (now < end);
        cpuSecondsPerBillion = carried > 0 ? (CpuClocks.ThreadNanos() - beginCpu) / (double)carried : 0;
        return carried * NanosPerSecond / (now - begin);
    }
}
