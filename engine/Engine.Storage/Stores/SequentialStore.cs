using System.Numerics;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// Batches one behind the other, through the page cache: position and place are the same.
/// <para>
/// The kernel makes the pages of a file in pieces as large as the write that needs them and as aligned as its place (Linux 6.16 and later on ext4: large
/// folios), and batches are neither long nor aligned. In a file that is going to be written over time and again the pieces are made beforehand, by zeros where the batches
/// will be, because what a write costs hangs on their number.
/// </para>
/// </summary>
/// <param name="leftoverBytes">What the file holds of an earlier use, to be overwritten.</param>
/// <param name="makesPages">Of a new file: its pages are made in large pieces.</param>
internal sealed class SequentialStore(FileDescriptor file, int leftoverBytes = 0, bool makesPages = false) : SegmentStore(file)
{
    private const int PageBytes = AlignedBuffer.BlockBytes;

    /// <summary>Of 64 KiB to 2 MiB this made writing over batches of 128 KiB and more cheapest.</summary>
    private const int PieceBytes = 256 * 1024;

    /// <summary>
    /// A write looks at each block of the pieces that it touches, of its own and of others. Where a thousand files are written in turns these are in no cache:
    /// pieces of two batches cost least in all, with one file and with many.
    /// </summary>
    private const int PieceBatches = 2;

    /// <summary>For less a write of its own is not worth it. Each piece ends at a multiple of it.</summary>
    internal const int LeastPieceBytes = 16 * 1024;

    private static readonly byte[] NoHeader = CreateNoHeader();
    private static readonly byte[] Zeros = new byte[PieceBytes];

    /// <summary>Up to where the file holds what is to be overwritten.</summary>
    private int _leftoverBytes = leftoverBytes;

    private bool _makesPages = makesPages;

    /// <summary>
    /// What a crash interrupts ends at a page. Were that inside the header, before the checksum's end, then an old batch of the same length at the
    /// same position would take the new one's offset, which no checksum covers: so the header is made invalid first.
    /// </summary>
    internal override void Append(ReadOnlySpan<byte> batch, int position)
    {
        if (_makesPages)
        {
            TryMakePages(position, position + batch.Length);
        }
        else if (position < _leftoverBytes && position / PageBytes != (position + NoHeader.Length - 1) / PageBytes)
        {
            Files.WriteAt(File, NoHeader, position);
        }

        Files.WriteAt(File, batch, position);
    }

    internal override int Read(Span<byte> into, int position) => Files.ReadAt(File, into, position);

    internal override int ReadPiece(AlignedBuffer buffer, int position, int length, out int start)
    {
        start = 0;
        return Files.ReadAt(File, buffer.Span[..Math.Min(length, AlignedBuffer.DataBytes)], position);
    }

    internal override int Piece(int position, int length, out long filePosition)
    {
        filePosition = position;
        return length;
    }

    internal override bool IsResident(int position, int length) => PageCache.IsResident(File, position, length);

    internal override void CutTo(int bytes)
    {
        Files.Truncate(File, bytes);
        _leftoverBytes = 0;
        _makesPages = false;
    }

    internal override void End(int bytes)
    {
        if (_leftoverBytes > bytes)
        {
            CutTo(bytes);
        }
    }

    /// <summary>What has no room for zeros may have some for the batch, which then goes on without.</summary>
    private void TryMakePages(int position, int end)
    {
        try
        {
            MakePages(position, end);
        }
        catch (LinuxException)
        {
            // Whatever is wrong with the file, if it is not that, the batch will meet too.
            CutTo(position);
        }
    }

    /// <summary>
    /// Writes zeros up to the end of the batch that comes, and at most half as many as there are batches in the file: one that is never filled is not made
    /// much larger.
    /// </summary>
    private void MakePages(int position, int end)
    {
        int batch = Math.Clamp(end - position, LeastPieceBytes / PieceBatches, PieceBytes / PieceBatches);
        int most = (int)BitOperations.RoundUpToPowerOf2((uint)batch) * PieceBatches;
        for (int at = Math.Max(_leftoverBytes, position); at < end; at = _leftoverBytes)
        {
            int piece = Math.Min(most, (int)BitOperations.RoundUpToPowerOf2((uint)(at / 2) + 1) / 2);
            if (piece < LeastPieceBytes || at > int.MaxValue - piece)
            {
                return;
            }

            int to = (at + piece) / piece * piece;
            Files.WriteAt(File, Zeros.AsSpan(0, to - at), at);
            _leftoverBytes = to;
        }
    }

    /// <summary>In place of all up to the end of the checksum: no offset, no length, no checksum of anything.</summary>
    private static byte[] CreateNoHeader()
    {
        byte[] bytes = new byte[RecordBatch.AttributesAt];
        Array.Fill(bytes, byte.MaxValue);
        return bytes;
    }
}
