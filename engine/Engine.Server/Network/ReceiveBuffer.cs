using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// The received bytes of one connection that are not handled yet: whole requests and the beginning of one. Holds a buffer of the loop's pool
/// only while there are such bytes, and a small one while they are few and nothing comes. It grows by doubling as bytes arrive, never by what the
/// peer says is to come.
/// <para>Owned by the connection's loop; a request in it can be lent to another thread.</para>
/// </summary>
internal sealed class ReceiveBuffer(BufferPool pool)
{
    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>The shorter of the last two requests: a third that is alike is received at once.</summary>
    private int _likelyBytes;

    /// <summary>Bytes received and not handled.</summary>
    public int Pending => _end - _start;

    /// <summary>Length of the request that was let go of last; 0 before the first.</summary>
    public int LastFrameBytes { get; private set; }

    /// <summary>Another thread reads the request at the front.</summary>
    public bool IsLent { get; set; }

    /// <summary>Whether the length of the request at the front is there.</summary>
    public bool HasLength => Pending >= Frames.LengthBytes;

    public int FrameLength => BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));

    /// <summary>Whether the key of the API of the request at the front is there.</summary>
    private bool HasKey => Pending >= Frames.LengthBytes + sizeof(short);

    private short Key => BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_start + Frames.LengthBytes));

    /// <summary>The request at the front, which is whole.</summary>
    public ArraySegment<byte> Frame => new(_buffer!, _start + Frames.LengthBytes, FrameLength);

    /// <summary>
    /// Where to receive. A long request is received up to its end and no further, so that the next one begins at the buffer's start
    /// and has not to be moved; one whose length is not known yet is taken to be as long as those before it. Short ones are taken as many as come.
    /// </summary>
    /// <returns>Empty when more would need a larger buffer than may be had at present.</returns>
    public Span<byte> Room()
    {
        // Sized by what this peer really sent last, so that a steady stream of large frames is never copied from buffer to buffer.
        _buffer ??= pool.Rent(pool.HasRoom ? Math.Max(BufferPool.SmallestBytes, LastFrameBytes) : BufferPool.SmallestBytes);
        if (_buffer.Length < BufferPool.SmallestBytes)
        {
            MoveTo(pool.Rent(BufferPool.SmallestBytes));
        }

        int wanted = HasLength ? Frames.LengthBytes + FrameLength : Math.Max(BufferPool.SmallestBytes, _likelyBytes);
        if (wanted > _buffer.Length && Pending == _buffer.Length)
        {
            if (!pool.MayGrow(this))
            {
                return default;
            }

            MoveTo(pool.Rent(2 * _buffer.Length));
        }
        else if (_start > 0 && (_start + wanted > _buffer.Length || _end == _buffer.Length))
        {
            int pending = Pending;
            _buffer.AsSpan(_start, pending).CopyTo(_buffer);
            _start = 0;
            _end = pending;
        }

        bool manyFit = HasLength && wanted <= BufferPool.SmallestBytes;
        int limit = manyFit ? _buffer.Length : Math.Min(_start + wanted, _buffer.Length);
        return _buffer.AsSpan(_end, limit - _end);
    }

    /// <summary>What is wrong with the length of the request at the front, as far as has come of it; null when nothing is.</summary>
    public string? Excess(ServerConfig config)
    {
        if (!HasLength)
        {
            return null;
        }

        int length = FrameLength;
        if (length < 0 || length > config.SocketRequestMaxBytes)
        {
            return $"request of {length} bytes (socket.request.max.bytes is {config.SocketRequestMaxBytes})";
        }

        return length > config.SocketRequestControlMaxBytes && HasKey && Key != (short)ApiKey.Produce
            ? $"request of {length} bytes to API {Key} (socket.request.control.max.bytes is {config.SocketRequestControlMaxBytes})"
            : null;
    }

    /// <summary>Counts bytes in that were received into <see cref="Room"/>.</summary>
    public void Received(int bytes) => _end += bytes;

    /// <summary>Lets go of the request at the front, which is handled.</summary>
    /// <returns>Its bytes.</returns>
    public int Consume()
    {
        int bytes = Frames.LengthBytes + FrameLength;
        _likelyBytes = Math.Min(LastFrameBytes, bytes);
        LastFrameBytes = bytes;
        _start += bytes;
        pool.EndGrowth(this);
        if (_start == _end)
        {
            _start = _end = 0;
        }

        return bytes;
    }

    /// <summary>Holds no more than has to be held until the next bytes come.</summary>
    public void Rest()
    {
        if (_buffer is null || IsLent)
        {
            return;
        }

        if (Pending == 0)
        {
            Release();
        }
        else if (Pending <= BufferPool.ParkedBytes && _buffer.Length > BufferPool.ParkedBytes)
        {
            MoveTo(pool.Rent(BufferPool.ParkedBytes));
        }
    }

    /// <summary>Gives the buffer back, with what is in it. One that is lent is left to whom it is lent, and not used again.</summary>
    public void Release()
    {
        pool.EndGrowth(this);
        if (_buffer is not null)
        {
            if (IsLent)
            {
                pool.Forget(_buffer);
            }
            else
            {
                pool.Return(_buffer);
            }
        }

        _buffer = null;
        _start = _end = 0;
    }

    private void MoveTo(byte[] other)
    {
        int pending = Pending;
        _buffer.AsSpan(_start, pending).CopyTo(other);
        pool.Return(_buffer!);
        _buffer = other;
        _start = 0;
        _end = pending;
    }
}
