using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Engine.Linux.Tests;

public sealed class SocketsTests : IDisposable
{
    private const int TimeoutMs = 60_000;
    private const int SettleMs = 20;

    private readonly FileDescriptor _listener = Sockets.Listen(new IPEndPoint(IPAddress.Loopback, 0), 16);

    private IPEndPoint Address => Sockets.LocalEndPoint(_listener);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Bytes_go_both_ways_and_the_end_is_seen()
    {
        using FileDescriptor client = Sockets.Connect(Address, sendBufferBytes: 64 * 1024, receiveBufferBytes: 64 * 1024);
        using FileDescriptor server = Accept();
        Assert.Equal(Sockets.LocalEndPoint(client), Sockets.RemoteEndPoint(server));
        Assert.Equal(Address, Sockets.RemoteEndPoint(client));

        byte[] buffer = new byte[16];
        Assert.Equal(Sockets.WouldBlock, Sockets.Receive(server, buffer));
        Assert.Equal(Sockets.WouldBlock, Sockets.ReceiveNoWait(client, buffer));
        Assert.Equal(2, Sockets.Send(client, [1, 2], more: true));
        Assert.Equal(3, Sockets.SendNoWait(client, [3, 4, 5]));
        Assert.Equal([1, 2, 3, 4, 5], ReceiveExactly(server, 5));
        Assert.Equal(1, Sockets.Send(server, [9]));
        Assert.Equal(1, Sockets.Receive(client, buffer));
        Assert.Equal(9, buffer[0]);

        Sockets.ShutdownSend(client);
        Assert.True(Sockets.Poll(server, read: true, write: false, TimeoutMs));
        Assert.Equal(0, Sockets.Receive(server, buffer));
        Assert.Equal(Errno.None, Sockets.TakeError(server));
    }

    [Fact]
    public void A_receive_with_a_time_limit_gives_up_then_and_takes_what_comes_before()
    {
        const int LimitMs = 20;
        using FileDescriptor client = Sockets.Connect(Address);
        using FileDescriptor server = Accept();
        Sockets.SetReceiveTimeout(client, LimitMs);
        byte[] buffer = new byte[16];
        long fromNanos = MonotonicClock.Nanos();
        Assert.Equal(Sockets.WouldBlock, Sockets.Receive(client, buffer));
        Assert.True(MonotonicClock.Nanos() - fromNanos >= LimitMs * 1_000_000L);
        Assert.Equal(2, Sockets.Send(server, [7, 8]));
        Assert.Equal(2, Sockets.Receive(client, buffer));
        Sockets.ShutdownSend(server);
        Assert.Equal(0, Sockets.Receive(client, buffer));
    }

    [Fact]
    public void Within_the_host_neither_end_is_paced()
    {
        using FileDescriptor client = Sockets.Connect(Address);
        using FileDescriptor server = Accept();
        Assert.Equal("reno", CongestionControl(client));
        Assert.Equal("reno", CongestionControl(server));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData(null, false)]
    public void What_was_accepted_otherwise_keeps_the_machines_choice_towards_other_hosts(string? peer, bool unpaced)
    {
        string machines = File.ReadAllText("/proc/sys/net/ipv4/tcp_congestion_control").Trim();
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using FileDescriptor client = Sockets.Connect((IPEndPoint)listener.LocalEndPoint!);
        using Socket accepted = listener.Accept();
        FileDescriptor server = new((int)accepted.Handle);
        Assert.Equal(machines, CongestionControl(server));
        Sockets.SendAtOnce(server, peer is null ? null : IPAddress.Parse(peer));
        Assert.Equal(unpaced ? "reno" : machines, CongestionControl(server));
    }

