using System.Globalization;
using Harness.Targets;

namespace Harness.Runs;

/// <summary>What a process has done on its managed heap: totals since its start, or in a window.</summary>
/// <param name="PauseSeconds">Of all collections together; null where the process does not tell.</param>
/// <param name="PausesUpTo">How many pauses were at most so many seconds long, for some lengths; empty where the process does not tell.</param>
internal sealed record ManagedHeap(long AllocatedBytes, int Collections, double? PauseSeconds, IReadOnlyDictionary<double, long> PausesUpTo)
{
    private const string LengthLabel = EngineMetrics.GcPausesUpTo + "{le=\"";

    /// <summary>The longest pause was at most so long; null where nothing tells.</summary>
    public double? LongestPauseSeconds => PauseSeconds is not { } all || PausesUpTo.Count == 0
        ? null
        : Math.Min(all, PausesUpTo.Where(p => p.Value == PausesUpTo.Values.Max()).Min(p => p.Value == 0 ? 0 : p.Key));

    public static ManagedHeap OfThisProcess() => new(
        GC.GetTotalAllocatedBytes(precise: true), GC.CollectionCount(0), GC.GetTotalPauseDuration().TotalSeconds, new Dictionary<double, long>());

    /// <summary>Asks the broker; null where it has nothing that could be asked.</summary>
    public static async Task<ManagedHeap?> OfAsync(ITarget target, CancellationToken cancellation)
    {
        if (target is not EngineTarget engine)
        {
            return null;
        }

        using EngineMetrics metrics = new(engine.MetricsAddress);
        return Of(await metrics.ScrapeAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>Null where the page, of another revision of the engine, does not tell.</summary>
    internal static ManagedHeap? Of(IReadOnlyDictionary<string, double> page) =>
        page.TryGetValue(EngineMetrics.GcAllocatedBytes, out double allocated)
        && page.TryGetValue(EngineMetrics.GcCollections, out double collections)
            ? new ManagedHeap(
                (long)allocated,
                (int)collections,
                page.TryGetValue(EngineMetrics.GcPauseSeconds, out double pause) ? pause : null,
                page.Where(line => line.Key.StartsWith(LengthLabel, StringComparison.Ordinal)).ToDictionary(line => Length(line.Key), line => (long)line.Value))
            : null;

    /// <summary>What was done between an earlier reading and this one.</summary>
    internal ManagedHeap Since(ManagedHeap begin) => new(
        AllocatedBytes - begin.AllocatedBytes,
        Collections - begin.Collections,
        PauseSeconds - begin.PauseSeconds,
        PausesUpTo.ToDictionary(p => p.Key, p => p.Value - begin.PausesUpTo.GetValueOrDefault(p.Key)));

    private static double Length(string line)
    {
        string length = line[LengthLabel.Length..line.IndexOf('"', LengthLabel.Length)];
        return length == "+Inf" ? double.PositiveInfinity : double.Parse(length, CultureInfo.InvariantCulture);
    }
}

/// <summary>A managed heap's use between two readings; unknown until there are both.</summary>
internal sealed class ManagedWindow
{
    private ManagedHeap? _begin;
    private ManagedHeap? _end;

    public ManagedHeap? Used => _begin is null ? null : _end?.Since(_begin);

    public void Begin(ManagedHeap? reading) => _begin = reading;

    public void End(ManagedHeap? reading) => _end = reading;
}
