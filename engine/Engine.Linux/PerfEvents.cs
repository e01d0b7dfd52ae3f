using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>
/// Counters of kernel tracepoints and samples of CPU time for one thread, by perf_event_open(2): they run in the kernel, in the thread that is counted, and cost nobody else anything.
/// Any thread may read them.
/// </summary>
public static unsafe class PerfEvents
{
    private const uint TypeSoftware = 1;
    private const ulong SoftwareCpuClock = 0;
    private const uint TypeTracepoint = 2;
    private const uint AttributesBytes = 96;
    private const ulong ReadTotalTimes = 0b11;
    private const ulong FlagDisabled = 1 << 0;
    private const ulong FlagInherit = 1 << 1;
    private const ulong FlagExcludeKernel = 1 << 5;
    private const ulong FlagExcludeHypervisor = 1 << 6;
    private const ulong FlagFrequency = 1 << 10;
    private const ulong FlagUseClockId = 1 << 25;
    private const int ClockMonotonic = 1;
    private const ulong SampleThreadTimeRaw = (1 << 1) | (1 << 2) | (1 << 10);
    private const ulong SampleAddressThreadStack = (1 << 0) | (1 << 1) | (1 << 5);
    private const uint CloseOnExec = 8;
    private const nuint EnableCall = 0x2400; // PERF_EVENT_IOC_ENABLE: _IO('$', 0)
    private const nuint DisableCall = 0x2401; // PERF_EVENT_IOC_DISABLE: _IO('$', 1)
    private const nuint SetOutput = 0x2405; // PERF_EVENT_IOC_SET_OUTPUT: _IO('$', 5)

