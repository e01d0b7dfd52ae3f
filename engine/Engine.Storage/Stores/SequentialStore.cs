using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>Batches one behind the other, through the page cache: position and place are the same.</summary>
/// <param name="leftoverBytes">What the file holds of an earlier use, to be overwritten.</param>
internal sealed class SequentialStore(FileDescriptor file, int leftoverBytes = 0) : SegmentStore(file)
{
    private const int PageBytes = AlignedBuffer.BlockBytes;

    private static readonly byte[] NoHeader = CreateNoHeader();

    private int _leftoverBytes = leftoverBytes;

    /// <summary>
    /// What a crash interrupts ends at a page. Were that inside the header, before the checksum's end, then an old batch of the same length at the
    /// same position would take the new one's offset, which no checksum covers: so the header is made invalid first.
    /// </summary>
    internal override void Append(ReadOnlySpan<byte> batch, int position)
    {
        if (position < _leftoverBytes && position / PageBytes != (position + NoHeader.Length - 1) / PageBytes)
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
    }

    internal override void End(int bytes)
    {
        if (_leftoverBytes > bytes)
        {
            CutTo(bytes);
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
