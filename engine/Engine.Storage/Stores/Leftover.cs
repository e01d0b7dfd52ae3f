using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// What the file of a segment holds of an earlier one that it was. It is never taken for the segment's own: its batches have offsets before the
/// log's start, and after a crash the log ends where offsets do not continue. A hole behind it tells then that the rest was left from before, and
/// that nothing was lost.
/// </summary>
internal static class Leftover
{
    private const int HoleBytes = AlignedBuffer.BlockBytes;

    /// <summary>Puts the hole behind what the file holds, before a new segment is written over it.</summary>
    /// <returns>The file's size.</returns>
    internal static int Mark(FileDescriptor file, int bytes)
    {
        Files.Truncate(file, bytes + HoleBytes);
        return bytes + HoleBytes;
    }

    /// <summary>True when there is room for the hole, in a file whose positions are of 31 bits.</summary>
    internal static bool Fits(int bytes) => bytes is > 0 and <= int.MaxValue - HoleBytes;

    /// <summary>True when what lies behind a position is left of an earlier use of the file: something, and the hole behind it.</summary>
    internal static bool IsAt(SegmentStore file, int position, int fileBytes)
    {
        Span<byte> end = stackalloc byte[HoleBytes];
        Span<byte> first = stackalloc byte[RecordBatch.HeaderBytes];
        return fileBytes - position >= HoleBytes
            && file.Read(end, fileBytes - HoleBytes) == HoleBytes
            && !end.ContainsAnyExcept((byte)0)
            && (fileBytes - position == HoleBytes || (file.Read(first, position) > 0 && first.ContainsAnyExcept((byte)0)));
    }
}
