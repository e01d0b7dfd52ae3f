using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// Keeps the tracepoints of system calls in place from the first process that is looked at to the end of this one. Otherwise each trial would
/// wait for the kernel twice, for every call that is counted, when counters are taken away. Any thread.
/// </summary>
internal static class HeldTracepoints
{
    private static readonly Lock Guard = new();
    private static readonly Dictionary<long, FileDescriptor> Held = [];

    /// <exception cref="LinuxException">They may not be counted.</exception>
    internal static void Hold(TraceEvents events)
    {
        lock (Guard)
        {
            foreach (string call in (string[])[.. SystemCalls.Counted, SystemCalls.Seek, SystemCalls.Close])
            {
                Hold(events.IdOf($"syscalls/sys_enter_{call}"));
                Hold(events.IdOf($"syscalls/sys_exit_{call}"));
            }
        }
    }

    private static void Hold(long? tracepoint)
    {
        if (tracepoint is { } id && !Held.ContainsKey(id))
        {
            Held.Add(id, PerfEvents.Hold(id));
        }
    }
}
