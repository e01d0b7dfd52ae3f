namespace Engine.Linux;

/// <summary>
/// CLOCK_MONOTONIC in nanoseconds: the one clock of all stamps, the same in every process of a machine.
/// (Stopwatch reads the same clock, but does not promise so.)
/// </summary>
public static unsafe class MonotonicClock
{
    private const int ClockMonotonic = 1;
    private const long NanosPerSecond = 1_000_000_000;

    public static long Nanos()
    {
        Timespec time;
        _ = Native.clock_gettime(ClockMonotonic, &time);
        return (time.Seconds * NanosPerSecond) + time.Nanoseconds;
    }
}
