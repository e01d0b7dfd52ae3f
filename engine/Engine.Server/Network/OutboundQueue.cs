using Engine.Linux;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What a connection has still to send: response bytes in one buffer and, between them, slices of segment files that go out by
/// sendfile. Nothing is copied from a file, and nothing is allocated once buffer and ring have grown to what the connection needs.
/// <para>
/// A slice is sent as far as it is known to be in the page cache, for sendfile waits for the disk where it is not. That is asked a piece at a
/// time, and asked again when the peer has been slow to take it.
/// </para>
/// <para>Owned by the connection's loop.</para>
/// </summary>
internal sealed class OutboundQueue
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

    /// <summary>Bytes sent since the start.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Bytes of memory that wait, those already sent in front of them included: they are let go together.</summary>
    public int WaitingBytes => Memory.Length;

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
        read.Set(chunk.Slice, chunk.Sent, Math.Min(chunk.Slice.Length - chunk.Sent, ColdReaders.PieceBytes));
    }

    /// <summary>That has been read.</summary>
    public void MarkResident(int bytes)
    {
        ref FileChunk chunk = ref _chunks[_firstChunk];
        chunk.Resident = chunk.Sent + bytes;
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
        while (_firstChunk < _chunkCount)
        {
            ref FileChunk chunk = ref _chunks[_firstChunk];
            int error = SendMemory(socket, chunk.MemoryEnd, more: true);
            if (error == 0)
            {
                error = SendSlice(socket, ref chunk);
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

            long sent = Sockets.SendFile(
                socket, chunk.Slice.File, chunk.Slice.Position + chunk.Sent, chunk.Resident - chunk.Sent);
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
