namespace Harness.Measure;

/// <summary>The state of the whole machine at a moment; ticks and written bytes count from its start.</summary>
/// <param name="AtNanos">CLOCK_MONOTONIC.</param>
/// <param name="DirtyBytes">Pages that wait to be written back.</param>
/// <param name="WritebackBytes">Pages that are being written back. The dirty limits count them with the dirty ones.</param>
/// <param name="WrittenBackBytes">File pages written back by whomever since the machine started; null where not shown.</param>
public sealed record MachineSnapshot(
    long AtNanos, long DirtyBytes, long WritebackBytes, long? WrittenBackBytes, long CpuTicks, long IdleTicks, long StealTicks)
{
    /// <summary>Of <see cref="IdleTicks"/>: while a thread that last ran on that processor waited for a device.</summary>
    public long IoWaitTicks { get; init; }

    /// <summary>Time in which the sampled device had a request to work on; null where none is sampled or it is not shown.</summary>
    public long? DiskBusyMillis { get; init; }

    /// <summary>Time in which the device had work between two snapshots, as a share; null where it is not known, or no time passed.</summary>
    public static double? DiskBusyShare(MachineSnapshot from, MachineSnapshot to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        double millis = (to.AtNanos - from.AtNanos) / 1e6;
        return millis > 0 && (to.DiskBusyMillis - from.DiskBusyMillis) is { } busy ? Math.Clamp(busy / millis, 0, 1) : null;
    }

    /// <summary>Waiting for devices between two snapshots, as a share of all CPU time; 0 if no time passed.</summary>
    public static double IoWaitShare(MachineSnapshot from, MachineSnapshot to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        long ticks = to.CpuTicks - from.CpuTicks;
        return ticks <= 0 ? 0 : (double)(to.IoWaitTicks - from.IoWaitTicks) / ticks;
    }

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
