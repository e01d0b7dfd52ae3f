using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Batches one behind the other, past the page cache. The device takes whole blocks only, so each append rewrites the block in which the last one
/// ended, out of memory, and fills its own last block up with zeros; these are cut off when the segment ends, and by the recovery.
/// </summary>
internal sealed class DirectStore(FileDescriptor file) : SegmentStore(file)
{
    private readonly byte[] _tail = GC.AllocateUninitializedArray<byte>(AlignedBuffer.BlockBytes);

    /// <summary>The position up to which <see cref="_tail"/> holds the last block; −1 when it is only in the file.</summary>
    private int _tailEnd = -1;

    internal override bool ReadsWait => true;

    internal override void Append(ReadOnlySpan<byte> batch, int position)
    {
        int block = (int)AlignedBuffer.RoundDown(position);
        Span<byte> head = _tail.AsSpan(0, position - block);
        if (_tailEnd != position && DirectIo.Read(File, head, block) < head.Length)
        {
            throw new LinuxException("pread", Errno.EIO);
        }

        _tailEnd = -1;
        DirectIo.Write(File, head, batch, block);
        int end = position + batch.Length;
        int kept = end - (int)AlignedBuffer.RoundDown(end);
        if (kept <= batch.Length)
        {
            batch[^kept..].CopyTo(_tail);
        }
        else
        {
            batch.CopyTo(_tail.AsSpan(head.Length));
        }

        _tailEnd = end;
    }

    internal override int Read(Span<byte> into, int position) => DirectIo.Read(File, into, position);

    internal override int ReadPiece(AlignedBuffer buffer, int position, int length, out int start) =>
        DirectIo.ReadPiece(File, buffer, position, length, out start);

    internal override int Piece(int position, int length, out long filePosition)
    {
        filePosition = position;
        return length;
    }

    internal override bool IsResident(int position, int length) => length == 0;

    internal override void CutTo(int bytes) => Files.Truncate(File, bytes);

    internal override void End(int bytes) => CutTo(bytes);
}
