using Engine.Linux;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What a connection has still to send: response bytes in one buffer and, between them, slices of segment files that go out by
/// sendfile. Nothing is copied from a file, and nothing is allocated once buffer and ring have grown to what the connection needs.
/// With <c>technique.transfer=copy</c> a slice goes through a pooled buffer instead, piece by piece; the connection has the buffer only while
/// something is to be sent from it.
/// <para>
/// A slice is sent as far as it is known to be in the page cache, for sendfile waits for the disk where it is not. That is asked a piece at a
/// time, and asked again when the peer has been slow to take it.
/// </para>
/// <para>Owned by the connection's loop.</para>
/// </summary>
internal sealed class OutboundQueue(bool copies = false)
{
    private const int ChunksKept = 256;

    /// <summary>What <see cref="Flush"/> answers when the next piece of a slice is to be read first; no errno.</summary>
    public const int NeedsDisk = int.MinValue;

    /// <summary>How long pages that were found in the page cache are taken to stay there.</summary>
    private const int ResidentMs = 2000;

    private FileChunk[] _chunks = new FileChunk[4];
    private int _chunkCount;
    private int _firstChunk;
    private int _memorySent;

    /// <summary>The piece of the first slice that is being sent from memory.</summary>
    private AlignedBuffer? _copy;
    private int _copyAt;
    private int _copyLeft;
    private bool _isCorked;

    /// <summary>Bytes sent since the start.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Slices go out by sendfile, which lends their pages.</summary>
    public bool LendsPages => !copies;

    /// <summary>Bytes of memory that wait, those already sent in front of them included: they are let go together.</summary>
    public int WaitingBytes => Memory.Length + (_copy is null ? 0 : AlignedBuffer.Bytes);

    /// <summary>Response bytes, in order; a handler writes here.</summary>
    public WireBuffer Memory { get; } = new();

    public bool IsEmpty => _memorySent == Memory.Length && _firstChunk == _chunkCount;

    /// <summary>File slices not yet sent whole.</summary>
    public int PendingChunks => _chunkCount - _firstChunk;

    /// <summary>A point to which <see cref="Rollback"/> returns.</summary>
    public (int Memory, int Chunks) Mark() => (Memory.Length, _chunkCount);

    /// <summary>The file of the slice that is to be sent next.</summary>
    public string FirstSlicePath => _chunks[_firstChunk].Slice.Path;

    /// <summary>Queues a slice behind everything written to <see cref="Memory"/> so far. The queue releases it.</summary>
    /// <param name="residentBytes">How much of it, from its start, is known to be in the page cache.</param>
    public void Add(LogSlice slice, int residentBytes)
    {
        if (_chunkCount == _chunks.Length)
        {
            Array.Resize(ref _chunks, 2 * _chunks.Length);
        }

        _chunks[_chunkCount++] = new FileChunk
        {
            MemoryEnd = Memory.Length,
            Slice = slice,
            Resident = residentBytes,
            ResidentAtMs = Environment.TickCount64,
        };
    }

    /// <summary>Describes what <see cref="Flush"/> wants to have read.</summary>
    public void FirstPieceTo(SliceRead read)
    {
        ref FileChunk chunk = ref _chunks[_firstChunk];
        read.Set(
            chunk.Slice, chunk.Sent, Math.Min(chunk.Slice.Length - chunk.Sent, copies ? AlignedBuffer.DataBytes : ColdReaders.PieceBytes), copies);
    }

    /// <summary>That has been read.</summary>
    public void TakePiece(SliceRead read)
    {
        ref FileChunk chunk = ref _chunks[_firstChunk];
        if (copies)
        {
            ReturnCopy();
            _copy = read.TakeBuffer(out _copyAt);
            _copyLeft = read.Length;
            return;
        }

        chunk.Resident = chunk.Sent + read.Length;
        chunk.ResidentAtMs = Environment.TickCount64;
    }

    /// <summary>Takes back everything queued since <paramref name="mark"/>; none of it has been sent.</summary>
    public void Rollback((int Memory, int Chunks) mark)
    {
        while (_chunkCount > mark.Chunks)
        {
            ref FileChunk chunk = ref _chunks[--_chunkCount];
            chunk.Slice.Release();
            chunk = default;
        }

        Memory.Truncate(mark.Memory);
    }

    /// <summary>Sends as much as the socket takes.</summary>
    /// <returns>
    /// 0 when all has gone, <see cref="Sockets.WouldBlock"/> when the socket is full, <see cref="NeedsDisk"/>, or another negative errno when it failed.
    /// </returns>
    public int Flush(FileDescriptor socket)
    {
        int result = FlushChunks(socket);
        if (_isCorked)
        {
            _isCorked = false;
            Sockets.SetCork(socket, false);
        }

        return result;
    }

    private int FlushChunks(FileDescriptor socket)
    {
        while (_firstChunk < _chunkCount)
        {
            ref FileChunk chunk = ref _chunks[_firstChunk];
            int error = SendMemory(socket, chunk.MemoryEnd, more: true);
            if (error == 0)
            {
                error = copies ? SendCopy(socket, ref chunk) : SendSlice(socket, ref chunk);
            }

            if (error != 0)
            {
                return error;
            }

            chunk.Slice.Release();
            chunk = default;
            _firstChunk++;
        }

        int last = SendMemory(socket, Memory.Length, more: false);
        if (last == 0)
        {
            Memory.Clear();
            _memorySent = 0;
            _firstChunk = _chunkCount = 0;
        }

        return last;
    }

