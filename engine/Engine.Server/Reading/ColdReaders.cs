namespace Engine.Server;

/// <summary>
/// The threads that wait for the disk so that no loop does (<c>cold.read.threads</c>): a loop that finds that what it is about to read or send
/// has left the page cache hands it over and serves its other connections. Started with the first need. Not the thread pool, whose threads
/// others may hold, and not io_uring or asynchronous reads: nothing is to be copied here, only brought to where sendfile finds it.
/// <para>
/// First come, first served. A connection has one read in the queue at most, and takes it back when it is closed, so <c>max.connections</c>
/// bounds the queue.
/// </para>
/// </summary>
internal sealed class ColdReaders : IDisposable
{
    /// <summary>What is brought in for a slice at a time: large enough for the disk, small enough that many readers share it.</summary>
    public const int PieceBytes = 1 << 20;

    private readonly LinkedList<ColdRead> _queue = new();
    private readonly List<Thread> _threads = [];
    private readonly int _threadsMax;
    private readonly Func<PageReader> _pageReader;
    private readonly ServerLog _log;
    private long _reads;
    private int _idle;
    private bool _stopping;

    /// <param name="pageReader">Makes what each thread reads with.</param>
    public ColdReaders(int threads, Func<PageReader> pageReader, ServerLog log)
    {
        _threadsMax = threads;
        _pageReader = pageReader;
        _log = log;
    }

    /// <summary>Reads handed over so far. Any thread.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Reads that no thread has begun. Any thread.</summary>
    public int Waiting
    {
        get
        {
            lock (_queue)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Hands a read over. Any thread.</summary>
    public void Post(ColdRead read)
    {
        lock (_queue)
        {
            _reads++;
            _queue.AddLast(read.Node);
            if (_queue.Count > _idle && _threads.Count < _threadsMax)
            {
                Thread thread = new(Run) { IsBackground = true, Name = $"cold-reader-{_threads.Count}" };
                _threads.Add(thread);
                thread.Start();
            }

            Monitor.Pulse(_queue);
        }
    }

    /// <summary>Takes a read out of the queue; false when a thread has it already. Any thread.</summary>
    public bool TryTakeBack(ColdRead read)
    {
        lock (_queue)
        {
            if (read.Node.List is null)
            {
                return false;
            }

            _queue.Remove(read.Node);
            return true;
        }
    }

    /// <summary>Ends the threads. To be called when the loops have stopped, and before they are disposed of.</summary>
    public void Dispose()
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

    private void Run()
    {
        PageReader pages = _pageReader();
        while (Take() is { } read)
        {
            try
            {
                read.Run(pages);
            }
            catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
            {
                // A bug, of which the log gets all; the connection has been told that the read is over.
                _log.Fault(read.Connection.Peer, unexpected);
            }
        }
    }

    private ColdRead? Take()
    {
        lock (_queue)
        {
            while (_queue.Count == 0 && !_stopping)
            {
                _idle++;
                Monitor.Wait(_queue);
                _idle--;
            }

            if (_stopping)
            {
                return null;
            }

            ColdRead read = _queue.First!.Value;
            _queue.RemoveFirst();
            return read;
        }
    }
}
