using Harness.Targets;

namespace Harness.Runs;

/// <summary>What a broker says of its managed heap, where it says anything: totals since its start.</summary>
internal sealed record ManagedReading(long AllocatedBytes, int Collections)
{
    /// <summary>Asks the target; null where it has nothing to ask.</summary>
    public static async Task<ManagedReading?> TakeAsync(ITarget target, CancellationToken cancellation)
    {
        if (target is not EngineTarget engine)
        {
            return null;
        }

        using EngineMetrics metrics = new(engine.MetricsAddress);
        IReadOnlyDictionary<string, double> page = await metrics.ScrapeAsync(cancellation).ConfigureAwait(false);
        return page.TryGetValue(EngineMetrics.GcAllocatedBytes, out double allocated)
            && page.TryGetValue(EngineMetrics.GcCollections, out double collections)
                ? new ManagedReading((long)allocated, (int)collections)
                : null;
    }

    /// <summary>What happened between two readings; null unless there are both.</summary>
    public static ManagedReading? Between(ManagedReading? before, ManagedReading? after) => before is null || after is null
        ? null
        : new ManagedReading(after.AllocatedBytes - before.AllocatedBytes, after.Collections - before.Collections);
}
