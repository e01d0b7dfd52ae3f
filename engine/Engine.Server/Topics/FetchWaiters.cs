namespace Engine.Server;

/// <summary>
/// The parked fetches of one partition, woken by its next append. Entries of waits that are over stay until the list has doubled since it was
/// last looked through: to look for a connection's old entry at each wait would cost, with ten thousand tail consumers, a hundred
/// million looks for each append. Any loop may add, any loop may wake.
/// </summary>
internal sealed class FetchWaiters
{
    private const int LookThroughMin = 16;

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private FetchWaiterLimits? _limits;
    private int _lookThroughAt = LookThroughMin;
    private volatile int _count;

    /// <summary>False when there is no place left: the connection will not be woken by an append.</summary>
    public bool Add(Connection connection, int waitNumber, FetchWaiterLimits limits)
    {
        lock (_lock)
        {
            _limits = limits;
            if (_entries.Count >= Math.Min(_lookThroughAt, limits.PerPartitionMax))
            {
                DropEnded();
            }

            if (_entries.Count >= limits.PerPartitionMax || !limits.TryTake())
            {
                return false;
            }

            _entries.Add(new Entry(connection, waitNumber));
            _count = _entries.Count;
            return true;
        }
    }

    /// <summary>Called after every append; costs one read when nobody waits.</summary>
    /// <param name="current">The loop that calls, null from elsewhere.</param>
    public void WakeAll(EventLoop? current)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (Entry entry in _entries)
            {
                if (entry.Connection.Loop == current)
                {
                    current.EndWait(entry.Connection, entry.WaitNumber);
                }
                else
                {
                    entry.Connection.Loop.Post(entry.Connection, entry.WaitNumber);
                }
            }

            _limits?.Release(_entries.Count);
            _entries.Clear();
            _count = 0;
        }
    }

    /// <summary>In place, and without a closure: this is on the way of every fetch that waits.</summary>
    private void DropEnded()
    {
        int kept = 0;
        for (int i = 0; i < _entries.Count; i++)
        {
            // A wait that is over can look as if it were not, for its loop goes on meanwhile; never the other way round.
            if (!_entries[i].Connection.HasLeft(_entries[i].WaitNumber))
            {
                _entries[kept++] = _entries[i];
            }
        }

        _limits?.Release(_entries.Count - kept);
        _entries.RemoveRange(kept, _entries.Count - kept);
        _lookThroughAt = Math.Max(LookThroughMin, 2 * kept);
    }

    private readonly record struct Entry(Connection Connection, int WaitNumber);
}
