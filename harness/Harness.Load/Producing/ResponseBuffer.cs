using System.Buffers.Binary;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Cuts a stream of small responses into frames. A frame lies in the buffer until the next call; one that is longer than the buffer, which no
/// answer of a broker that keeps to the protocol is, fails at its length. Belongs to its connection's thread.
/// </summary>
internal sealed class ResponseBuffer(string address)
{
    private const int CapacityBytes = 64 * 1024;

    private readonly byte[] _bytes = new byte[CapacityBytes];
    private int _start;
    private int _end;

    /// <summary>Where to receive. Never empty.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
                _end -= _start;
                _start = 0;
            }

            return _bytes.AsSpan(_end);
        }
    }

    public void Received(int count) => _end += count;

    public bool TryTakeFrame(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        ReadOnlySpan<byte> waiting = _bytes.AsSpan(_start, _end - _start);
        if (waiting.Length < Frames.LengthBytes)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(waiting);
        if (length is < 0 or > CapacityBytes - Frames.LengthBytes)
        {
            throw new BrokerException(address, "Produce", $"malformed response: a frame of {length} bytes");
        }

        if (waiting.Length < Frames.LengthBytes + length)
        {
            return false;
        }

        frame = waiting.Slice(Frames.LengthBytes, length);
        _start += Frames.LengthBytes + length;
        return true;
    }
}
