namespace Engine.Server;

/// <summary>
/// The parked fetches of one partition, woken by its next append. A connection has at most one entry, however often it waits, so the
/// list is bounded by the connections. Any loop may add, any loop may wake.
/// </summary>
internal sealed class FetchWaiters
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private volatile int _count;

    public void Add(Connection connection, int waitNumber)
    {
        lock (_lock)
        {
            // In place, and without a closure over the connection: a tail consumer comes here for every batch.
            for (int i = _entries.Count - 1; i >= 0; i--)
            {
                if (_entries[i].Connection == connection || _entries[i].Connection.IsClosed)
                {
                    _entries.RemoveAt(i);
                }
            }

            _entries.Add(new Entry(connection, waitNumber));
            _count = _entries.Count;
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

            _entries.Clear();
            _count = 0;
        }
    }

    private readonly record struct Entry(Connection Connection, int WaitNumber);
}
