using Engine.Linux;

namespace Engine.Storage;

/// <summary>Batches one behind the other, through the page cache: position and place are the same.</summary>
/// <param name="leftoverBytes">What the file holds of an earlier use, to be overwritten.</param>
internal sealed class SequentialStore(FileDescriptor file, int leftoverBytes = 0) : SegmentStore(file)
{
    private int _leftoverBytes = leftoverBytes;

    internal override void Append(ReadOnlySpan<byte> batch, int position) => Files.WriteAt(File, batch, position);

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
}
