namespace Engine.Linux;

/// <summary>How late the kernel may let the calling thread's timed waits end, to save wake-ups.</summary>
public static class ThreadTimers
{
    private const int SetTimerSlack = 29;

    /// <param name="nanos">At least 1; the kernel's default is 50,000.</param>
    public static void SetSlackNanos(long nanos)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nanos, 1);
        if (Native.prctl(SetTimerSlack, (nuint)nanos) < 0)
        {
            LinuxException.Throw("prctl", "timer slack");
        }
    }
}
