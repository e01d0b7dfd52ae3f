using System.Net;
using Engine.Linux;

namespace Engine.Server;

/// <summary>
/// One thread, one epoll instance, and the connections that belong to it for life. Everything a connection does happens here, so
/// nothing of it is locked; other threads reach the loop only by <see cref="Post(Connection, int)"/> and <see cref="Adopt"/>, a locked queue and an eventfd.
/// <para>
/// Not SocketAsyncEventArgs or Pipelines: their completion hops through the thread pool, which costs more than the request.
/// </para>
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int EventsAtOnce = 256;
    private const long NanosPerMilli = 1_000_000;
    private const int SweepMsMin = 50;
    private const int SweepMsMax = 5_000;

    /// <summary>How long a loop goes on looking for events before it sleeps, where small requests of several connections take turns.</summary>
    private const long LookNanos = 20_000;

    /// <summary>A round that moved more has other costs than a wake-up.</summary>
    private const int LittleBytes = 16 * 1024;

    /// <summary>Connections take turns when the last so many rounds were not all one's.</summary>
    private const int TurnsRounds = 4;

    /// <summary>Rounds of a busy loop between two looks at the clock.</summary>
    private const int RoundsPerClock = 256;
    private const EpollEvents ConnectionInterest =
        EpollEvents.In | EpollEvents.Out | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered;

    private readonly Epoll _epoll = new();
    private readonly Dispatcher _dispatcher;
    private readonly Thread _thread;
    private readonly EpollEvent[] _events = new EpollEvent[EventsAtOnce];
    private readonly List<Connection?> _slots = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly Queue<Connection> _ready = new();
    private readonly WaitTimers _timers = new();
    private readonly Lock _postedLock = new();
    private List<Posted> _posted = [];
    private List<Posted> _taken = [];
    private readonly Queue<Connection> _starved = new();
    private readonly long _unsentBytesMax;
    private readonly long _sweepNanos;
    private long _nextSweepNanos;
    private long _movedBytes;
    private ulong _lastId;
    private int _roundsOfOne = TurnsRounds;
    private int _roundsSinceClock;
    private int _open;
    private uint _generation;
    private volatile bool _stopping;

    public EventLoop(int number, Dispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        Buffers = new BufferPool(dispatcher.Config.QueuedMaxRequestBytes / dispatcher.Config.NetworkThreads);
        _unsentBytesMax = dispatcher.Config.QueuedMaxResponseBytes / dispatcher.Config.NetworkThreads;
        _sweepNanos = SweepNanos(dispatcher.Config);
        _thread = new Thread(Run) { Name = $"loop-{number}", IsBackground = true };
    }

    public BufferPool Buffers { get; }

    public LoopCounters Counters { get; } = new();

    public void Start() => _thread.Start();

    /// <summary>Stops after the present round and closes all connections. Any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        _epoll.Wake();
        _thread.Join();
    }

    /// <summary>Hands a new connection over to this loop. Any thread.</summary>
    public void Adopt(FileDescriptor socket, IPEndPoint? peer) => Post(new Posted { Socket = socket, Peer = peer });

    /// <summary>Ends a wait of a connection of this loop, if it is still that wait. Any thread but the loop's own.</summary>
    public void Post(Connection connection, int waitNumber) =>
        Post(new Posted { Connection = connection, WaitNumber = waitNumber });

    /// <summary>Gives the connection of a read that is over its turn. Any thread.</summary>
    public void Post(ColdRead read, int number) => Post(new Posted { Read = read, WaitNumber = number });

    /// <summary>Ends a wait of a connection of this loop, if it is still that wait. The loop's own thread.</summary>
    public void EndWait(Connection connection, int waitNumber)
    {
        if (connection.IsWaiting && connection.WaitNumber == waitNumber)
        {
            connection.EndWait();
            MakeReady(connection);
        }
    }

    /// <summary>Sees to it that a waiting connection gets a turn at its deadline at the latest.</summary>
    public void SetTimer(Connection connection) => _timers.Set(connection, connection.WaitDeadlineNanos);

    /// <summary>The wait is over; the next one may have no deadline.</summary>
    public void ClearTimer(Connection connection) => _timers.Remove(connection);

    public bool IsCurrentThread => Thread.CurrentThread == _thread;

    public void Remove(Connection connection)
    {
        int slot = (int)(uint)connection.Id;
        _slots[slot] = null;
        _freeSlots.Push(slot);
        _timers.Remove(connection);
        _open--;
        _dispatcher.Connections.Release(connection.Peer?.Address);
    }

    /// <summary>Gives the connection a turn once a buffer larger than the smallest may be had again.</summary>
    public void WaitForBuffer(Connection connection)
    {
        if (!connection.InStarvedQueue)
        {
            connection.InStarvedQueue = true;
            _starved.Enqueue(connection);
        }
    }

    /// <summary>Notes that more (or less) of a connection's answers waits to be sent; false when that is more than may wait in all.</summary>
    public bool CountUnsent(long change)
    {
        Counters.UnsentBytes += change;
        return change <= 0 || Counters.UnsentBytes <= _unsentBytesMax;
    }

    public void Dispose() => _epoll.Dispose();

    private void Run()
    {
        ThreadScheduling.TryShortenSlices();
        while (!_stopping)
        {
            int n = WaitForEvents();
            _roundsOfOne++;
            for (int i = 0; i < n; i++)
            {
                if (_events[i].Data != Epoll.WakeData && Find(_events[i].Data) is { } connection)
                {
                    connection.Signal(_events[i].Events);
                    MakeReady(connection);
                    if (connection.Id != _lastId)
                    {
                        _lastId = connection.Id;
                        _roundsOfOne = 0;
                    }
                }
            }

            TakePosted();
            ExpireTimers();
            for (int turns = _ready.Count; turns > 0; turns--)
            {
                Turn(_ready.Dequeue());
            }

            while (_starved.Count > 0 && Buffers.SomeoneMayGrow && _ready.Count == 0)
            {
                Connection next = _starved.Dequeue();
                next.InStarvedQueue = false;
                MakeReady(next);
            }

            SweepWhenDue();
        }

        foreach (Connection? connection in _slots.ToArray())
        {
            connection?.Close(null);
        }
    }

    /// <summary>
    /// Where several connections send small requests, the next one is on its way, and to be woken for it costs more than the request itself. So the
    /// loop looks again for a moment before it sleeps: whoever sends to a loop that is awake has nobody to wake. Not for one connection, whose client has to be woken in any case before it sends again.
    /// </summary>
    private int WaitForEvents()
    {
        int timeoutMs = TimeoutMs();
        long moved = Counters.ReceivedBytes + Counters.SentBytes;
        bool little = moved - _movedBytes is > 0 and <= LittleBytes;
        _movedBytes = moved;
        return little && _roundsOfOne < TurnsRounds && timeoutMs != 0
            ? _epoll.LookAndWait(_events, LookNanos, timeoutMs)
            : _epoll.Wait(_events, timeoutMs);
    }

    private void Turn(Connection connection)
    {
        connection.InReadyRing = false;
        if (connection.IsClosed)
        {
            return;
        }

        try
        {
            if (connection.Turn())
            {
                MakeReady(connection);
            }
        }
        catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
        {
            // A fault in one connection's handling must not take the others with it; it is a bug, so the log gets all of it.
            _dispatcher.Log.Fault(connection.Peer, unexpected);
            connection.Close(null);
        }
    }

    private void MakeReady(Connection connection)
    {
        if (!connection.InReadyRing && !connection.IsClosed)
        {
            connection.InReadyRing = true;
            _ready.Enqueue(connection);
        }
    }

    private Connection? Find(ulong id)
    {
        Connection? connection = _slots[(int)(uint)id];
        return connection?.Id == id ? connection : null;
    }

    private void Post(Posted posted)
    {
        bool first;
        lock (_postedLock)
        {
            first = _posted.Count == 0;
            _posted.Add(posted);
        }

        if (first)
        {
            _epoll.Wake();
        }
    }

    private void TakePosted()
    {
        lock (_postedLock)
        {
            if (_posted.Count == 0)
            {
                return;
            }

            (_posted, _taken) = (_taken, _posted);
        }

        foreach (Posted posted in _taken)
        {
            if (posted.Read is not null)
            {
                ReadEnded(posted.Read, posted.WaitNumber);
            }
            else if (posted.Connection is not null)
            {
                EndWait(posted.Connection, posted.WaitNumber);
            }
            else
            {
                Add(posted.Socket!, posted.Peer);
            }
        }

        _taken.Clear();
    }

    private void ReadEnded(ColdRead read, int number)
    {
        // A turn for another cause may have noticed the end before, and gone on.
        if (read.Number == number && read.State == ColdReadState.Done)
        {
            if (read.Connection.IsClosed)
            {
                read.Reset(); // What it holds was for nobody.
                return;
            }

            read.Connection.EndWait();
            MakeReady(read.Connection);
        }
    }

    private void Add(FileDescriptor socket, IPEndPoint? peer)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
        }

        Connection connection = new(this, _dispatcher, socket, peer, ((ulong)++_generation << 32) | (uint)slot);
        _slots[slot] = connection;
        _open++;
        try
        {
            Sockets.SendAtOnce(socket, peer?.Address);
            _epoll.Watch(socket, ConnectionInterest, connection.Id);
        }
        catch (LinuxException failed)
        {
            connection.Close(failed.Message);
        }
    }

    private int TimeoutMs()
    {
        if (_ready.Count > 0)
        {
            return 0;
        }

        bool timed = _timers.TryPeek(out long deadline);
        if (_nextSweepNanos != 0 && (!timed || _nextSweepNanos < deadline))
        {
            timed = true;
            deadline = _nextSweepNanos;
        }

        if (!timed)
        {
            return -1;
        }

        long left = deadline - MonotonicClock.Nanos();
        return left <= 0 ? 0 : (int)Math.Min(int.MaxValue, (left + NanosPerMilli - 1) / NanosPerMilli);
    }

    /// <summary>Often enough to keep the limits to a quarter, and never oftener than costs nothing.</summary>
    private static long SweepNanos(ServerConfig config)
    {
        long idle = config.ConnectionsMaxIdleMs;
        long stalled = config.ConnectionsMaxStalledMs;
        long shortest = Math.Min(idle < 0 ? long.MaxValue : idle, stalled < 0 ? long.MaxValue : stalled);
        return Math.Clamp(shortest / 4, SweepMsMin, SweepMsMax) * NanosPerMilli;
    }

    /// <summary>
    /// Looks over all connections now and then for those over which nothing went. A scan, not a timer each: a connection in use would move
    /// its timer with every request, and the scan of ten thousand takes about a millisecond. None is due, and the loop
    /// sleeps, once there is nothing to look over.
    /// </summary>
    private void SweepWhenDue()
    {
        if (_open == 0 && Buffers.FreeBytes == 0)
        {
            _nextSweepNanos = 0;
            return;
        }

        if (_nextSweepNanos != 0 && _ready.Count > 0 && ++_roundsSinceClock < RoundsPerClock)
        {
            return;
        }

        _roundsSinceClock = 0;
        long now = MonotonicClock.Nanos();
        if (_nextSweepNanos == 0)
        {
            _nextSweepNanos = now + _sweepNanos;
        }
        else if (now >= _nextSweepNanos)
        {
            _nextSweepNanos = now + _sweepNanos;
            for (int i = 0; i < _slots.Count; i++)
            {
                _slots[i]?.Sweep(now);
            }

            Buffers.Trim();
            ForgetClosedStarved();
        }
    }

    private void ForgetClosedStarved()
    {
        for (int left = _starved.Count; left > 0; left--)
        {
            Connection connection = _starved.Dequeue();
            if (!connection.IsClosed)
            {
                _starved.Enqueue(connection);
            }
        }
    }

    private void ExpireTimers()
    {
        if (_timers.Count == 0)
        {
            return;
        }

        long now = MonotonicClock.Nanos();
        while (_timers.TakeExpired(now) is { } connection)
        {
            EndWait(connection, connection.WaitNumber);
        }
    }

    private struct Posted
    {
        public Connection? Connection;
        public int WaitNumber;
        public FileDescriptor? Socket;
        public ColdRead? Read;
        public IPEndPoint? Peer;
    }
}
