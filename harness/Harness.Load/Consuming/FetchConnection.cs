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
    private const int InitialBytes = 1 << 20;
    private const long NanosPerMilli = 1_000_000;

    private readonly RequestSocket _socket;
    private readonly int _responseBytesMax;
    private readonly int _timeoutMs;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(InitialBytes, pinned: true);

    public FetchConnection(BrokerAddress broker, ConsumerOptions options, CancellationToken cancellation)
    {
        _responseBytesMax = options.ResponseBytesMax;
        _timeoutMs = options.RequestTimeoutMs + options.MaxWaitMs;
        _socket = new RequestSocket(broker, cancellation);
    }

    public string Address => _socket.Address;

    public void Send(ReadOnlySpan<byte> request, string api, CancellationToken cancellation) => _socket.Send(request, api, cancellation);

    /// <summary>The next response whole, its length not included.</summary>
    public ReadOnlySpan<byte> Receive(string api, CancellationToken cancellation)
    {
        long deadlineNanos = MonotonicClock.Nanos() + (_timeoutMs * NanosPerMilli);
        int received = 0;
        int wanted = Frames.LengthBytes;
        bool lengthKnown = false;
        while (received < wanted)
        {
            // One response at a time is under way, so whatever comes belongs to this one.
            int count = _socket.Receive(_buffer.AsSpan(received), api);
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
            else
            {
                CheckWait(api, deadlineNanos, cancellation);
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
}
