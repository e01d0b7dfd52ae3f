namespace Engine.Server;

/// <summary>
/// How long the garbage collector has stopped the process: a histogram over collections since the engine started. The runtime tells the sum of all pauses at any time
/// but keeps those of single collections only until the next one, and listening to its events costs an allocation an event. So each collection is met by the finalizer
/// of an object that it has found dead: what the sum has grown by is its pause. (Was the finalizer late, two collections count as one.)
/// Filled by the finalizer thread, read by any.
/// </summary>
internal sealed class GcPauses
{
    /// <summary>1, 2 and 5 of each decade from 10 µs to 10 s.</summary>
    public static readonly double[] BucketsMaxSeconds =
        [1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[BucketsMaxSeconds.Length + 1];
    private TimeSpan _known = GC.GetTotalPauseDuration();

    private GcPauses()
    {
    }

    /// <summary>Of this process, from the first use on.</summary>
    public static GcPauses Process { get; } = Begin();

    /// <summary>The collections whose pause was at most that of each bucket and above the one before; behind them those above all.</summary>
    /// <param name="total">The sum of their pauses.</param>
    public long[] Read(out TimeSpan total)
    {
        lock (_lock)
        {
            Observe();
            total = _known;
            return [.. _counts];
        }
    }

    private static GcPauses Begin()
    {
        GcPauses pauses = new();
        Sentinel.Leave(pauses);
        return pauses;
    }

    private void Observe()
    {
        TimeSpan total = GC.GetTotalPauseDuration();
        if (total > _known)
        {
            double seconds = (total - _known).TotalSeconds;
            int bucket = Array.FindIndex(BucketsMaxSeconds, max => seconds <= max);
            _counts[bucket < 0 ? BucketsMaxSeconds.Length : bucket]++;
            _known = total;
        }
    }

    /// <summary>Nobody holds it, so that the next collection, of whatever generation, finds it dead.</summary>
    private sealed class Sentinel(GcPauses pauses)
    {
        ~Sentinel()
        {
            lock (pauses._lock)
            {
                pauses.Observe();
            }

            if (!Environment.HasShutdownStarted)
            {
                Leave(pauses);
            }
        }

        internal static void Leave(GcPauses pauses) => _ = new Sentinel(pauses);
    }
}
