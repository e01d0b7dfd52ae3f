using Harness.Targets;

namespace Harness.Runs;

/// <summary>What a process has done on its managed heap: totals since its start, or in a window.</summary>
internal sealed record ManagedHeap(long AllocatedBytes, int Collections)
{
    public static ManagedHeap OfThisProcess() => new(GC.GetTotalAllocatedBytes(precise: true), GC.CollectionCount(0));

    /// <summary>Asks the broker; null where it has nothing that could be asked.</summary>
    public static async Task<ManagedHeap?> OfAsync(ITarget target, CancellationToken cancellation)
    {
        if (target is not EngineTarget engine)
        {
            return null;
        }

        using EngineMetrics metrics = new(engine.MetricsAddress);
        IReadOnlyDictionary<string, double> page = await metrics.ScrapeAsync(cancellation).ConfigureAwait(false);
        return page.TryGetValue(EngineMetrics.GcAllocatedBytes, out double allocated)
            && page.TryGetValue(EngineMetrics.GcCollections, out double collections)
                ? new ManagedHeap((long)allocated, (int)collections)
                : null;
    }
}

/// <summary>A managed heap's use between two readings; unknown until there are both.</summary>
internal sealed class ManagedWindow
{
    private ManagedHeap? _begin;
    private ManagedHeap? _end;

    public ManagedHeap? Used => _begin is null || _end is null
        ? null
        : new ManagedHeap(_end.AllocatedBytes - _begin.AllocatedBytes, _end.Collections - _begin.Collections);

    public void Begin(ManagedHeap? reading) => _begin = reading;

    public void End(ManagedHeap? reading) => _end = reading;
}
