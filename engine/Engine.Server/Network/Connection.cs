using System.Buffers.Binary;
using System.Net;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Server;

/// <summary>What a handler says of a request.</summary>
internal enum HandlerResult
{
    /// <summary>Answered, or needs no answer.</summary>
    Done,

    /// <summary>
    /// To be handled again when something it waits for has happened or its deadline has passed. The request stays where it is, in
    /// the receive buffer, so waiting copies nothing.
    /// </summary>
    Park,

    /// <summary>The protocol's answer is to close the connection.</summary>
    Close,
}

/// <summary>
/// One client connection: cuts the stream into frames, has them handled in order, sends the answers in order. Requests may be
/// pipelined; the next one is taken up as long as no file slice of an earlier answer is still unsent, so a client that does not
/// read holds no more than one response.
/// <para>
/// Watched edge-triggered: readiness is remembered here until the kernel says EAGAIN, so no epoll_ctl is needed after the first.
/// Owned by its loop; other threads may only post it to that loop.
/// </para>
/// </summary>
internal sealed class Connection
{
    /// <summary>Bytes handled before other connections of the loop get their turn.</summary>
    private const int TurnBytes = 2 * 1024 * 1024;

    /// <summary>Unsent answers in memory above which no further request is taken up.</summary>
    private const int UnsentBytesMax = 1024 * 1024;

    private readonly Dispatcher _dispatcher;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _readable;
    private bool _writable = true;
    private bool _peerGone;
    private int _lastFrameBytes;

    /// <summary>Another thread reads the request being handled.</summary>
    private bool _frameIsLent;

    public Connection(EventLoop loop, Dispatcher dispatcher, FileDescriptor socket, ulong id)
    {
        Loop = loop;
        _dispatcher = dispatcher;
        Socket = socket;
        Id = id;
        Peer = Sockets.RemoteEndPoint(socket);
    }

    public EventLoop Loop { get; }
    public FileDescriptor Socket { get; }

    /// <summary>Slot and generation in the loop's table: what epoll hands back.</summary>
    public ulong Id { get; }

    public IPEndPoint? Peer { get; }
    public OutboundQueue Out { get; } = new();

    /// <summary>True while in the loop's ready ring.</summary>
    public bool InReadyRing { get; set; }

    /// <summary>Number of the present wait; a wake-up for an older one is stale.</summary>
    public int WaitNumber { get; private set; }

    public bool IsWaiting { get; private set; }

    /// <summary>When the parked request is to be answered with what is there, in monotonic nanoseconds; 0: not yet parked.</summary>
    public long WaitDeadlineNanos { get; private set; }

    /// <summary>True while the loop's timer heap holds an entry for this connection.</summary>
    public bool HasTimer { get; set; }

    public bool IsClosed { get; private set; }

    /// <summary>The batches of this connection's that are being unpacked; made with the first of them.</summary>
    public ValidationJob? Validation { get; set; }

    /// <summary>The answer of this connection's that waits for a flush; made with the first of them.</summary>
    public FlushWait? Flushing { get; set; }

    /// <summary>What the parked request waits for, when that is the groups' thread.</summary>
    public GroupCall? GroupCall { get; set; }

