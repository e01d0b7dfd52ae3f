namespace Engine.Storage;

/// <summary>
/// Up to where a log is on the device, and who waits for more of it. Waiters come from any loop; the flusher moves the offset and wakes them.
/// There are no more of them than produce requests in hand, of which each connection has one. Nothing is allocated once the list has grown to that.
/// </summary>
internal sealed class FlushWaits(long flushedOffset)
{
    private readonly Lock _lock = new();
    private readonly List<Wait> _waits = [];
    private long _flushedOffset = flushedOffset;
    private bool _failed;

    /// <summary>Everything before it is on the device.</summary>
    internal long FlushedOffset => Volatile.Read(ref _flushedOffset);

    /// <summary>Has the waiter called; false when what it waits for has come already, or will not, and it is not called.</summary>
    internal bool TryAdd(long offset, IFlushWaiter waiter, int token, out bool isFlushed)
    {
        lock (_lock)
        {
            isFlushed = !_failed && offset <= _flushedOffset;
            if (isFlushed || _failed)
            {
                return false;
            }

            _waits.Add(new Wait(offset, waiter, token));
            return true;
        }
    }

    /// <summary>The device has everything before the offset.</summary>
    internal void Advance(long offset)
    {
        lock (_lock)
        {
            Volatile.Write(ref _flushedOffset, Math.Max(offset, _flushedOffset));
            int kept = 0;
            for (int i = 0; i < _waits.Count; i++)
            {
                if (_waits[i].Offset <= _flushedOffset)
                {
                    _waits[i].Waiter.Flushed(_waits[i].Token, isFlushed: true);
                }
                else
                {
                    _waits[kept++] = _waits[i];
                }
            }

            _waits.RemoveRange(kept, _waits.Count - kept);
        }
    }

    /// <summary>Nothing more will be flushed.</summary>
    internal void Fail()
    {
        lock (_lock)
        {
            _failed = true;
            foreach (Wait wait in _waits)
            {
                wait.Waiter.Flushed(wait.Token, isFlushed: false);
            }

            _waits.Clear();
        }
    }

    private readonly record struct Wait(long Offset, IFlushWaiter Waiter, int Token);
}
