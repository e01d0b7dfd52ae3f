namespace Engine.Server;

/// <summary>
/// The one thread that owns all groups. Event loops hand requests over and never wait: what they take is a lock around a queue, held for as
/// long as it takes to put something into it. Not locks around the groups themselves: a rebalance answers many connections at once,
/// a commit writes to the log, a compaction writes all there is, and a loop that met one of these would stall every producer and consumer on it.
/// One thread also makes the state machine what it reads like: one request after the other, and timers in between. A commit costs two changes of
/// thread for it, some tens of microseconds.
/// <para>
/// The queue is bounded by the connections, each of which has at most one request here, and by the topics deleted.
/// </para>
/// </summary>
internal sealed class GroupThread
{
    private readonly GroupService _service;
    private readonly GroupLog _log;
    private readonly ServerLog _serverLog;
    private readonly Thread _thread;
    private readonly object _lock = new();
    private List<object> _posted = [];
    private List<object> _taken = [];
    private bool _stopping;

    /// <summary>Reads what was kept.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public GroupThread(TopicTable topics, GroupConfig config, ServerLog log)
    {
        SystemGroupClock clock = new();
        _serverLog = log;
        _log = new GroupLog(topics, config, log, clock);
        _service = new GroupService(topics, _log, config, clock);
        _log.Load(_service);
        _thread = new Thread(Run) { Name = "groups", IsBackground = true };
        topics.Deleted = Post;
    }

    /// <summary>Groups there are. Any thread.</summary>
    public int GroupCount => _service.Table.Count;

    public void Start() => _thread.Start();

    /// <summary>Hands a request over. Any thread.</summary>
    public void Post(GroupCall call) => Post((object)call);

    /// <summary>Ends the thread after what it is doing; who still waits is not answered.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join();
    }

    private void Post(object work)
    {
        lock (_lock)
        {
            _posted.Add(work);
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        Guarded(_service.Start);
        while (TakePosted())
        {
            foreach (object work in _taken)
            {
                Do(work);
            }

            _taken.Clear();
            while (_service.TakeDueTimer() is { } timer)
            {
                Guarded(timer.Due);
            }

            if (_log.WantsCompaction)
            {
                Guarded(() => _log.Compact(_service.Alive));
            }
        }
    }

    /// <summary>Waits for work or a timer, and takes all there is; false when it is to stop.</summary>
    private bool TakePosted()
    {
        lock (_lock)
        {
            if (_posted.Count == 0 && !_stopping)
            {
                Monitor.Wait(_lock, _service.UntilNextTimerMs is { } ms ? (int)Math.Min(ms, int.MaxValue) : Timeout.Infinite);
            }

            (_posted, _taken) = (_taken, _posted);
            return !_stopping;
        }
    }

    private void Do(object work)
    {
        if (work is string deletedTopic)
        {
            Guarded(() => _service.RemoveTopic(deletedTopic));
            return;
        }

        GroupCall call = (GroupCall)work;
        try
        {
            _service.Handle(call.Client, call.Request, call.Version, call.Complete);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _serverLog.Fault(call.Connection.Peer, fault);
            call.Complete(null);
        }
    }

    /// <summary>A fault in one group must not end them all; it is a bug, so the log gets all of it.</summary>
    private void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _serverLog.Fault(null, fault);
        }
    }
}
