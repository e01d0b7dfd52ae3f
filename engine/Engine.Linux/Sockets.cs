using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>
/// TCP sockets by descriptor. Transfers return the bytes moved, or a negative errno (<c>-(int)Errno.EAGAIN</c> when a
/// non-blocking socket has nothing to give or take), so that the hot path neither throws nor allocates.
/// Everything that is not a transfer throws <see cref="LinuxException"/>.
/// </summary>
public static unsafe class Sockets
{
    /// <summary>The result of a transfer that would have to wait.</summary>
    public const int WouldBlock = -(int)Errno.EAGAIN;

    private const int AfInet = 2;
    private const int AfInet6 = 10;
    private const int SockStream = 1;
    private const int SockNonBlock = 0x800;
    private const int SockCloseOnExec = 0x80000;
    private const int SolSocket = 1;
    private const int SoReuseAddr = 2;
    private const int SoError = 4;
    private const int SoSndBuf = 7;
    private const int SoRcvBuf = 8;
    private const int SoRcvTimeO = 20;
    private const int IpProtoTcp = 6;
    private const int TcpNoDelay = 1;
    private const int TcpCork = 3;
    private const int TcpInfo = 11;
    private const int TcpCongestion = 13;
    private const int OutQueueRequest = 0x5411;
    private const int InQueueRequest = 0x541B;
    private const int MsgDontWait = 0x40;
    private const int MsgNoSignal = 0x4000;
    private const int MsgMore = 0x8000;
    private const int ShutWrite = 1;
    private const short PollIn = 1;
    private const short PollOut = 4;
    private const int AddressCapacity = 28;

