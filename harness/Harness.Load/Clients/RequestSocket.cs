using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// A connection to a broker on which one thread sends requests whole, and waits for what is answered in the receive itself: a poll before it
/// would be another call, and a receive that finds nothing a third.
/// </summary>
internal sealed class RequestSocket : IDisposable
{
    /// <summary>The longest wait at one go, so that a thread that waits looks up at least that often.</summary>
    private const int WaitMs = 100;

    private readonly FileDescriptor _socket;

    public RequestSocket(BrokerAddress broker, CancellationToken cancellation)
    {
        Address = broker.Text;
        _socket = broker.Connect(cancellation);
        Sockets.SetReceiveTimeout(_socket, WaitMs);
    }

    public string Address { get; }

    /// <exception cref="BrokerException">The connection failed.</exception>
    public void Send(ReadOnlySpan<byte> request, string api, CancellationToken cancellation)
    {
        while (!request.IsEmpty)
        {
            int sent = Sockets.SendNoWait(_socket, request);
            if (sent == Sockets.WouldBlock)
            {
                cancellation.ThrowIfCancellationRequested();
                Sockets.Poll(_socket, read: false, write: true, WaitMs);
                continue;
            }

            request = sent >= 0 ? request[sent..] : throw Broken(api, sent);
        }
    }

    /// <summary>Waits up to 100 ms for bytes, and gives their number: 0 when none came.</summary>
    /// <exception cref="BrokerException">The connection failed, or the broker closed it.</exception>
    public int Receive(Span<byte> into, string api) => Received(Sockets.Receive(_socket, into), api);

    /// <summary>The same without waiting.</summary>
    public int ReceiveNoWait(Span<byte> into, string api) => Received(Sockets.ReceiveNoWait(_socket, into), api);

    public void Dispose() => _socket.Dispose();

    private int Received(int count, string api) => count switch
    {
        > 0 => count,
        Sockets.WouldBlock => 0,
        0 => throw new BrokerException(Address, api, "the broker closed the connection"),
        _ => throw Broken(api, count),
    };

    private BrokerException Broken(string api, int negativeErrno) =>
        new(Address, api, $"the connection failed: {LinuxException.Describe((Errno)(-negativeErrno))}");
}
