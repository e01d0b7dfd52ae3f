using System.Net;
using Engine.Linux;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// One client connection: cuts the stream into frames, has them handled in order, sends the answers in order. Requests may be
/// pipelined; the next one is taken up as long as no file slice of an earlier answer is still unsent, so a client that does not
/// read holds no more than one response.
/// <para>
/// Watched edge-triggered (<see cref="SocketReadiness"/>), so no epoll_ctl is needed after the first.
/// Owned by its loop; other threads may only post it to that loop.
/// </para>
/// </summary>
internal sealed class Connection
{
    /// <summary>Bytes handled before other connections of the loop get their turn.</summary>
    private const int TurnBytes = 2 * 1024 * 1024;

    /// <summary>Unsent answers in memory above which no further request is taken up.</summary>
    private const int UnsentBytesMax = 1024 * 1024;

    /// <summary>Memory for answers that a connection keeps from one to the next.</summary>
    private const int AnswerBytesKept = 64 * 1024;

    private const long NanosPerMilli = 1_000_000;

    private readonly Dispatcher _dispatcher;
    private readonly ReceiveBuffer _in;
    private readonly SocketReadiness _ready;

    /// <summary>Bytes moved since the last sweep: cheaper to note than the time.</summary>
    private bool _progressed;
    private long _progressNanos;
    private long _sentBytesSeen;
    private SegmentLoans? _loans;
    private int _unsentBytesCounted;

    public Connection(EventLoop loop, Dispatcher dispatcher, FileDescriptor socket, IPEndPoint? peer, ulong id)
    {
        Loop = loop;
        _dispatcher = dispatcher;
        Socket = socket;
        _ready = new SocketReadiness(socket);
        Id = id;
        Peer = peer;
        _in = new ReceiveBuffer(loop.Buffers);
        Out = new OutboundQueue(dispatcher.Config.Transfer == TransferTechnique.Copy);
        _progressNanos = MonotonicClock.Nanos();
    }

    public EventLoop Loop { get; }
    public FileDescriptor Socket { get; }

    /// <summary>Slot and generation in the loop's table: what epoll hands back.</summary>
    public ulong Id { get; }

    public IPEndPoint? Peer { get; }
    public OutboundQueue Out { get; }

    /// <summary>True while in the loop's ready ring.</summary>
    public bool InReadyRing { get; set; }

    /// <summary>True while the loop lets it wait for a receive buffer.</summary>
    public bool InStarvedQueue { get; set; }

    /// <summary>Number of the present wait; a wake-up for an older one is stale.</summary>
    public int WaitNumber { get; private set; }

    public bool IsWaiting { get; private set; }

    /// <summary>When the parked request is to be answered with what is there, in monotonic nanoseconds; 0: not yet parked.</summary>
    public long WaitDeadlineNanos { get; private set; }

    /// <summary>Where the loop's timers hold this connection.</summary>
    public int TimerPlace { get; set; } = WaitTimers.NoPlace;

    public bool IsClosed { get; private set; }

    /// <summary>The batches of this connection's that are being unpacked; made with the first of them.</summary>
    public ValidationJob? Validation { get; set; }

    /// <summary>The answer of this connection's that waits for a flush; made with the first of them.</summary>
    public FlushWait? Flushing { get; set; }

    /// <summary>What the parked request waits for, when that is the groups' thread.</summary>
    public GroupCall? GroupCall { get; set; }

    /// <summary>What of this connection's waits for the disk; made with the first of it.</summary>
    public ConnectionReads? Reads { get; set; }

    /// <summary>Queues a slice of a log as the answer to the request being handled.</summary>
    /// <param name="residentBytes">How much of it, from its start, is known to be in the page cache.</param>
    public void Send(PartitionLog log, in LogSlice slice, int residentBytes)
    {
        if (Out.LendsPages)
        {
            _loans ??= new SegmentLoans(Socket);
            _loans.Add(log, slice, Out.SentBytes);
        }

        Out.Add(slice, residentBytes);
    }

    /// <summary>Notes what epoll found.</summary>
    public void Signal(EpollEvents events) => _ready.Signal(events);

    /// <summary>Starts a wait of the request being handled; the deadline is set by the first of its waits.</summary>
    public int BeginWait(long deadlineNanos)
    {
        if (WaitDeadlineNanos == 0)
        {
            WaitDeadlineNanos = deadlineNanos;
        }

        IsWaiting = true;
        return ++WaitNumber;
    }

    /// <summary>
    /// Lends the request being handled to another thread, until <see cref="TakeFrameBack"/>. It stays where it is; when the connection is closed
    /// meanwhile, its buffer is left to that thread and is not used again.
    /// </summary>
    public ArraySegment<byte> LendFrame()
    {
        _in.IsLent = true;
        return _in.Frame;
    }

