using Engine.Linux;

namespace Engine.Storage;

/// <summary>A thread that does chores one after the other, and those that are due later in between.</summary>
internal sealed class ChoreThread
{
    private const long NanosPerMilli = 1_000_000;

    private readonly Queue<Chore> _chores = new(64);
    private readonly PriorityQueue<Chore, long> _later = new();
    private readonly Action<Chore> _do;
    private readonly Thread _thread;
    private bool _stopping;
    private bool _stopped;

    internal ChoreThread(string name, Action<Chore> @do)
    {
        _do = @do;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Hands a chore over. False once the thread has been stopped. Any thread.</summary>
    /// <param name="dueNanos">When it is due, by <see cref="MonotonicClock"/>; null is at once, behind those that were posted before.</param>
    internal bool TryPost(in Chore chore, long? dueNanos = null)
    {
        lock (_chores)
        {
            if (_stopped)
            {
                return false;
            }

            if (dueNanos is long nanos)
            {
                _later.Enqueue(chore, nanos);
            }
            else
            {
                _chores.Enqueue(chore);
            }

            Monitor.Pulse(_chores);
            return true;
        }
    }

    /// <summary>Does all that was posted, due or not, then ends the thread.</summary>
    internal void Stop()
    {
        lock (_chores)
        {
            _stopping = true;
            Monitor.Pulse(_chores);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (TryTake(out Chore chore))
        {
            _do(chore);
        }
    }

    /// <summary>Waits for the next chore: one that has become due, or the first of the others. False when stopped, with nothing left to do.</summary>
    private bool TryTake(out Chore chore)
    {
        lock (_chores)
        {
            while (true)
            {
                bool anyLater = _later.TryPeek(out _, out long dueNanos);
                long waitNanos = anyLater ? dueNanos - MonotonicClock.Nanos() : long.MaxValue;
                if (anyLater && (waitNanos <= 0 || (_stopping && _chores.Count == 0)))
                {
                    chore = _later.Dequeue();
                    return true;
                }

                if (_chores.TryDequeue(out chore))
                {
                    return true;
                }

                if (_stopping)
                {
                    _stopped = true;
                    return false;
                }

                Monitor.Wait(_chores, anyLater ? (int)Math.Min((waitNanos / NanosPerMilli) + 1, int.MaxValue) : Timeout.Infinite);
            }
        }
    }
}
