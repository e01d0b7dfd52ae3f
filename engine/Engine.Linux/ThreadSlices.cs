using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>
/// How long the calling thread runs at a time where others wait for its processor. One that asks for short slices gets its turn the sooner when it wakes, and
/// has no more of the processor in all (sched_setattr(2); kernel/sched/fair.c, "custom slice" of EEVDF, Linux 6.12 and later). No privilege is needed.
/// </summary>
public static unsafe class ThreadSlices
{
    /// <summary>The shortest that the kernel grants; 3 ms are usual on two processors.</summary>
    public const long ShortestNanos = 100_000;

    private const int SetAttributes = 314;
    private const int GetAttributes = 315;

    /// <summary>Asks for slices of <see cref="ShortestNanos"/>; false where the kernel knows no such thing, or the thread is scheduled by other rules.</summary>
    public static bool TryShorten()
    {
        const int ThisThread = 0;
        SchedulingAttributes attributes = default;
        if (Native.syscall(GetAttributes, ThisThread, (nint)(&attributes), sizeof(SchedulingAttributes), 0) < 0)
        {
            return false;
        }

        // All else stays as it is.
        attributes.RuntimeNanos = ShortestNanos;
        if (Native.syscall(SetAttributes, ThisThread, (nint)(&attributes), 0, 0) < 0)
        {
            return false;
        }

        return Native.syscall(GetAttributes, ThisThread, (nint)(&attributes), sizeof(SchedulingAttributes), 0) == 0
            && attributes.RuntimeNanos == ShortestNanos;
    }

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
