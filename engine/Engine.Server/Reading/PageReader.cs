using Engine.Linux;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// Brings pages of segments into the page cache. It reads them, small piece after small piece into the same few bytes: to wait for pages
/// without copying them, the kernel offers only what touches each one through a mapping. One a thread.
/// </summary>
internal class PageReader
{
    private const int ScratchBytes = 128 * 1024;

    /// <summary>
    /// Requested behind a piece and not waited for, so that the disk works while the piece is being sent. The kernel reads nothing ahead of these
    /// files: what it would, it would on the thread that sends.
    /// </summary>
    private const int DefaultAheadBytes = 2 * ColdReaders.PieceBytes;

    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(ScratchBytes);
    private readonly int _aheadBytes;

    public PageReader(int aheadBytes = DefaultAheadBytes) => _aheadBytes = aheadBytes;

    /// <summary>Returns when the bytes of the slice are in the page cache.</summary>
    /// <exception cref="LinuxException">They cannot be read.</exception>
    public virtual void Read(LogSlice slice, int from, int length)
    {
        Request(slice, from, length);
        for (int done = 0; done < length;)
        {
            int wanted = Math.Min(ScratchBytes, length - done);
            if (slice.Read(_scratch.AsSpan(0, wanted), from + done) < wanted)
            {
                throw EndedEarly(slice, from + length);
            }

            done += wanted;
        }
    }

    /// <summary>Reads a piece of the slice, as much as fits, into a buffer.</summary>
    /// <param name="start">Where in the buffer it begins.</param>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public virtual int Copy(LogSlice slice, int from, int length, AlignedBuffer buffer, out int start)
    {
        Request(slice, from, length);
        int read = slice.ReadPiece(buffer, from, length, out start);
        return read > 0 ? read : throw EndedEarly(slice, from + length);
    }

    private void Request(LogSlice slice, int from, int length)
    {
        if (!slice.ReadsWait)
        {
            length = slice.Piece(from, length, out long position);
            PageCache.Request(slice.File, position, slice.IsInARow ? length + _aheadBytes : length);
        }
    }

    private static LinuxException EndedEarly(LogSlice slice, int end) =>
        new("pread", Errno.EIO, $"{slice.Path} ends before position {slice.Position + end}");
}
