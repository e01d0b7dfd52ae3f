using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// A connection to a broker, used by one thread: without waiting, or so that requests are sent whole and answers waited for in the receive itself,
/// since a poll before it would be another call, and a receive that finds nothing a third.
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

    /// <summary>To be watched; whoever watches it does not own it.</summary>
    public FileDescriptor Descriptor => _socket;

    /// <summary>Sends what can be sent without waiting, and gives its length: 0 when there is no room.</summary>
    /// <param name="more">More follows at once.</param>
    /// <exception cref="BrokerException">The connection failed.</exception>
    public int SendNoWait(ReadOnlySpan<byte> bytes, string api, bool more = false) => Sockets.SendNoWait(_socket, bytes, more) switch
    {
        >= 0 and int sent => sent,
        Sockets.WouldBlock => 0,
        int failed => throw Broken(api, failed),
    };

    /// <summary>Sends all of a request, and waits for room.</summary>
    /// <exception cref="BrokerException">The connection failed.</exception>
    public void Send(ReadOnlySpan<byte> request, string api, CancellationToken cancellation)
    {
        while (!request.IsEmpty)
        {
            int sent = SendNoWait(request, api);
            request = request[sent..];
            if (sent == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                Sockets.Poll(_socket, read: false, write: true, WaitMs);
            }
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