    /// <summary>Notes what epoll found.</summary>
    public void Signal(EpollEvents events)
    {
        _readable |= (events & (EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        _writable |= (events & (EpollEvents.Out | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        _peerGone |= (events & (EpollEvents.HangUp | EpollEvents.Error)) != 0;
        if (IsWaiting && !_frameIsLent && (events & EpollEvents.ReadHangUp) != 0)
        {
            _peerGone = true;
        }
    }

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
        _frameIsLent = true;
        return new ArraySegment<byte>(_buffer!, _start + Frames.LengthBytes, FrameLength());
    }

    public void TakeFrameBack() => _frameIsLent = false;

    /// <summary>Ends the wait, so that the request is handled again at the connection's next turn.</summary>
    public void EndWait() => IsWaiting = false;

    /// <summary>
    /// The connection's turn: sends what it can, handles what is there, receives more. True when it has more to do at once.
    /// </summary>
    public bool Turn()
    {
        // A request that is being looked at was received whole, and takes effect whoever waits for the answer.
        if (_peerGone && !_frameIsLent)
        {
            Close(null);
            return false;
        }

        for (int handled = 0; ;)
        {
            if (!Out.IsEmpty && !Flush())
            {
                return false;
            }

            handled += HandleFrames();
            if (IsClosed || IsWaiting)
            {
                if (IsWaiting && !Out.IsEmpty)
                {
                    Flush();
                }

                return false;
            }

            if (!Out.IsEmpty && !Flush())
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

            if (handled >= TurnBytes)
            {
                return true;
            }

            if (!_readable || !Receive())
            {
                ReleaseBufferWhenEmpty();
                return false;
            }
        }
    }

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

        Out.Abandon();
        _start = _end = 0;
        ReleaseBufferWhenEmpty();
        Loop.Remove(this);
        Socket.Dispose();
    }

    /// <summary>Sends; false when the socket is full or the connection has failed.</summary>
    private bool Flush()
    {
        if (!_writable)
        {
            return false;
        }

        int result = Out.Flush(Socket);
        if (result == 0)
        {
            return true;
        }

        _writable = false;
        if (result != Sockets.WouldBlock)
        {
            Close(null);
        }

        return false;
    }

    /// <summary>Handles whole frames in the buffer; returns the bytes handled.</summary>
    private int HandleFrames()
    {
        int handled = 0;
        while (!IsClosed && Out.PendingChunks == 0 && Out.Memory.Length <= UnsentBytesMax && FrameIsWhole())
        {
            int length = FrameLength();
            HandlerResult result = Handle(_buffer.AsSpan(_start + Frames.LengthBytes, length));
            if (result == HandlerResult.Park)
            {
                return handled;
            }

            WaitDeadlineNanos = 0;
            if (IsClosed)
            {
                return handled;
            }

            _start += Frames.LengthBytes + length;
            handled += Frames.LengthBytes + length;
            _lastFrameBytes = Frames.LengthBytes + length;
            if (_start == _end)
            {
                _start = _end = 0;
            }
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

    /// <summary>
    /// Receives once. A long frame is received up to its end and no further, so that the next one begins at the buffer's start
    /// and never has to be moved; short ones are taken as many as come.
    /// </summary>
    private bool Receive()
    {
        if (!MakeRoom(out int room))
        {
            return false;
        }

        int n = Sockets.ReceiveNoWait(Socket, _buffer.AsSpan(_end, room));
        if (n > 0)
        {
            _end += n;
            return CheckFrameLength();
        }

        _readable = false;
        if (n != Sockets.WouldBlock)
        {
            Close(n == 0 && _end > _start ? "connection ended inside a request" : null);
        }

        return false;
    }

    private bool MakeRoom(out int room)
    {
        // Sized by what this peer really sent last, so that a steady stream of large frames is never copied from buffer to buffer.
        _buffer ??= Loop.Buffers.Rent(_lastFrameBytes);
        int pending = _end - _start;
        bool lengthKnown = pending >= Frames.LengthBytes;
        int wanted = lengthKnown ? Frames.LengthBytes + FrameLength() : BufferPool.SmallestBytes;
        if (wanted > _buffer.Length && pending == _buffer.Length)
        {
            // Grown by doubling as bytes arrive, never by what the peer says is to come.
            MoveTo(Loop.Buffers.Rent(2 * _buffer.Length));
        }
        else if (_start > 0 && (_start + wanted > _buffer.Length || _end == _buffer.Length))
        {
            _buffer.AsSpan(_start, pending).CopyTo(_buffer);
            _start = 0;
            _end = pending;
        }

        int end = lengthKnown && wanted <= BufferPool.SmallestBytes ? _buffer.Length : _start + wanted;
        int limit = Math.Min(end, _buffer.Length);
        room = limit - _end;
        return room > 0;
    }

    private void MoveTo(byte[] larger)
    {
        int pending = _end - _start;
        _buffer.AsSpan(_start, pending).CopyTo(larger);
        Loop.Buffers.Return(_buffer!);
        _buffer = larger;
        _start = 0;
        _end = pending;
    }

    private bool CheckFrameLength()
    {
        if (_end - _start < Frames.LengthBytes)
        {
            return true;
        }

        int length = FrameLength();
        if (length >= 0 && length <= _dispatcher.Config.SocketRequestMaxBytes)
        {
            return true;
        }

        Close($"request of {length} bytes (socket.request.max.bytes is {_dispatcher.Config.SocketRequestMaxBytes})");
        return false;
    }

    private bool FrameIsWhole() =>
        _end - _start >= Frames.LengthBytes && CheckFrameLength() && _end - _start - Frames.LengthBytes >= FrameLength();

    private int FrameLength() => BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));

    private void ReleaseBufferWhenEmpty()
    {
        if (_buffer is not null && _start == _end)
        {
            if (!_frameIsLent)
            {
                Loop.Buffers.Return(_buffer);
            }

            _buffer = null;
            _start = _end = 0;
        }
    }
}
