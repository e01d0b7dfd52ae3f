namespace Engine.Server;

/// <summary>
/// The deadlines of a loop's waiting connections, the earliest first: a binary heap in which each connection knows its place, so that its
/// deadline can be moved and taken out. Not PriorityQueue, which can do neither but by a search: a connection that waits anew with every
/// fetch would leave an entry behind each time. Belongs to the loop's thread; allocates only to grow.
/// </summary>
internal sealed class WaitTimers
{
    /// <summary>Of a connection that has no entry.</summary>
    public const int NoPlace = -1;

    private Entry[] _entries = new Entry[16];
    private int _count;

    public int Count => _count;

    /// <summary>The earliest deadline, in monotonic nanoseconds. False when there is none.</summary>
    public bool TryPeek(out long deadlineNanos)
    {
        deadlineNanos = _entries[0].DeadlineNanos;
        return _count > 0;
    }

    /// <summary>Gives the connection this deadline, in place of the one it had.</summary>
    public void Set(Connection connection, long deadlineNanos)
    {
        int place = connection.TimerPlace;
        if (place == NoPlace)
        {
            if (_count == _entries.Length)
            {
                Array.Resize(ref _entries, 2 * _count);
            }

            place = _count++;
        }

        Settle(place, new Entry(connection, deadlineNanos));
    }

    public void Remove(Connection connection)
    {
        int place = connection.TimerPlace;
        if (place == NoPlace)
        {
            return;
        }

        connection.TimerPlace = NoPlace;
        Entry last = _entries[--_count];
        _entries[_count] = default;
        if (place < _count)
        {
            Settle(place, last);
        }
    }

    /// <summary>Takes out the earliest, if its deadline has come.</summary>
    public Connection? TakeExpired(long nowNanos)
    {
        if (_count == 0 || _entries[0].DeadlineNanos > nowNanos)
        {
            return null;
        }

        Connection connection = _entries[0].Connection;
        Remove(connection);
        return connection;
    }

    /// <summary>Puts an entry where it belongs, beginning at a place that is free for it.</summary>
    private void Settle(int place, Entry entry)
    {
        for (; place > 0 && _entries[(place - 1) / 2].DeadlineNanos > entry.DeadlineNanos; place = (place - 1) / 2)
        {
            Put(place, _entries[(place - 1) / 2]);
        }

        for (int child = Earlier(place); child < _count && _entries[child].DeadlineNanos < entry.DeadlineNanos; child = Earlier(place))
        {
            Put(place, _entries[child]);
            place = child;
        }

        Put(place, entry);
    }

    /// <summary>The child with the earlier deadline; beyond the end when there is none.</summary>
    private int Earlier(int place)
    {
        int left = (2 * place) + 1;
        return left + 1 < _count && _entries[left + 1].DeadlineNanos < _entries[left].DeadlineNanos ? left + 1 : left;
    }

    private void Put(int place, in Entry entry)
    {
        _entries[place] = entry;
        entry.Connection.TimerPlace = place;
    }

    private readonly record struct Entry(Connection Connection, long DeadlineNanos);
}
