namespace Engine.Storage;

/// <summary>A thread that does chores one after the other.</summary>
internal sealed class ChoreThread
{
    private readonly Queue<Chore> _chores = new(64);
    private readonly Action<Chore> _do;
    private readonly Func<bool, bool> _after;
    private readonly Thread _thread;
    private bool _stopping;
    private bool _stopped;

    /// <param name="after">Called after each chore, and with true when there is no other at the moment; says whether it is to be called again then.</param>
    internal ChoreThread(string name, Action<Chore> @do, Func<bool, bool> after)
    {
        _do = @do;
        _after = after;
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
        bool again = false;
        while (TryTake(again, out Chore? chore))
        {
            if (chore is { } next)
            {
                _do(next);
            }

            again = _after(chore is null);
        }
    }

    /// <summary>Waits for the next chore; null when there is none at the moment, if that is to be told. False when stopped, with nothing left to do.</summary>
    private bool TryTake(bool tellsIdle, out Chore? chore)
    {
        lock (_chores)
        {
            while (true)
            {
                if (_chores.TryDequeue(out Chore next))
                {
                    chore = next;
                    return true;
                }

                chore = null;
                if (tellsIdle)
                {
                    return true;
                }

                if (_stopping)
                {
                    _stopped = true;
                    return false;
                }

                Monitor.Wait(_chores);
            }
        }
    }
}
