namespace Harness.Load;

/// <summary>
/// How far the slowest group of consumers is behind what was sealed, in bytes of batches, from the counters that are kept anyway.
/// Put together before the load begins; read by any producer's thread every few batches.
/// </summary>
internal sealed class Backlog
{
    /// <summary>Of a load that nobody consumes: never full.</summary>
    public static readonly Backlog None = new(0, groups: 0);

    /// <summary>Between two looks at a backlog that is full.</summary>
    public const long FullWaitNanos = 1_000_000;

    private readonly long _limitBytes;
    private readonly List<FlowCounters> _producers = [];
    private readonly List<FlowCounters>[] _groups;

    /// <param name="groups">Without any, there is no backlog.</param>
    public Backlog(long limitBytes, int groups)
    {
        _limitBytes = limitBytes;
        _groups = [.. Enumerable.Range(0, groups).Select(_ => new List<FlowCounters>())];
    }

    /// <summary>True while more than the limit waits for some group.</summary>
    public bool IsFull
    {
        get
        {
            if (_groups.Length == 0)
            {
                return false;
            }

            long slowest = long.MaxValue;
            foreach (List<FlowCounters> group in _groups)
            {
                slowest = Math.Min(slowest, Sum(group));
            }

            return Sum(_producers) - slowest > _limitBytes;
        }
    }

    public void AddProducer(FlowCounters sent) => _producers.Add(sent);

    public void AddConsumer(int group, FlowCounters consumed) => _groups[group].Add(consumed);

    private static long Sum(List<FlowCounters> counters)
    {
        long sum = 0;
        foreach (FlowCounters one in counters)
        {
            sum += one.WireByteCount;
        }

        return sum;
    }
}
