using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>How the calling thread is scheduled where others wait for its processor (sched_setattr(2)).</summary>
public static unsafe class ThreadScheduling
{
    /// <summary>The shortest that the kernel grants; 3 ms are usual on two processors.</summary>
    public const long ShortestNanos = 100_000;

    private const int SetAttributes = 314;
    private const int GetAttributes = 315;

    private const int ThisThread = 0;

    /// <summary>
    /// Asks for slices of <see cref="ShortestNanos"/>: the thread gets its turn the sooner when it wakes, and has no more of the processor in all
    /// (kernel/sched/fair.c, "custom slice" of EEVDF, Linux 6.12 and later). No privilege is needed.
    /// </summary>
    /// <returns>False where the kernel knows no such thing, or the thread is scheduled by other rules.</returns>
    public static bool TryShortenSlices() =>
        TryRead(out SchedulingAttributes attributes)
        && TryWrite(attributes with { RuntimeNanos = ShortestNanos })
        && TryRead(out attributes)
        && attributes.RuntimeNanos == ShortestNanos;

    /// <summary>Asks for a nice value (nice(2)): below 0 the thread goes before others, each step by about a quarter of the processor. Its slices stay as they are.</summary>
    /// <returns>False where the user may not have it: below 0 takes CAP_SYS_NICE, or an RLIMIT_NICE of 20 less the value.</returns>
    public static bool TrySetNice(int nice) => TryRead(out SchedulingAttributes attributes) && TryWrite(attributes with { Nice = nice });

    /// <summary>The nice value of the calling thread.</summary>
    public static int Nice => TryRead(out SchedulingAttributes attributes) ? attributes.Nice : 0;

    private static bool TryRead(out SchedulingAttributes attributes)
    {
        fixed (SchedulingAttributes* at = &attributes)
        {
            return Native.syscall(GetAttributes, ThisThread, (nint)at, sizeof(SchedulingAttributes), 0) == 0;
        }
    }

    private static bool TryWrite(SchedulingAttributes attributes) => Native.syscall(SetAttributes, ThisThread, (nint)(&attributes), 0, 0) == 0;

    /// <summary>The kernel's struct sched_attr (linux/sched/types.h), as it first was.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong RuntimeNanos;
        public ulong DeadlineNanos;
        public ulong PeriodNanos;
    }
}
