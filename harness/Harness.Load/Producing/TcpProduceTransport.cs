using Engine.Linux;

namespace Harness.Load;

/// <summary>One TCP connection to a broker. The socket is used without waiting, whatever its mode.</summary>
internal sealed class TcpProduceTransport(BrokerAddress broker, CancellationToken cancellation) : IProduceTransport
{
    private const string Api = "Produce";

    private readonly RequestSocket _socket = new(broker, cancellation);

    public string Address => _socket.Address;

    /// <summary>To be watched; whoever watches it does not own it.</summary>
    public FileDescriptor Socket => _socket.Descriptor;

    public int Send(ReadOnlySpan<byte> bytes) => Send(bytes, more: false);

    /// <param name="more">More follows at once.</param>
    public int Send(ReadOnlySpan<byte> bytes, bool more) => _socket.SendNoWait(bytes, Api, more);

    public int Receive(Span<byte> into) => _socket.ReceiveNoWait(into, Api);

    public void Wait(bool forSending, long timeoutNanos) => Sockets.PollNanos(Socket, read: true, write: forSending, timeoutNanos);

    public void Dispose() => _socket.Dispose();
}
