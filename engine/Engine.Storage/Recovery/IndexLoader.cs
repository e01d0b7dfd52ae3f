using System.Diagnostics.CodeAnalysis;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// Reads the index files of a segment whose log is trusted, and compares them with it: the last entries, and all headers behind the last one of the
/// offset index. Belongs to the thread that opens the data directory.
/// </summary>
internal static class IndexLoader
{
    /// <summary>False when a file is missing, or cannot be an index of the segment.</summary>
    /// <param name="isLast">The segment is going to be appended to: its time index is kept in memory.</param>
    internal static bool TryLoad(
        LogSegment segment, LogConfig config, bool isLast, [NotNullWhen(true)] out SegmentIndexes? indexes, out long nextOffset)
    {
        indexes = null;
        nextOffset = segment.BaseOffset;
        OffsetIndex offsets = new(config);
        if (!TryRead(segment.IndexPath, segment.SizeBytes, OffsetIndex.EntryBytes, out byte[] bytes)
            || !offsets.TryDecode(bytes, segment.SizeBytes))
        {
            return false;
        }

        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        int position = 0;
        long offset = segment.BaseOffset;
        int last = offsets.Count - 1;
        if (last >= 0)
        {
            if (!segment.EntryHolds(offsets, last, header))
            {
                return false;
            }

            position = offsets.PositionAt(last);
            offset = RecordBatch.BaseOffset(header);
        }

        if (!SegmentScanner.TryWalk(segment, position, offset, null, out nextOffset, out long maxTimestampMs))
        {
            return false;
        }

        // With these a time index's entry finds its batch.
        segment.ReplaceIndexes(new SegmentIndexes(offsets, maxTimestampMs));
        indexes = isLast ? WithTimes(segment, offsets) : WithTimesInFile(segment, offsets);
        return indexes is not null && indexes.MaxTimestampMs >= maxTimestampMs;
    }

    private static SegmentIndexes? WithTimes(LogSegment segment, OffsetIndex offsets)
    {
        TimeIndex times = new();
        return TryRead(segment.TimeIndexPath, segment.SizeBytes, TimeIndex.EntryBytes, out byte[] bytes)
            && times.TryDecode(bytes)
            && (times.Count == 0 || Holds(segment, TimeIndexEntry.Decode(bytes.AsSpan()[^TimeIndex.EntryBytes..])))
            ? new SegmentIndexes(offsets, times)
            : null;
    }

    private static SegmentIndexes? WithTimesInFile(LogSegment segment, OffsetIndex offsets) =>
        TimeIndexFile.TryReadLast(segment.TimeIndexPath, out TimeIndexEntry last, out bool isEmpty) && (isEmpty || Holds(segment, last))
            ? new SegmentIndexes(offsets, isEmpty ? RecordBatch.NoTimestamp : last.TimestampMs)
            : null;

    private static bool Holds(LogSegment segment, TimeIndexEntry entry)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        return segment.EntryHolds(entry, header, out _);
    }

    /// <summary>Reads a whole file; false when there is none, or when it is larger than one entry a batch, and one more, could make it.</summary>
    private static bool TryRead(string path, int segmentBytes, int entryBytes, out byte[] bytes)
    {
        bytes = [];
        if (!File.Exists(path))
        {
            return false;
        }

        using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
        long length = Files.Length(file);
        if (length > ((segmentBytes / RecordBatch.HeaderBytes) + 1L) * entryBytes)
        {
            return false;
        }

        bytes = new byte[length];
        return Files.ReadAt(file, bytes, 0) == length;
    }
}
