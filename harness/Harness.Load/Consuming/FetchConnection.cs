using System.Buffers.Binary;
using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// The consumer's connection: sends a request, receives whole responses into one pinned buffer that grows to the largest of them and is reused
/// for ever. A response stays valid until the next is received; meanwhile the kernel's receive buffer takes what already comes.
/// Belongs to the consumer's thread.
/// </summary>
internal sealed class FetchConnection : IDisposable
{
    /// <summary>The longest wait at one go, so that a thread that waits looks up at least that often.</summary>
    private const int WaitMs = 100;
    private const int InitialBytes = 1 << 20;
    private const long NanosPerMilli = 1_000_000;

    private readonly FileDescriptor _socket;
    private readonly int _responseBytesMax;
    private readonly int _timeoutMs;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(InitialBytes, pinned: true);

    public FetchConnection(BrokerAddress broker, ConsumerOptions options, CancellationToken cancellation)
    {
        Address = broker.Text;
        _responseBytesMax = options.ResponseBytesMax;
        _timeoutMs = options.RequestTimeoutMs + options.MaxWaitMs;
        _socket = broker.Connect(cancellation);
        Sockets.SetReceiveTimeout(_socket, WaitMs);
    }

    public string Address { get; }

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

            if (sent < 0)
            {
                throw Broken(api, sent);
            }

            request = request[sent..];
        }
    }

    /// <summary>The next response whole, its length not included.</summary>
    public ReadOnlySpan<byte> Receive(string api, CancellationToken cancellation)
    {
        long deadlineNanos = MonotonicClock.Nanos() + (_timeoutMs * NanosPerMilli);
        int received = 0;
        int wanted = Frames.LengthBytes;
        bool lengthKnown = false;
        while (received < wanted)
        {
            // One response at a time is under way, so whatever comes belongs to this one. Waiting in the call itself saves two:
            // one that finds nothing, and the poll.
            int count = Sockets.Receive(_socket, _buffer.AsSpan(received));
            if (count > 0)
            {
                received += count;
                if (!lengthKnown && received >= Frames.LengthBytes)
                {
                    wanted = Frames.LengthBytes + CheckedLength(api);
                    lengthKnown = true;
                    Grow(wanted, received);
                }
            }
            else if (count == Sockets.WouldBlock)
            {
                CheckWait(api, deadlineNanos, cancellation);
            }
            else
            {
                throw count == 0 ? new BrokerException(Address, api, "the broker closed the connection") : Broken(api, count);
            }
        }

        if (received > wanted)
        {
            throw new BrokerException(Address, api, $"malformed response: {received - wanted} bytes behind its end");
        }

        return _buffer.AsSpan(Frames.LengthBytes, wanted - Frames.LengthBytes);
    }

    public void Dispose() => _socket.Dispose();

    private void CheckWait(string api, long deadlineNanos, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (MonotonicClock.Nanos() > deadlineNanos)
        {
            throw new BrokerException(Address, api, $"no answer within {_timeoutMs} ms");
        }
    }

    private int CheckedLength(string api)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer);
        return length is >= 0 && length <= _responseBytesMax
            ? length
            : throw new BrokerException(Address, api, $"malformed response: a frame of {length} bytes");
    }

    private void Grow(int wanted, int received)
    {
        if (wanted <= _buffer.Length)
        {
            return;
        }

        byte[] larger = GC.AllocateUninitializedArray<byte>(wanted + (wanted / 4), pinned: true);
        _buffer.AsSpan(0, received).CopyTo(larger);
        _buffer = larger;
    }

    private BrokerException Broken(string api, int negativeErrno) =>
        new(Address, api, $"the connection failed: {LinuxException.Describe((Errno)(-negativeErrno))}");
}
