using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>What a descriptor is watched for, and what was found (sys/epoll.h).</summary>
[Flags]
public enum EpollEvents : uint
{
    None = 0,
    In = 0x1,
    Out = 0x4,
    Error = 0x8,
    HangUp = 0x10,
    ReadHangUp = 0x2000,
    EdgeTriggered = 1u << 31,
}

/// <summary>
/// The kernel's epoll_event. Packed to 12 bytes on x86-64 and to 16 with natural alignment elsewhere, so
/// the packing here is right for x86-64 only, and <see cref="Epoll"/> refuses to start on another processor.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct EpollEvent
{
    public EpollEvents Events;

    /// <summary>Whatever the watcher registered: here an index into its own table.</summary>
    public ulong Data;
}

/// <summary>One epoll instance with an eventfd beside it so that other threads can wake its owner. Wait is called by the owner alone.</summary>
public sealed unsafe class Epoll : IDisposable
{
    /// <summary>The data of events that come from <see cref="Wake"/>; they are drained before Wait returns.</summary>
    public const ulong WakeData = ulong.MaxValue;

    private const int CloseOnExec = 0x80000;
    private const int NonBlock = 0x800;
    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;

    private readonly FileDescriptor _epoll;
    private readonly FileDescriptor _wake;

    public Epoll()
    {
        if (RuntimeInformation.ProcessArchitecture is not Architecture.X64)
        {
            throw new PlatformNotSupportedException(
                $"epoll_event is laid out here for x86-64; this is {RuntimeInformation.ProcessArchitecture}");
        }

        int epoll = Native.epoll_create1(CloseOnExec);
        if (epoll < 0)
        {
            LinuxException.Throw("epoll_create1");
        }

        _epoll = new FileDescriptor(epoll);
        int wake = Native.eventfd(0, CloseOnExec | NonBlock);
        if (wake < 0)
        {
            LinuxException.Throw("eventfd");
        }

        _wake = new FileDescriptor(wake);
        Watch(_wake, EpollEvents.In, WakeData);
    }

    public void Watch(FileDescriptor fd, EpollEvents events, ulong data) => Control(Add, fd, events, data);

    public void Change(FileDescriptor fd, EpollEvents events, ulong data) => Control(Modify, fd, events, data);

    public void Unwatch(FileDescriptor fd) => Control(Delete, fd, EpollEvents.None, 0);

    /// <summary>Waits for events; returns how many were stored. A signal answers 0.</summary>
    /// <param name="timeoutMs">−1 waits for ever, 0 not at all.</param>
    public int Wait(Span<EpollEvent> events, int timeoutMs)
    {
        int n;
        fixed (EpollEvent* start = events)
        {
            n = Native.epoll_wait(_epoll.Number, start, events.Length, timeoutMs);
        }

        if (n < 0)
        {
            Errno error = LinuxException.Last();
            return error == Errno.EINTR ? 0 : throw new LinuxException("epoll_wait", error);
        }

        for (int i = 0; i < n; i++)
        {
            if (events[i].Data == WakeData)
            {
                ulong count;
                // EAGAIN here would mean that somebody else drained it: nobody does, and it would be harmless.
                _ = Native.read(_wake.Number, &count, sizeof(ulong));
            }
        }

        return n;
    }

    /// <summary>
    /// Looks for events for so long before it waits for them: a processor that sleeps is woken by an interrupt, which whoever sends pays for, and some
    /// time later. It yields each time, so that a thread that wants this processor has it.
    /// </summary>
    public int LookAndWait(Span<EpollEvent> events, long lookNanos, int timeoutMs)
    {
        long untilNanos = MonotonicClock.Nanos() + lookNanos;
        do
        {
            int n = Wait(events, 0);
            if (n > 0)
            {
                return n;
            }

            Thread.Yield();
        }
        while (MonotonicClock.Nanos() < untilNanos);
        return Wait(events, timeoutMs);
    }

    /// <summary>Makes the owner's Wait return. Any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        // Fails only when the counter is full, and then the owner is being woken already.
        _ = Native.write(_wake.Number, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _wake.Dispose();
        _epoll.Dispose();
    }

    private void Control(int operation, FileDescriptor fd, EpollEvents events, ulong data)
    {
        EpollEvent interest = new() { Events = events, Data = data };
        if (Native.epoll_ctl(_epoll.Number, operation, fd.Number, &interest) < 0)
        {
            LinuxException.Throw("epoll_ctl");
        }
    }
}
