namespace Engine.Server;

/// <summary>
/// How many entries the lists of parked fetches may have, each and all together. A fetch that finds no place is not refused: it is
/// answered at its deadline, and not before. Any thread.
/// </summary>
internal sealed class FetchWaiterLimits(ServerConfig config)
{
    private int _entries;

    public int PerPartitionMax => config.FetchWaitersPerPartitionMax;

    /// <summary>For the log.</summary>
    public string Reached { get; } =
        $"fetch.waiters.max ({config.FetchWaitersMax}) or fetch.waiters.per.partition.max ({config.FetchWaitersPerPartitionMax})";

    public int Entries => Volatile.Read(ref _entries);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _entries) <= config.FetchWaitersMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _entries);
        return false;
    }

    public void Release(int entries) => Interlocked.Add(ref _entries, -entries);
}
