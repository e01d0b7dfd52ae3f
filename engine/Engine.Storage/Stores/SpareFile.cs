using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// The file of a removed segment, kept to be written again as the next one: its pages are in memory already, and overwriting them costs the
/// kernel a fraction of what new ones cost.
/// <para>
/// What it holds is never taken for the new segment's: its batches have offsets before the log's start, and after a crash the log ends where
/// offsets do not continue. A hole behind it tells then that the rest was left from before, and that nothing was lost. Its old name is gone from
/// the device before its bytes change.
/// </para>
/// </summary>
internal sealed class SpareFile
{
    private const int HoleBytes = AlignedBuffer.BlockBytes;

    private readonly string _path;

    private SpareFile(FileDescriptor file, string path, int sizeBytes)
    {
        File = file;
        _path = path;
        SizeBytes = sizeBytes;
    }

    internal FileDescriptor File { get; }

    /// <summary>The hole included.</summary>
    internal int SizeBytes { get; }

    /// <summary>
    /// Takes the segment's name from its file, which nobody else has open any more. Null when it is not worth it, for pages of it have left the
    /// memory; then nothing has changed.
    /// </summary>
    internal static SpareFile? TryTake(LogSegment segment)
    {
        FileDescriptor file = segment.Store.File;
        int sizeBytes = segment.SizeBytes;
        if (sizeBytes is 0 or > int.MaxValue - HoleBytes || !PageCache.IsResident(file, 0, sizeBytes))
        {
            return null;
        }

        string path = segment.Path + PartitionFiles.DeletedSuffix;
        Files.Rename(segment.Path, path);
        return new SpareFile(file, path, sizeBytes + HoleBytes);
    }

    /// <summary>Makes it ready to be written to, once the segment's name is gone from the device.</summary>
    internal void Prepare() => Files.Truncate(File, SizeBytes);

    /// <summary>Gives it the name of a new segment.</summary>
    internal void RenameTo(string path) => Files.Rename(_path, path);

    /// <summary>Lets go of it.</summary>
    internal void Remove()
    {
        File.Dispose();
        Files.Remove(_path);
    }

    /// <summary>True when what lies behind a position is left of an earlier use of the file: something, and the hole behind it.</summary>
    internal static bool IsLeftover(SegmentStore file, int position, int fileBytes)
    {
        Span<byte> end = stackalloc byte[HoleBytes];
        Span<byte> first = stackalloc byte[RecordBatch.HeaderBytes];
        return fileBytes - position >= HoleBytes
            && file.Read(end, fileBytes - HoleBytes) == HoleBytes
            && !end.ContainsAnyExcept((byte)0)
            && (fileBytes - position == HoleBytes || (file.Read(first, position) > 0 && first.ContainsAnyExcept((byte)0)));
    }
}