    [Fact]
    public void A_wait_in_nanoseconds_ends_with_its_time_or_with_the_bytes()
    {
        using FileDescriptor client = Sockets.Connect(Address);
        using FileDescriptor server = Accept();
        ThreadTimers.SetSlackNanos(1);
        long begin = MonotonicClock.Nanos();
        Assert.False(Sockets.PollNanos(server, read: true, write: false, 300_000));
        Assert.True(MonotonicClock.Nanos() - begin >= 300_000);
        Assert.False(Sockets.PollNanos(server, read: true, write: false, -1));
        Assert.Equal(1, Sockets.Send(client, [1]));
        Assert.True(Sockets.PollNanos(server, read: true, write: false, TimeoutMs * 1_000_000L));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadTimers.SetSlackNanos(0));
    }

    [Fact]
    public void A_full_socket_takes_no_more_until_it_is_read()
    {
        using FileDescriptor client = Sockets.Connect(Address);
        using FileDescriptor server = Accept();
        byte[] chunk = new byte[1 << 16];
        long sent = 0;
        int n;
        do
        {
            // What is on its way leaves room when it has arrived.
            while ((n = Sockets.Send(server, chunk)) > 0)
            {
                sent += n;
            }

            Assert.Equal(Sockets.WouldBlock, n);
        }
        while (Sockets.Poll(server, read: false, write: true, SettleMs));

        for (long received = 0; received < sent; received += n)
        {
            n = Sockets.Receive(client, chunk);
            Assert.True(n > 0);
        }

        Assert.True(Sockets.Poll(server, read: false, write: true, TimeoutMs));
    }

    [Fact]
    public void A_slice_of_a_file_is_sent_without_moving_its_position()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. Enumerable.Range(0, 200).Select(i => (byte)i)]);
            using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
            using FileDescriptor client = Sockets.Connect(Address);
            using FileDescriptor server = Accept();
            Assert.Equal(50, Sockets.SendFile(client, file, 100, 50));
            Assert.Equal(Enumerable.Range(100, 50).Select(i => (byte)i), ReceiveExactly(server, 50));
            Assert.Equal(20, Sockets.SendFile(client, file, 180, 1000));
            Assert.Equal(0, Sockets.SendFile(client, file, 200, 1000));
            file.Dispose();
            Assert.True(Sockets.SendFile(client, file, 0, 1) < 0);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Errors_name_the_address()
    {
        IPEndPoint address = Address;
        LinuxException inUse = Assert.Throws<LinuxException>(() => Sockets.Listen(address, 1));
        Assert.Equal(Errno.EADDRINUSE, inUse.Error);
        Assert.Contains(address.ToString(), inUse.Message);
        _listener.Dispose();
        LinuxException refused = Assert.Throws<LinuxException>(() => Sockets.Connect(address));
        Assert.Equal(Errno.ECONNREFUSED, refused.Error);
        Assert.Contains(address.ToString(), refused.Message);
        LinuxException foreign = Assert.Throws<LinuxException>(() => Sockets.Listen(IPEndPoint.Parse("192.0.2.1:0"), 1));
        Assert.Equal(Errno.EADDRNOTAVAIL, foreign.Error);
    }

    [Fact]
    public void A_peer_that_has_gone_is_an_error_number_and_no_signal()
    {
        using FileDescriptor client = Sockets.Connect(Address);
        using FileDescriptor server = Accept();
        Assert.Equal(1, Sockets.Send(client, [1]));
        Assert.True(Sockets.Poll(server, read: true, write: false, TimeoutMs));
        server.Dispose(); // with a byte unread: a reset
        Assert.True(Sockets.Poll(client, read: true, write: false, TimeoutMs));
        int n;
        while ((n = Sockets.Send(client, [1])) > 0)
        {
        }

        Assert.True(-n is (int)Errno.EPIPE or (int)Errno.ECONNRESET, $"errno {-n}");
        Assert.Null(Sockets.RemoteEndPoint(client));
    }

    /// <summary>What the kernel says, asked by the framework's own sockets.</summary>
    private static string CongestionControl(FileDescriptor fd)
    {
        const int IpProtoTcp = 6;
        const int TcpCongestion = 13;
        using SafeSocketHandle handle = new(fd.Number, ownsHandle: false);
        using Socket socket = new(handle);
        byte[] name = new byte[16];
        int length = socket.GetRawSocketOption(IpProtoTcp, TcpCongestion, name);
        return Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0');
    }

    [Fact]
    public void Nobody_waiting_is_no_connection()
    {
        Assert.Null(Sockets.Accept(_listener));
        Assert.False(Sockets.Poll(_listener, read: true, write: false, 0));
    }

    [Fact]
    public void IPv6_works_where_the_machine_has_it()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6 && File.Exists("/proc/net/if_inet6"), "the kernel has no IPv6");
        using FileDescriptor listener = Sockets.Listen(new IPEndPoint(IPAddress.IPv6Loopback, 0), 1);
        using FileDescriptor client = Sockets.Connect(Sockets.LocalEndPoint(listener));
        Assert.Equal(IPAddress.IPv6Loopback, Sockets.RemoteEndPoint(client)!.Address);
    }

    private FileDescriptor Accept()
    {
        Assert.True(Sockets.Poll(_listener, read: true, write: false, TimeoutMs));
        return Sockets.Accept(_listener) ?? throw new InvalidOperationException("the connection went away");
    }

    private static byte[] ReceiveExactly(FileDescriptor socket, int bytes)
    {
        byte[] buffer = new byte[bytes];
        for (int done = 0; done < bytes;)
        {
            Assert.True(Sockets.Poll(socket, read: true, write: false, TimeoutMs));
            int n = Sockets.ReceiveNoWait(socket, buffer.AsSpan(done));
            Assert.True(n > 0);
            done += n;
        }

        return buffer;
    }
}
