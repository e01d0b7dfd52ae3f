namespace Engine.Storage;

/// <summary>
/// The threads that bring logs to the device. Whoever wants a log flushed asks here and goes on; what is appended to the log while it waits
/// its turn, or while an earlier flush of it is under way, is covered by one flush more. So a thousand producers that ask for a flush with every
/// message share them: that is the group commit, and it needs no timer.
/// <para>
/// A log is flushed by one thread at a time. There are several threads, because filesystems merge the flushes of different files that come at the
/// same time. They are started when they are needed.
/// </para>
/// </summary>
internal sealed class Flusher
{
    private const int ThreadsMax = 4;

    private readonly Queue<LogFlush> _queue = new();
    private readonly PriorityQueue<LogFlush, long> _timed = new();
    private readonly List<Thread> _threads = [];
    private int _idle;
    private bool _stopping;

    /// <summary>Has the log flushed. Any thread; after <see cref="Stop"/> nothing happens.</summary>
    internal void Ask(LogFlush log)
    {
        lock (_queue)
        {
            Enqueue(log);
        }
    }

    /// <summary>Has the log flushed at a time.</summary>
    /// <param name="dueTicksMs">By <see cref="Environment.TickCount64"/>.</param>
    internal void AskAt(LogFlush log, long dueTicksMs)
    {
        lock (_queue)
        {
            if (_stopping)
            {
                return;
            }

            _timed.Enqueue(log, dueTicksMs);
            StartThread(when: _threads.Count == 0);
            Monitor.Pulse(_queue);
        }
    }

    /// <summary>Flushes all that is queued, then ends the threads.</summary>
    internal void Stop()
    {
        Thread[] threads;
        lock (_queue)
        {
            _stopping = true;
            Monitor.PulseAll(_queue);
            threads = [.. _threads];
        }

        Array.ForEach(threads, thread => thread.Join());
    }

    private void Enqueue(LogFlush log)
    {
        if (_stopping && log.Turn == FlushTurn.None)
        {
            return;
        }

        if (log.Turn == FlushTurn.None)
        {
            log.Turn = FlushTurn.Queued;
            _queue.Enqueue(log);
            StartThread(when: _queue.Count > _idle);
            Monitor.Pulse(_queue);
        }
        else if (log.Turn == FlushTurn.Running)
        {
            log.Turn = FlushTurn.RunningAndAsked;
        }
    }

    private void StartThread(bool when)
    {
        if (when && _threads.Count < ThreadsMax && !_stopping)
        {
            Thread thread = new(Run) { IsBackground = true, Name = $"log flusher {_threads.Count}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Run()
    {
        while (Take() is { } log)
        {
            log.Flush();
            lock (_queue)
            {
                bool again = log.Turn == FlushTurn.RunningAndAsked;
                log.Turn = again ? FlushTurn.Queued : FlushTurn.None;
                if (again)
                {
                    _queue.Enqueue(log);
                }
            }
        }
    }

    private LogFlush? Take()
    {
        lock (_queue)
        {
            while (true)
            {
                int waitMs = TakeDue();
                if (_queue.TryDequeue(out LogFlush? log))
                {
                    log.Turn = FlushTurn.Running;
                    return log;
                }

                if (_stopping)
                {
                    return null;
                }

                _idle++;
                Monitor.Wait(_queue, waitMs);
                _idle--;
            }
        }
    }

    /// <summary>Queues the logs whose time has come; milliseconds until the next one's.</summary>
    private int TakeDue()
    {
        long now = Environment.TickCount64;
        while (_timed.TryPeek(out LogFlush? log, out long due))
        {
            if (due > now)
            {
                return (int)Math.Min(int.MaxValue, due - now);
            }

            _timed.Dequeue();
            log.OnDue();
            Enqueue(log);
        }

        return Timeout.Infinite;
    }
}

/// <summary>Where a log stands with the flusher; guarded by the flusher's lock.</summary>
internal enum FlushTurn
{
    None,
    Queued,
    Running,

    /// <summary>Asked for again while it is being flushed.</summary>
    RunningAndAsked,
}