    public void TakeFrameBack() => _in.IsLent = false;

    /// <summary>Whether that wait is over for certain. Any thread that has synchronised with the wait's beginning.</summary>
    public bool HasLeft(int waitNumber) => IsClosed || WaitNumber != waitNumber || !IsWaiting;

    /// <summary>Ends the wait, so that the request is handled again at the connection's next turn.</summary>
    public void EndWait()
    {
        IsWaiting = false;
        Loop.ClearTimer(this);
    }

    /// <summary>The connection's turn. True when it has more to do at once.</summary>
    public bool Turn()
    {
        bool more = SendHandleReceive();
        if (!IsClosed)
        {
            Settle(more);
        }

        return more && !IsClosed;
    }

    /// <summary>
    /// The loop's look at a connection, every few seconds at most: closes it when nothing went over it for too long, and gives back what memory it
    /// keeps when it is at rest.
    /// </summary>
    public void Sweep(long nowNanos)
    {
        if (_progressed)
        {
            _progressed = false;
            _progressNanos = nowNanos;
            return;
        }

        ServerConfig config = _dispatcher.Config;
        long restNanos = nowNanos - _progressNanos;
        bool midway = !Out.IsEmpty || (_in.Pending > 0 && !IsWaiting);
        if (midway && config.ConnectionsMaxStalledMs >= 0 && restNanos >= config.ConnectionsMaxStalledMs * NanosPerMilli)
        {
            Loop.Counters.Stalled++;
            Expire(Out.IsEmpty
                ? $"request got no further for connections.max.stalled.ms ({config.ConnectionsMaxStalledMs})"
                : $"answer was not read for connections.max.stalled.ms ({config.ConnectionsMaxStalledMs})");
        }
        else if (!_in.IsLent && config.ConnectionsMaxIdleMs >= 0 && restNanos >= config.ConnectionsMaxIdleMs * NanosPerMilli)
        {
            Loop.Counters.Idle++;
            Expire($"idle for connections.max.idle.ms ({config.ConnectionsMaxIdleMs})");
        }
        else if (Out.IsEmpty)
        {
            Out.Trim(0);
        }
    }

    /// <summary>
    /// Sends what it can, handles what is there, receives more. True when it has more to do at once.
    /// </summary>
    private bool SendHandleReceive()
    {
        // A request that is being looked at was received whole, and takes effect whoever waits for the answer.
        if ((_ready.PeerGone || (_ready.PeerEnded && IsWaiting)) && !_in.IsLent)
        {
            Close(null);
            return false;
        }

        if (!Out.IsEmpty && !Flush())
        {
            return false;
        }

        for (int handled = 0; ;)
        {
            handled += HandleFrames();
            if (IsClosed || IsWaiting)
            {
                if (IsWaiting && (Out.IsEmpty || Flush()) && _ready.PeerEnded && !_in.IsLent)
                {
                    Close(null);
                }

                return false;
            }

            bool over = handled >= TurnBytes;
            if (!Out.IsEmpty && (over || !AnswersMayWait()) && !Flush())
            {
                return false;
            }

            if (FrameIsWhole())
            {
                continue;
            }

            if (IsClosed)
            {
                return false;
            }

            if (over)
            {
                return true;
            }

            if (!_ready.Readable || !Receive())
            {
                if (!Out.IsEmpty && !IsClosed)
                {
                    Flush();
                }

                return false;
            }
        }
    }

    /// <summary>
    /// Answers to long requests go together as long as two more of the kind are in the socket: each sending wakes the peer, which costs as much as
    /// receiving 100 KiB where it sleeps on another processor, and it has the time of two requests to send the next.
    /// </summary>
    private bool AnswersMayWait() =>
        Out.PendingChunks == 0 && _in.LastFrameBytes > BufferPool.SmallestBytes
        && _ready.Holds((2L * _in.LastFrameBytes) - _in.Pending);

    /// <summary>Closes for a reason that goes to the log, or silently when the peer just left.</summary>
    public void Close(string? reason)
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        IsWaiting = false;
        GroupCall = null;
        if (reason is not null)
        {
            _dispatcher.Log.Refused(Peer, reason);
        }

