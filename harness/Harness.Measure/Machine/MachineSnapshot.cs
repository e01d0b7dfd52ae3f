namespace Harness.Measure;

/// <summary>The state of the whole machine at a moment; ticks and written bytes count from its start.</summary>
/// <param name="AtNanos">CLOCK_MONOTONIC.</param>
/// <param name="DirtyBytes">Pages that wait to be written back.</param>
/// <param name="WritebackBytes">Pages that are being written back. The dirty limits count them with the dirty ones.</param>
/// <param name="WrittenBackBytes">File pages written back by whomever since the machine started; null where not shown.</param>
public sealed record MachineSnapshot(
    long AtNanos, long DirtyBytes, long WritebackBytes, long? WrittenBackBytes, long CpuTicks, long IdleTicks, long StealTicks)
{
    /// <summary>CPU time taken by the hypervisor between two snapshots, as a share of all CPU time; 0 if no time passed.</summary>
    public static double StealShare(MachineSnapshot from, MachineSnapshot to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        long ticks = to.CpuTicks - from.CpuTicks;
        return ticks <= 0 ? 0 : (double)(to.StealTicks - from.StealTicks) / ticks;
    }

    /// <summary>CPU time in which all CPUs together did something (steal included), as a share of all CPU time.</summary>
    public static double BusyShare(MachineSnapshot from, MachineSnapshot to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        long ticks = to.CpuTicks - from.CpuTicks;
        return ticks <= 0 ? 0 : 1 - ((double)(to.IdleTicks - from.IdleTicks) / ticks);
    }
}
