namespace Engine.Storage;

/// <summary>A thread that does chores one after the other.</summary>
internal sealed class ChoreThread
{
    private readonly Queue<Chore> _chores = new(64);
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
    internal bool TryPost(in Chore chore)
    {
        lock (_chores)
        {
            if (_stopped)
            {
                return false;
            }

            _chores.Enqueue(chore);
            Monitor.Pulse(_chores);
            return true;
        }
    }

    /// <summary>Does all that was posted, then ends the thread.</summary>
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

    /// <summary>Waits for the next chore. False when stopped, with nothing left to do.</summary>
    private bool TryTake(out Chore chore)
    {
        lock (_chores)
        {
            while (!_chores.TryDequeue(out chore))
            {
                if (_stopping)
                {
                    _stopped = true;
                    return false;
                }

                Monitor.Wait(_chores);
            }

            return true;
        }
    }
}
