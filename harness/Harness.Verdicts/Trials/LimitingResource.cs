using Results;

namespace Harness.Verdicts.Trials;

/// <summary>
/// Names what limited a trial's rate, from evidence alone, in the order in which one cause hides another: a generator at its
/// end says nothing of what lies behind it; throttled writers leave CPUs idle, and so does a device that is waited for; processors that wait for memory
/// look busy; full CPUs explain every queue.
/// Where the evidence decides nothing, that is said.
/// </summary>
public static class LimitingResource
{
    public const string Undecided = "undecided";

    private const double WindowFullFrom = 0.8;
    private const double BrokerBusyFrom = 0.8;
    private const double MemoryFullFrom = 0.8;

    /// <summary>A device that always has something to do is no limit while nobody waits for it: the kernel writes back behind everybody's back.</summary>
    private const double DiskBusyFrom = 0.9;
    private const double IoWaitCpusFrom = 0.5;

    /// <summary>The resource, a colon, and the figures that name it.</summary>
    public static string Of(TrialEvidence evidence, GeneratorLimits generator)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(generator);
        string cpus = $"broker {Figures.Cpus(evidence.BrokerCpuShare)} and generator {Figures.Cpus(evidence.GeneratorCpuShare)} "
            + $"of {evidence.CpuCount:0.##} CPUs in use{Steal(evidence)}";
        if (generator.GeneratorLimited)
        {
            return AtItsCeiling(generator) ? $"generator CPU: {generator.Reason}" : $"the generator: {generator.Reason}";
        }

        if (Throttled(evidence))
        {
            return $"dirty throttling: {Figures.Bytes(evidence.DirtyPeakBytes)} of dirty pages, limit {Figures.Bytes(evidence.DirtyLimitBytes)}";
        }

        if (evidence.DiskBusyShare is { } busy && busy >= DiskBusyFrom && evidence.IoWaitCpus >= IoWaitCpusFrom)
        {
            return $"disk: busy for {Figures.Share(busy)} of the time while {Figures.Cpus(evidence.IoWaitCpus)} CPUs waited for it, {cpus}";
        }

        if (evidence.MemoryCopyBytesPerSecond is { } memory && evidence.CopiedBytesPerSecond >= MemoryFullFrom * memory)
        {
            return $"memory bandwidth: at least {Figures.ByteRate(evidence.CopiedBytesPerSecond)} copied, and the CPUs together copy "
                + $"{Figures.ByteRate(memory)}, {cpus}";
        }

        if (evidence.MachineFull)
        {
            return $"CPU of the machine: {cpus}";
        }

        string window = $"in-flight window full for {Figures.Share(evidence.InFlightFullShare)} of the time";
        if (evidence.InFlightFullShare >= WindowFullFrom)
        {
            return evidence.BrokerCpuShare >= BrokerBusyFrom ? $"broker CPU: {window}, {cpus}" : $"the in-flight window: {window}, {cpus}";
        }

        return $"{Undecided}: {window}, {cpus}";
    }

    private static bool AtItsCeiling(GeneratorLimits generator) =>
        generator.NullSinkShare >= GeneratorLimit.CeilingShareLimit || generator.NullSourceShare >= GeneratorLimit.CeilingShareLimit;

    /// <summary>The kernel begins to hold writers up half-way between the background threshold and the limit (balance_dirty_pages).</summary>
    private static bool Throttled(TrialEvidence evidence) =>
        evidence.DirtyLimitBytes > 0 && evidence.DirtyPeakBytes >= (evidence.DirtyBackgroundBytes + evidence.DirtyLimitBytes) / 2;

    private static string Steal(TrialEvidence evidence) =>
        evidence.StealShare >= 0.01 ? $", {Figures.Share(evidence.StealShare)} of all CPU time stolen by the hypervisor" : "";
}
