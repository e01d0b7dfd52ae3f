namespace Engine.Linux;

/// <summary>
/// CPU time in nanoseconds from the kernel's own accounting, threads that have ended included. /proc tells the same in clock
/// ticks of 10 ms, which is coarse beside a one-second sample.
/// </summary>
public static unsafe class CpuClocks
{
    private const int ThreadClock = 3;
    private const int ScheduledTime = 2;
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>CPU time of the calling thread.</summary>
    public static long ThreadNanos()
    {
        Timespec time;
        _ = Native.clock_gettime(ThreadClock, &time);
        return (time.Seconds * NanosPerSecond) + time.Nanoseconds;
    }

    /// <summary>CPU time of a process, ours or not (no privilege needed); null when there is none of that id.</summary>
    public static long? ProcessNanos(int pid)
    {
        Timespec time;

        // The kernel's own encoding of a process's clock (clock_getcpuclockid(3) does just this): the complement of the id
        // above three bits that say which clock.
        if (Native.clock_gettime((~pid << 3) | ScheduledTime, &time) == 0)
        {
            return (time.Seconds * NanosPerSecond) + time.Nanoseconds;
        }

        // The kernel answers EINVAL for an id that is nobody's.
        Errno error = LinuxException.Last();
        return error is Errno.EINVAL or Errno.ESRCH ? null : throw new LinuxException("clock_gettime", error, $"pid {pid}");
    }
}