    /// <summary>A non-blocking listening socket; port 0 takes a free one (see <see cref="LocalEndPoint"/>).</summary>
    public static FileDescriptor Listen(IPEndPoint endPoint, int backlog)
    {
        FileDescriptor fd = Create(endPoint.AddressFamily, SockNonBlock);
        try
        {
            SetOption(fd, SolSocket, SoReuseAddr, 1);
            DoNotPaceWithin(fd, endPoint.Address);
            Span<byte> address = stackalloc byte[AddressCapacity];
            uint length = Encode(endPoint, address);
            fixed (byte* a = address)
            {
                if (Native.bind(fd.Number, a, length) < 0)
                {
                    LinuxException.Throw("bind", endPoint.ToString());
                }
            }

            if (Native.listen(fd.Number, backlog) < 0)
            {
                LinuxException.Throw("listen", endPoint.ToString());
            }

            return fd;
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Accepts one connection or answers null when none waits or the peer has gone already.</summary>
    /// <param name="blocking">Whether transfers on the connection wait; the accept itself does not.</param>
    public static FileDescriptor? Accept(FileDescriptor listener, bool blocking = false)
    {
        int fd = Native.accept4(listener.Number, null, null, (blocking ? 0 : SockNonBlock) | SockCloseOnExec);
        if (fd >= 0)
        {
            return new FileDescriptor(fd);
        }

        Errno error = LinuxException.Last();
        return error is Errno.EAGAIN or Errno.ECONNABORTED or Errno.EINTR ? null : throw new LinuxException("accept", error);
    }

    /// <summary>Connects, waiting; the socket is blocking afterwards (use the <c>…NoWait</c> transfers to poll it).</summary>
    public static FileDescriptor Connect(IPEndPoint endPoint, int sendBufferBytes = 0, int receiveBufferBytes = 0)
    {
        FileDescriptor fd = Create(endPoint.AddressFamily, 0);
        try
        {
            SetBuffers(fd, sendBufferBytes, receiveBufferBytes);
            DoNotPaceWithin(fd, endPoint.Address);
            Span<byte> address = stackalloc byte[AddressCapacity];
            uint length = Encode(endPoint, address);
            fixed (byte* a = address)
            {
                if (Native.connect(fd.Number, a, length) < 0)
                {
                    LinuxException.Throw("connect", endPoint.ToString());
                }
            }

            SetOption(fd, IpProtoTcp, TcpNoDelay, 1);
            return fd;
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>The address and port of this end.</summary>
    public static IPEndPoint LocalEndPoint(FileDescriptor fd)
    {
        byte* address = stackalloc byte[AddressCapacity];
        uint length = AddressCapacity;
        if (Native.getsockname(fd.Number, address, &length) < 0)
        {
            LinuxException.Throw("getsockname");
        }

        return Decode(new ReadOnlySpan<byte>(address, (int)length));
    }

    /// <summary>Holds back segments that are not full, until it is taken away: what is sent with several calls goes as with one.</summary>
    public static void SetCork(FileDescriptor fd, bool cork)
    {
        // Where it fails the connection has, which the next send tells.
        int value = cork ? 1 : 0;
        _ = Native.setsockopt(fd.Number, IpProtoTcp, TcpCork, &value, sizeof(int));
    }

    /// <summary>The address and port of the other end; null when the connection is no longer there to be asked.</summary>
    public static IPEndPoint? RemoteEndPoint(FileDescriptor fd)
    {
        byte* address = stackalloc byte[AddressCapacity];
        uint length = AddressCapacity;
        return Native.getpeername(fd.Number, address, &length) < 0
            ? null
            : Decode(new ReadOnlySpan<byte>(address, (int)length));
    }

    /// <summary>What is sent on an accepted connection goes at once: no waiting for more (TCP_NODELAY), and within this host no pacing.</summary>
    /// <param name="peer">The other end; null where it is no longer known.</param>
    public static void SendAtOnce(FileDescriptor fd, IPAddress? peer)
    {
        SetOption(fd, IpProtoTcp, TcpNoDelay, 1);
        if (peer is not null)
        {
            DoNotPaceWithin(fd, peer);
        }
    }

    /// <summary>Sets SO_SNDBUF and SO_RCVBUF; 0 leaves the kernel's own sizing on. The kernel caps both at net.core.[rw]mem_max.</summary>
    public static void SetBuffers(FileDescriptor fd, int sendBytes, int receiveBytes)
    {
        if (sendBytes > 0)
        {
            SetOption(fd, SolSocket, SoSndBuf, sendBytes);
        }

        if (receiveBytes > 0)
        {
            SetOption(fd, SolSocket, SoRcvBuf, receiveBytes);
        }
    }

    /// <summary>Sends on a socket of whatever mode, waiting if it is blocking. <paramref name="more"/>: more follows at once, do not push a short segment.</summary>
    public static int Send(FileDescriptor fd, ReadOnlySpan<byte> bytes, bool more = false) => SendWith(fd, bytes, more ? MsgMore : 0);

    public static int SendNoWait(FileDescriptor fd, ReadOnlySpan<byte> bytes, bool more = false) =>
        SendWith(fd, bytes, MsgDontWait | (more ? MsgMore : 0));

    /// <summary>Receives what is there, waiting for the first byte if the socket is blocking; 0 at the end of the stream.</summary>
    public static int Receive(FileDescriptor fd, Span<byte> into) => ReceiveWith(fd, into, 0);

    /// <summary>Has each <see cref="Receive"/> that waits on this connection give up after so long; it then says <see cref="WouldBlock"/>.</summary>
    public static void SetReceiveTimeout(FileDescriptor fd, int timeoutMs)
    {
        Timeval timeout = new() { Seconds = timeoutMs / 1000, Microseconds = timeoutMs % 1000 * 1000 };
        if (Native.setsockopt(fd.Number, SolSocket, SoRcvTimeO, &timeout, (uint)sizeof(Timeval)) < 0)
        {
            LinuxException.Throw("setsockopt");
        }
    }

    public static int ReceiveNoWait(FileDescriptor fd, Span<byte> into) => ReceiveWith(fd, into, MsgDontWait);

    /// <summary>Sends a slice of a file from the page cache; the file's own position is not used.</summary>
    public static long SendFile(FileDescriptor socket, FileDescriptor file, long position, long count)
    {
        nint n;
        do
        {
            n = Native.sendfile(socket.Number, file.Number, &position, (nuint)count);
        }
        while (n < 0 && LinuxException.Last() == Errno.EINTR);

        return n >= 0 ? n : -(int)LinuxException.Last();
    }

    /// <summary>Bytes that were sent and that the peer's kernel has not acknowledged.</summary>
    public static int Unacknowledged(FileDescriptor fd) => Queued(fd, OutQueueRequest, "ioctl(SIOCOUTQ)");

    /// <summary>Bytes that have come and have not been received.</summary>
    public static int Unread(FileDescriptor fd) => Queued(fd, InQueueRequest, "ioctl(SIOCINQ)");

    /// <summary>The largest receive window that the peer can announce: 65,535 bytes, scaled as it said when it connected (RFC 7323).</summary>
    public static long PeerWindowMax(FileDescriptor fd)
    {
        TcpInfoHead info = default;
        uint length = (uint)sizeof(TcpInfoHead);
        if (Native.getsockopt(fd.Number, IpProtoTcp, TcpInfo, &info, &length) < 0)
        {
            LinuxException.Throw("getsockopt(TCP_INFO)");
        }

        return (long)ushort.MaxValue << (info.WindowScales & 0xF);
    }

    /// <summary>Tells the other end that nothing more will be sent.</summary>
    public static void ShutdownSend(FileDescriptor fd)
    {
        // Fails only when the peer has gone, which the next receive reports.
        _ = Native.shutdown(fd.Number, ShutWrite);
    }

    /// <summary>
    /// Waits until the socket can be read (or, asked so, written); true when it can or has failed, false when the time is over
    /// or a signal came.
    /// </summary>
    public static bool Poll(FileDescriptor fd, bool read, bool write, int timeoutMs)
    {
        PollFd one = new() { Fd = fd.Number, Events = (short)((read ? PollIn : 0) | (write ? PollOut : 0)) };
        int n = Native.poll(&one, 1, timeoutMs);
        if (n < 0 && LinuxException.Last() is Errno error and not Errno.EINTR)
        {
            throw new LinuxException("poll", error);
        }

        return n > 0;
    }

    /// <summary>
    /// The same with a time limit in nanoseconds. How exactly it is kept is the thread's timer slack, 50 µs unless
    /// <see cref="ThreadTimers.SetSlackNanos"/> changed it.
    /// </summary>
    public static bool PollNanos(FileDescriptor fd, bool read, bool write, long timeoutNanos)
    {
        const long NanosPerSecond = 1_000_000_000;
        PollFd one = new() { Fd = fd.Number, Events = (short)((read ? PollIn : 0) | (write ? PollOut : 0)) };
        long nanos = Math.Max(0, timeoutNanos);
        Timespec timeout = new() { Seconds = nanos / NanosPerSecond, Nanoseconds = nanos % NanosPerSecond };
        int n = Native.ppoll(&one, 1, &timeout, null);
        if (n < 0 && LinuxException.Last() is Errno error and not Errno.EINTR)
        {
            throw new LinuxException("ppoll", error);
        }

        return n > 0;
    }

    /// <summary>Takes the pending error of a socket.</summary>
    public static Errno TakeError(FileDescriptor fd)
    {
        int value = 0;
        uint length = sizeof(int);
        return Native.getsockopt(fd.Number, SolSocket, SoError, &value, &length) < 0 ? LinuxException.Last() : (Errno)value;
    }

    private static FileDescriptor Create(AddressFamily family, int flags)
    {
        int domain = family == AddressFamily.InterNetworkV6 ? AfInet6 : AfInet;
        int fd = Native.socket(domain, SockStream | SockCloseOnExec | flags, 0);
        if (fd < 0)
        {
            LinuxException.Throw("socket");
        }

        return new FileDescriptor(fd);
    }

    /// <summary>
    /// Nothing where the address is another host's. Where the machine's congestion control paces, as BBR does (tcp_output.c, tcp_internal_pacing), each connection
    /// sends by a timer, and loopback, where nothing can be congested, waits and wakes like a network: on a virtual machine that took a third of what a consumer
    /// got. Reno does not pace and is in every kernel, open to every user. A connection that BBR has begun is paced to its end, by whatever follows it
    /// (tcp_bbr.c, bbr_init), so this comes before connecting, and before listening, which accepted connections inherit from; on one that was accepted by
    /// a listener on all addresses it helps in part.
    /// </summary>
    private static void DoNotPaceWithin(FileDescriptor fd, IPAddress address)
    {
        if (!IPAddress.IsLoopback(address))
        {
            return;
        }

        ReadOnlySpan<byte> reno = "reno"u8;
        fixed (byte* name = reno)
        {
            if (Native.setsockopt(fd.Number, IpProtoTcp, TcpCongestion, name, (uint)reno.Length) < 0)
            {
                LinuxException.Throw("setsockopt");
            }
        }
    }

    private static void SetOption(FileDescriptor fd, int level, int name, int value)
    {
        if (Native.setsockopt(fd.Number, level, name, &value, sizeof(int)) < 0)
        {
            LinuxException.Throw("setsockopt");
        }
    }

    private static int SendWith(FileDescriptor fd, ReadOnlySpan<byte> bytes, int flags)
    {
        nint n;
        fixed (byte* start = bytes)
        {
            do
            {
                n = Native.send(fd.Number, start, (nuint)bytes.Length, flags | MsgNoSignal);
            }
            while (n < 0 && LinuxException.Last() == Errno.EINTR);
        }

        return n >= 0 ? (int)n : -(int)LinuxException.Last();
    }

    private static int ReceiveWith(FileDescriptor fd, Span<byte> into, int flags)
    {
        nint n;
        fixed (byte* start = into)
        {
            do
            {
                n = Native.recv(fd.Number, start, (nuint)into.Length, flags);
            }
            while (n < 0 && LinuxException.Last() == Errno.EINTR);
        }

        return n >= 0 ? (int)n : -(int)LinuxException.Last();
    }

    /// <summary>The beginning of struct tcp_info (linux/tcp.h).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct TcpInfoHead
    {
        /// <summary>In the low four bits how the peer's windows are scaled, in the high four our own.</summary>
        [FieldOffset(6)]
        public byte WindowScales;
    }

    /// <summary>SocketAddress already has the kernel's layout; only its bytes are needed.</summary>
    private static uint Encode(IPEndPoint endPoint, Span<byte> address)
    {
        SocketAddress serialized = endPoint.Serialize();
        serialized.Buffer.Span[..serialized.Size].CopyTo(address);
        return (uint)serialized.Size;
    }

    private static int Queued(FileDescriptor fd, nuint request, string call)
    {
        int bytes;
        if (Native.ioctl(fd.Number, request, (nint)(&bytes)) < 0)
        {
            LinuxException.Throw(call);
        }

        return bytes;
    }

    private static IPEndPoint Decode(ReadOnlySpan<byte> address)
    {
        AddressFamily family = MemoryMarshal.Read<ushort>(address) == AfInet6
            ? AddressFamily.InterNetworkV6
            : AddressFamily.InterNetwork;
        SocketAddress serialized = new(family, address.Length);
        address.CopyTo(serialized.Buffer.Span);
        return (IPEndPoint)new IPEndPoint(IPAddress.Any, 0).Create(serialized);
    }
}
