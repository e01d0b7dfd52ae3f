using Engine.Linux;

namespace Engine.Server;

/// <summary>
/// What is known of a socket that is watched edge-triggered, so that no call is made that would find nothing: what epoll signalled holds until a call
/// says that it is over. Owned by the connection's loop.
/// </summary>
internal sealed class SocketReadiness(FileDescriptor socket)
{
    /// <summary>Bytes that are in the socket at least: as many as were when it was last asked, less those received since.</summary>
    private int _unreadBytes;

    /// <summary>There may be bytes to receive, or the end.</summary>
    public bool Readable { get; private set; }

    /// <summary>There may be room to send.</summary>
    public bool Writable { get; private set; } = true;

    public bool PeerGone { get; private set; }

    /// <summary>The peer sends nothing more: what it has sent is answered, but nothing waits for it.</summary>
    public bool PeerEnded { get; private set; }

    /// <summary>
    /// The socket has to be received from until it tells of its end. Otherwise one that holds no bytes is read empty, and its next bytes, or its end,
    /// signal anew (epoll(7), questions and answers).
    /// </summary>
    private bool EndIsNear => PeerGone || PeerEnded;

    /// <summary>Notes what epoll found.</summary>
    public void Signal(EpollEvents events)
    {
        Readable |= (events & (EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        Writable |= (events & (EpollEvents.Out | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        PeerGone |= (events & (EpollEvents.HangUp | EpollEvents.Error)) != 0;
        PeerEnded |= (events & EpollEvents.ReadHangUp) != 0;
    }

    /// <summary>Notes that so many bytes were received where so many were asked for.</summary>
    public void Received(int bytes, int asked)
    {
        _unreadBytes = Math.Max(0, _unreadBytes - bytes);
        Readable = bytes == asked || EndIsNear;
    }

    /// <summary>Notes that there was nothing to receive.</summary>
    public void ReadEmpty() => Readable = false;

    /// <summary>Notes that no more could be sent.</summary>
    public void Filled() => Writable = false;

    /// <summary>Whether so many bytes wait to be received; asks the socket only when what is known does not say so.</summary>
    public bool Holds(long bytes)
    {
        if (_unreadBytes < bytes)
        {
            _unreadBytes = Sockets.Unread(socket);
            Readable &= _unreadBytes > 0 || EndIsNear;
        }

        return _unreadBytes >= bytes;
    }
}