    /// <summary>Drops what is left, the connection being closed.</summary>
    public void Abandon()
    {
        for (; _firstChunk < _chunkCount; _firstChunk++)
        {
            _chunks[_firstChunk].Slice.Release();
        }

        ReturnCopy();
        _firstChunk = _chunkCount = 0;
        Memory.Clear();
        Memory.Trim(0);
        _memorySent = 0;
    }

    /// <summary>Gives back the memory that an unusual answer took; called when nothing waits.</summary>
    /// <param name="keptBytes">What may stay.</param>
    public void Trim(int keptBytes)
    {
        Memory.Trim(keptBytes);
        if (_chunks.Length > ChunksKept)
        {
            _chunks = new FileChunk[ChunksKept];
        }
    }

    private int SendSlice(FileDescriptor socket, ref FileChunk chunk)
    {
        if (Environment.TickCount64 - chunk.ResidentAtMs > ResidentMs)
        {
            chunk.Resident = chunk.Sent;
        }

        while (chunk.Sent < chunk.Slice.Length)
        {
            if (chunk.Sent >= chunk.Resident && !FindResident(ref chunk))
            {
                return NeedsDisk;
            }

            int ready = chunk.Resident - chunk.Sent;
            int piece = chunk.Slice.Piece(chunk.Sent, ready, out long position);
            if (piece < ready && !_isCorked)
            {
                // Of a scattered log: else every batch, however small, would be a segment of the stream.
                _isCorked = true;
                Sockets.SetCork(socket, true);
            }

            long sent = Sockets.SendFile(socket, chunk.Slice.File, position, piece);
            if (sent <= 0)
            {
                // Nothing at a valid position means the file is shorter than the log says: the connection cannot go on.
                return sent == 0 ? -(int)Errno.EIO : (int)sent;
            }

            chunk.Sent += (int)sent;
            SentBytes += sent;
        }

        return 0;
    }

    /// <summary>The same through memory: a piece is read when the one before is sent whole, so that nothing is read twice.</summary>
    private int SendCopy(FileDescriptor socket, ref FileChunk chunk)
    {
        if (Environment.TickCount64 - chunk.ResidentAtMs > ResidentMs)
        {
            chunk.Resident = chunk.Sent;
        }

        while (chunk.Sent < chunk.Slice.Length)
        {
            if (_copyLeft == 0)
            {
                int error = ReadCopy(ref chunk);
                if (error != 0)
                {
                    return error;
                }
            }

            bool more = chunk.Sent + _copyLeft < chunk.Slice.Length || PendingChunks > 1 || chunk.MemoryEnd < Memory.Length;
            int sent = Sockets.SendNoWait(socket, _copy!.Span.Slice(_copyAt, _copyLeft), more);
            if (sent < 0)
            {
                return sent;
            }

            chunk.Sent += sent;
            _copyAt += sent;
            _copyLeft -= sent;
            SentBytes += sent;
        }

        ReturnCopy();
        return 0;
    }

    private int ReadCopy(ref FileChunk chunk)
    {
        if (chunk.Slice.ReadsWait || (chunk.Sent >= chunk.Resident && !FindResident(ref chunk)))
        {
            ReturnCopy();
            return NeedsDisk;
        }

        _copy ??= AlignedBuffers.Rent();
        try
        {
            _copyLeft = chunk.Slice.ReadPiece(_copy, chunk.Sent, chunk.Resident - chunk.Sent, out _copyAt);
        }
        catch (LinuxException failure)
        {
            return -(int)failure.Error;
        }

        return _copyLeft > 0 ? 0 : -(int)Errno.EIO;
    }

    private void ReturnCopy()
    {
        if (_copy is not null)
        {
            AlignedBuffers.Return(_copy);
            _copy = null;
            _copyLeft = 0;
        }
    }

    private static bool FindResident(ref FileChunk chunk)
    {
        int piece = Math.Min(chunk.Slice.Length - chunk.Sent, ColdReaders.PieceBytes);
        if (!chunk.Slice.IsResident(chunk.Sent, piece))
        {
            return false;
        }

        chunk.Resident = chunk.Sent + piece;
        chunk.ResidentAtMs = Environment.TickCount64;
        return true;
    }

    private int SendMemory(FileDescriptor socket, int end, bool more)
    {
        while (_memorySent < end)
        {
            int sent = Sockets.SendNoWait(socket, Memory.Written[_memorySent..end], more);
            if (sent < 0)
            {
                return sent;
            }

            _memorySent += sent;
            SentBytes += sent;
        }

        return 0;
    }

    private struct FileChunk
    {
        /// <summary>Bytes of memory that go before this slice.</summary>
        public int MemoryEnd;
        public LogSlice Slice;
        public int Sent;

        /// <summary>Bytes from the slice's start that were in the page cache at a time.</summary>
        public int Resident;
        public long ResidentAtMs;
    }
}
