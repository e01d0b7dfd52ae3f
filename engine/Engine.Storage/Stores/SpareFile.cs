using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// The file of a removed segment, kept to be written again as the next one: its pages are in memory already, and overwriting them costs the
/// kernel a fraction of what new ones cost.
/// <para>
/// What it holds must never be taken for the new segment's. So its batches are made unreadable before it is offered, each by a mark where its
/// header was, and a mark ends the file: whoever checks the new segment after a crash finds no batch behind the last one written, and knows
/// from the mark at the end that the rest was never its own. Its old name is gone from the device before its bytes change.
/// </para>
/// </summary>
internal sealed class SpareFile
{
    /// <summary>Segments of more batches are not worth the marks.</summary>
    private const int BatchesMax = 1 << 16;

    private readonly string _path;

    private SpareFile(FileDescriptor file, string path, int sizeBytes)
    {
        File = file;
        _path = path;
        SizeBytes = sizeBytes;
    }

    internal FileDescriptor File { get; }

    internal int SizeBytes { get; }

    /// <summary>
    /// In place of a base offset and a batch length: −1, which no batch has, and more than a file holds, which ends the reading of Kafka's tools.
    /// </summary>
    private static ReadOnlySpan<byte> Mark => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF];

    /// <summary>
    /// Makes a spare of a segment's file, which nobody else has open any more. Waits for the device. Null when it is not worth it: pages of it
    /// have left the memory, or it holds too many batches; then nothing has changed.
    /// </summary>
    /// <exception cref="LinuxException">The file may have lost its name and is to be closed.</exception>
    internal static SpareFile? TryMake(LogSegment segment, string directory)
    {
        FileDescriptor file = segment.Store.File;
        int sizeBytes = segment.SizeBytes;
        if (sizeBytes < RecordBatch.HeaderBytes || !PageCache.IsResident(file, 0, sizeBytes) || !HasFewBatches(segment))
        {
            return null;
        }

        string path = segment.Path + PartitionFiles.DeletedSuffix;
        Files.Rename(segment.Path, path);
        SpareFile spare = new(file, path, sizeBytes);
        try
        {
            Files.SyncDirectory(directory);
            MarkBatches(segment);
            Files.WriteAt(file, Mark, sizeBytes - Mark.Length);
            return spare;
        }
        catch (IOException)
        {
            Files.Remove(path);
            throw;
        }
    }

    /// <summary>Gives it the name of a new segment.</summary>
    internal void RenameTo(string path) => Files.Rename(_path, path);

    /// <summary>Lets go of it.</summary>
    internal void Remove()
    {
        File.Dispose();
        Files.Remove(_path);
    }

    /// <summary>True when what lies behind a position is left of an earlier use of the file: it ends with the mark, or what is not overwritten of it.</summary>
    internal static bool IsLeftover(SegmentStore file, int position, int fileBytes)
    {
        Span<byte> end = stackalloc byte[Math.Min(Mark.Length, fileBytes - position)];
        return file.Read(end, fileBytes - end.Length) == end.Length && end.SequenceEqual(Mark[^end.Length..]);
    }

    private static bool HasFewBatches(LogSegment segment)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        int batches = 0;
        try
        {
            for (int position = 0; segment.TryReadHeader(position, header, out int batchBytes) && batches <= BatchesMax; position += batchBytes)
            {
                batches++;
            }
        }
        catch (CorruptLogException)
        {
            return false; // Damaged, and about to be removed: nothing to be told.
        }

        return batches <= BatchesMax;
    }

    private static void MarkBatches(LogSegment segment)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        for (int position = 0; segment.TryReadHeader(position, header, out int batchBytes); position += batchBytes)
        {
            Files.WriteAt(segment.Store.File, Mark, position);
        }
    }
}