    /// <summary>perf_event_open; -1 where its number is not known.</summary>
    private static nint Call => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 298,
        Architecture.Arm64 => 241,
        _ => -1,
    };

    /// <summary>Counts from now on. Threads and processes that the thread starts later are counted with it.</summary>
    /// <param name="tracepoint">Its id in tracefs.</param>
    /// <param name="thread">0 is the calling one.</param>
    /// <param name="inKernel">For tracepoints that are not an entry to or exit from a system call; takes CAP_PERFMON or perf_event_paranoid ≤ 1.</param>
    /// <exception cref="LinuxException">ESRCH: no such thread. EACCES or EPERM: not allowed. EMFILE: too many files are open.</exception>
    public static FileDescriptor Count(long tracepoint, int thread, bool inKernel = false) => Open(
        new PerfEventAttributes
        {
            Type = TypeTracepoint,
            Config = (ulong)tracepoint,
            ReadFormat = ReadTotalTimes,
            Flags = FlagInherit | FlagExcludeHypervisor | (inKernel ? 0 : FlagExcludeKernel),
        },
        thread);

    /// <summary>
    /// Counts nothing, and keeps the tracepoint in the kernel's code as long as it is open: to take the last counter of one away has the kernel wait
    /// until no processor can be in it, for tens of milliseconds. Of a processor where that is allowed (CAP_PERFMON, or perf_event_paranoid 0): while a
    /// thread has an event, each change of threads on the whole machine takes the longer way through the kernel.
    /// </summary>
    /// <exception cref="LinuxException">As <see cref="Count"/>.</exception>
    public static FileDescriptor Hold(long tracepoint)
    {
        PerfEventAttributes attributes = new() { Type = TypeTracepoint, Config = (ulong)tracepoint, Flags = FlagDisabled | FlagExcludeKernel | FlagExcludeHypervisor };
        try
        {
            return Open(attributes, thread: -1, cpu: 0);
        }
        catch (LinuxException e) when (e.Error is Errno.EACCES or Errno.EPERM)
        {
            return Open(attributes, thread: 0);
        }
    }

    /// <summary>
    /// Has one thread, and all that it starts later, looked at so often for each second of CPU time that it uses on one processor, inside the kernel too: for
    /// <see cref="PerfSamples"/>. Stands still until <see cref="Enable"/>.
    /// </summary>
    /// <exception cref="LinuxException">As <see cref="Count"/>; EACCES also where events inside the kernel may not be seen (perf_event_paranoid above 1). ENODEV: no such processor.</exception>
    public static FileDescriptor Sample(int thread, int cpu, int hertz) => Open(
        new PerfEventAttributes
        {
            Type = TypeSoftware,
            Config = SoftwareCpuClock,
            SamplePeriod = (ulong)hertz,
            SampleType = SampleAddressThreadStack,
            Flags = FlagDisabled | FlagInherit | FlagExcludeHypervisor | FlagFrequency,
        },
        thread,
        cpu);

    /// <summary>Lets an event of <see cref="Sample"/> run, also in what its thread has started meanwhile.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void Enable(FileDescriptor sampled) => Control(sampled, EnableCall, "ioctl PERF_EVENT_IOC_ENABLE");

    /// <summary>The opposite of <see cref="Enable"/>.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void Disable(FileDescriptor sampled) => Control(sampled, DisableCall, "ioctl PERF_EVENT_IOC_DISABLE");

    /// <summary>Has each hit of an entry to or exit from a system call in one thread recorded, for <see cref="PerfRing"/>.</summary>
    /// <exception cref="LinuxException">As <see cref="Count"/>.</exception>
    internal static FileDescriptor Record(long tracepoint, int thread) => Open(
        new PerfEventAttributes
        {
            Type = TypeTracepoint,
            Config = (ulong)tracepoint,
            SamplePeriod = 1,
            SampleType = SampleThreadTimeRaw,

            // The clock of perf itself may differ from processor to processor, and records of several threads are to be put in order.
            Flags = FlagExcludeKernel | FlagExcludeHypervisor | FlagUseClockId,
            ClockId = ClockMonotonic,
        },
        thread);

    /// <summary>Has the records of one event put into the ring of another one of the same thread.</summary>
    internal static void Redirect(FileDescriptor from, FileDescriptor to)
    {
        if (Native.ioctl(from.Number, SetOutput, to.Number) < 0)
        {
            LinuxException.Throw("ioctl PERF_EVENT_IOC_SET_OUTPUT");
        }
    }

    /// <summary>What it has counted, children included.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static PerfCount Read(FileDescriptor counter)
    {
        PerfCount count;
        if (Native.read(counter.Number, &count, (nuint)sizeof(PerfCount)) != sizeof(PerfCount))
        {
            LinuxException.Throw("read of a perf event");
        }

        return count;
    }

    /// <summary>How often an event of <see cref="Record"/> happened, whether there was room for the record or not.</summary>
    internal static long ReadHits(FileDescriptor recorded)
    {
        long hits;
        if (Native.read(recorded.Number, &hits, sizeof(long)) != sizeof(long))
        {
            LinuxException.Throw("read of a perf event");
        }

        return hits;
    }

    private static void Control(FileDescriptor opened, nuint request, string call)
    {
        if (Native.ioctl(opened.Number, request, 0) < 0)
        {
            LinuxException.Throw(call);
        }
    }

    private static FileDescriptor Open(PerfEventAttributes attributes, int thread, int cpu = -1)
    {
        attributes.Size = AttributesBytes;
        nint fd = Native.perf_event_open(Call, &attributes, thread, cpu, -1, CloseOnExec);
        if (fd < 0)
        {
            LinuxException.Throw("perf_event_open");
        }

        return new FileDescriptor((int)fd);
    }
}

/// <summary>As the kernel writes it for PERF_FORMAT_TOTAL_TIME_ENABLED and _RUNNING.</summary>
/// <param name="EnabledNanos">Time in which it was to count, and a thread of it ran.</param>
/// <param name="RunningNanos">Time in which it counted; less than that where counters had to take turns.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PerfCount(long Value, long EnabledNanos, long RunningNanos);
