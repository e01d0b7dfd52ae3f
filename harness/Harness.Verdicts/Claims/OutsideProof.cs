using Harness.Verdicts.Trials;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// What was seen of a broker's process from outside in some trials. Each part is null where it could not be seen; a verdict
/// that rests on it then stays open, and says with what command it could be given.
/// </summary>
/// <param name="AppendShare">Share of the writes into log files that continued where the last one into that file had ended.</param>
/// <param name="SendfileCalls">System calls that send from the page cache without a copy.</param>
/// <param name="CopyCalls">System calls that read from a file into the process's own memory.</param>
internal sealed record OutsideProof(double? AppendShare, long? SendfileCalls, long? CopyCalls)
{
    /// <summary>What lets the system calls of a process be counted by its own user.</summary>
    public const string Command = "sudo mount -t tracefs -o mode=750,gid=$(id -g) nodev /sys/kernel/tracing; sudo sysctl kernel.perf_event_paranoid=1";

    public static OutsideProof Of(IEnumerable<Trial> trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        KernelEvidence[] seen = [.. trials.Select(t => t.Evidence).OfType<KernelEvidence>()];
        WriteOrder[] orders = [.. seen.Select(e => e.Recorded).OfType<RecordedCalls>().Where(TechniquesSeen.Suffices).Select(r => r.Writes).Where(w => w.Writes > 0)];
        KernelEvidence[] counted = [.. seen.Where(e => e.Calls is not null)];
        return new OutsideProof(
            orders.Length > 0 ? orders.Sum(w => w.ContinuingShare!.Value * w.Writes) / orders.Sum(w => w.Writes) : null,
            counted.Length > 0 ? counted.Sum(e => Sum(e, "sendfile64", "splice")) : null,
            counted.Length > 0 ? counted.Sum(e => Sum(e, "pread64", "preadv", "preadv2")) : null);
    }

    private static long Sum(KernelEvidence evidence, params string[] calls) => calls.Sum(call => evidence.CountOf(call) ?? 0);
}
