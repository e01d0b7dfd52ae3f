using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// What was seen of a broker's process from outside in the counted windows of some trials. Each part is null where it could not be seen; a verdict
/// that rests on it then stays open, and says with what command it could be given.
/// </summary>
/// <param name="AppendShare">Share of the writes into log files that continued where the last one into that file had ended.</param>
/// <param name="SendfileCalls">System calls that send from the page cache without a copy.</param>
/// <param name="CopyCalls">System calls that send bytes from the process's own memory, or read them from a file.</param>
internal sealed record OutsideProof(double? AppendShare, long? SendfileCalls, long? CopyCalls)
{
    /// <summary>What lets the system calls of a process be counted by its own user.</summary>
    public const string Command = "sudo mount -t tracefs tracefs /sys/kernel/tracing; sudo chmod -R o+rX /sys/kernel/tracing/events; sudo sysctl kernel.perf_event_paranoid=1";

    public static OutsideProof Of(IEnumerable<Trial> trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        return new OutsideProof(null, null, null);
    }
}
