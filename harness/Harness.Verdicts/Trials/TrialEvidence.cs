using Results;

namespace Harness.Verdicts.Trials;

/// <summary>What a trial's pace is judged from. Rates and shares are of the counted window.</summary>
public sealed record TrialEvidence
{
    public required double SentPerSecond { get; init; }
    public required double ConsumedPerSecond { get; init; }

    /// <summary>Messages a second; null where that ceiling was not measured.</summary>
    public double? NullSinkPerSecond { get; init; }
    public double? NullSourcePerSecond { get; init; }

    /// <summary>Share of the window in which the producers' in-flight window was full.</summary>
    public required double InFlightFullShare { get; init; }

    /// <summary>False where no phase asks the generator for all it has: its ceilings and its window then limit nothing.</summary>
    public bool Saturates { get; init; } = true;

    /// <summary>How the open phases kept their schedule; null without one.</summary>
    public ScheduleInfo? Schedule { get; init; }

    /// <summary>CPUs in use: 1.5 is one and a half.</summary>
    public required double BrokerCpuShare { get; init; }
    public required double GeneratorCpuShare { get; init; }

    /// <summary>Processors that both may use, a cgroup's quota taken into account.</summary>
    public required double CpuCount { get; init; }

    /// <summary>Stolen by the hypervisor, as a share of all CPU time.</summary>
    public double StealShare { get; init; }

    public long DirtyPeakBytes { get; init; }
    public long DirtyBackgroundBytes { get; init; }
    public long DirtyLimitBytes { get; init; }

    /// <summary>
    /// The least that the kernel copied in a second: two copies between sender and broker and one into the page cache for what was sent, one for what was consumed
    /// (none more, as by sendfile). Checksums and what the clients do with the bytes come on top.
    /// </summary>
    public double CopiedBytesPerSecond { get; init; }

    /// <summary>What all processors together copy in a second when they do nothing else; null where that ceiling was not measured.</summary>
    public double? MemoryCopyBytesPerSecond { get; init; }

    /// <summary>Time in which the device under the broker's data had a request to work on, as a share of the window; null where not shown.</summary>
    public double? DiskBusyShare { get; init; }

    /// <summary>Processors that had nothing to do while a thread of theirs waited for a device: 0.5 is half of one.</summary>
    public double IoWaitCpus { get; init; }

    /// <summary>Share of the machine's CPU time that the run had in use or was denied.</summary>
    internal double MachineBusyShare => ((BrokerCpuShare + GeneratorCpuShare) / CpuCount) + StealShare;

    /// <summary>
    /// From here on a thread that is ready waits for a processor: its being idle is then the machine's doing, not its own.
    /// </summary>
    internal const double MachineFullFrom = 0.85;

    internal bool MachineFull => MachineBusyShare >= MachineFullFrom;
}
