using System.Globalization;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>Why the kernel does not let a process be looked at, and the command that would have it do so.</summary>
internal static class PerfProblems
{
    internal const string OtherNamespace = "/proc shows the processes of another namespace, where their ids mean others: sudo mount -t proc proc /proc";

    /// <summary>Whether the ids in /proc are not those that this process and the kernel call its processes by.</summary>
    /// <param name="own">What /proc says of this process: its id comes first.</param>
    internal static bool OtherProcesses(string? own) => own is null || own.Split(' ')[0] != Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <param name="paranoidLevel">Of perf_event_paranoid, the highest that would do.</param>
    internal static string Reason(LinuxException e, int pid, PseudoFiles files, string paranoidLevel) => e.Error switch
    {
        Errno.EPERM when e.Call == PerfRing.MapCall => $"this user may not lock so much memory ({e.Message}): sudo sysctl kernel.perf_event_mlock_kb=65536, or run with sudo",
        Errno.ESRCH => $"process {pid} has ended",
        Errno.EACCES or Errno.EPERM => Paranoid($"process {pid} may not be looked into by this user ({e.Message})", files, paranoidLevel),
        Errno.EMFILE or Errno.ENFILE => $"too many files are open ({e.Message}): ulimit -n 65536",
        _ => e.Message,
    };

    internal static string Paranoid(string what, PseudoFiles files, string level)
    {
        string now = files.ReadText("/proc/sys/kernel/perf_event_paranoid") ?? "unknown";
        return $"{what}; perf_event_paranoid is {now}: sudo sysctl kernel.perf_event_paranoid={level}, or run with sudo";
    }
}
