using Engine.Linux;

namespace Harness.Load;

/// <summary>One TCP connection to a broker. The socket is used without waiting, whatever its mode.</summary>
internal sealed class TcpProduceTransport : IProduceTransport
{
    private readonly FileDescriptor _socket;

    public TcpProduceTransport(BrokerAddress broker, CancellationToken cancellation)
    {
        Address = broker.Text;
        _socket = broker.Connect(cancellation);
    }

    public string Address { get; }

    /// <summary>To be watched; whoever watches it does not own it.</summary>
    public FileDescriptor Socket => _socket;

    public int Send(ReadOnlySpan<byte> bytes) => Send(bytes, more: false);

    /// <param name="more">More follows at once.</param>
    public int Send(ReadOnlySpan<byte> bytes, bool more)
    {
        int sent = Sockets.SendNoWait(_socket, bytes, more);
        return sent >= 0 ? sent : NothingOr(sent);
    }

    public int Receive(Span<byte> into)
    {
        int received = Sockets.ReceiveNoWait(_socket, into);
        if (received == 0)
        {
            throw new BrokerException(Address, "Produce", "the broker closed the connection");
        }

        return received > 0 ? received : NothingOr(received);
    }

    public void Wait(bool forSending, long timeoutNanos) => Sockets.PollNanos(_socket, read: true, write: forSending, timeoutNanos);

    public void Dispose() => _socket.Dispose();

    private int NothingOr(int negativeErrno) => negativeErrno == Sockets.WouldBlock
        ? 0
        : throw new BrokerException(Address, "Produce", $"the connection failed: {LinuxException.Describe((Errno)(-negativeErrno))}");
}