        Reads?.Cancel(_dispatcher.ColdReaders);
        Out.Abandon();
        Loop.CountUnsent(-_unsentBytesCounted);
        _unsentBytesCounted = 0;
        _in.Release();
        Loop.Remove(this);
        Socket.Dispose();
    }

    private void Expire(string reason)
    {
        _dispatcher.Log.Expired(Peer, reason);
        Close(null);
    }

    /// <summary>After a turn: counts what is held in memory, and holds less where less will do.</summary>
    private void Settle(bool more)
    {
        if (Out.SentBytes != _sentBytesSeen)
        {
            Loop.Counters.SentBytes += Out.SentBytes - _sentBytesSeen;
            _sentBytesSeen = Out.SentBytes;
            _progressed = true;
        }

        int unsent = Out.WaitingBytes;
        if (unsent != _unsentBytesCounted)
        {
            int change = unsent - _unsentBytesCounted;
            _unsentBytesCounted = unsent;
            if (!Loop.CountUnsent(change))
            {
                _dispatcher.Log.LimitReached(Peer, $"queued.max.response.bytes ({_dispatcher.Config.QueuedMaxResponseBytes}): {unsent} bytes were not read");
                Close(null);
                return;
            }
        }

        if (unsent == 0)
        {
            Out.Trim(AnswerBytesKept);
        }

        if (!more)
        {
            _in.Rest();
        }
    }

    /// <summary>Sends; false when the socket is full or the connection has failed.</summary>
    private bool Flush()
    {
        if (!_ready.Writable || !TakePiece())
        {
            return false;
        }

        int result = Out.Flush(Socket);
        if (result == 0)
        {
            return true;
        }

        if (result == OutboundQueue.NeedsDisk)
        {
            Reads ??= new ConnectionReads(this);
            Out.FirstPieceTo(Reads.Slice);
            Reads.Slice.Start(_dispatcher.ColdReaders);
            return false;
        }

        _ready.Filled();
        if (result != Sockets.WouldBlock)
        {
            Close(null);
        }

        return false;
    }

    /// <summary>Takes up the piece of a slice that was read; false while it is being read, or when it could not be.</summary>
    private bool TakePiece()
    {
        if (Reads is not { Slice: { State: not ColdReadState.Idle } piece })
        {
            return true;
        }

        if (piece.State == ColdReadState.Running)
        {
            return false;
        }

        if (piece.Failure is { } failure)
        {
            // The answer has begun and cannot be ended.
            _dispatcher.Log.StorageFailed("read-failed", Out.FirstSlicePath, failure);
            Close(null);
            return false;
        }

        Out.TakePiece(piece);
        piece.Reset();
        return true;
    }

    /// <summary>Handles whole frames in the buffer; returns the bytes handled.</summary>
    private int HandleFrames()
    {
        int handled = 0;
        while (!IsClosed && Out.PendingChunks == 0 && Out.Memory.Length <= UnsentBytesMax && FrameIsWhole())
        {
            HandlerResult result = Handle(_in.Frame);
            if (result == HandlerResult.Park)
            {
                return handled;
            }

            WaitDeadlineNanos = 0;
            if (IsClosed)
            {
                return handled;
            }

            handled += _in.Consume();
        }

        return handled;
    }

    private HandlerResult Handle(Span<byte> frame)
    {
        HandlerResult result;
        try
        {
            result = _dispatcher.Handle(this, frame);
        }
        catch (WireFormatException malformed)
        {
            Close($"malformed request: {malformed.Message}");
            return HandlerResult.Close;
        }

        if (result == HandlerResult.Close)
        {
            // Answers to earlier requests are still owed.
            if (!Out.IsEmpty)
            {
                Flush();
            }

            Close(null);
        }

        return result;
    }

    /// <summary>Receives once; false when there is nothing, or no room at present.</summary>
    private bool Receive()
    {
        Span<byte> room = _in.Room();
        if (room.IsEmpty)
        {
            _dispatcher.Log.LimitReached(Peer, $"queued.max.request.bytes ({_dispatcher.Config.QueuedMaxRequestBytes}): a request waits until others are done");
            Loop.WaitForBuffer(this);
            return false;
        }

        int n = Sockets.ReceiveNoWait(Socket, room);
        if (n > 0)
        {
            _in.Received(n);
            _ready.Received(n, room.Length);
            _progressed = true;
            Loop.Counters.ReceivedBytes += n;
            return CheckFrameLength();
        }

        _ready.ReadEmpty();
        if (n != Sockets.WouldBlock)
        {
            Close(n == 0 && _in.Pending > 0 ? "connection ended inside a request" : null);
        }

        return false;
    }

    /// <summary>False, and the connection closed, when the request at the front is longer than it may be.</summary>
    private bool CheckFrameLength()
    {
        if (_in.Excess(_dispatcher.Config) is { } excess)
        {
            Close(excess);
            return false;
        }

        return true;
    }

    private bool FrameIsWhole() => _in.HasLength && CheckFrameLength() && _in.Pending - Frames.LengthBytes >= _in.FrameLength;
}
