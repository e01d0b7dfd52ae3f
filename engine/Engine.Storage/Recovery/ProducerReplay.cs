using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// Finds a log's producers after a clean stop: from the snapshot that the stop left at the log's end, or, where that is missing, from the last one
/// before it and the headers of the batches behind it. Belongs to the thread that opens the data directory.
/// </summary>
internal static class ProducerReplay
{
    internal static void AfterCleanStop(
        string directory, List<LogSegment> segments, long endOffset, ProducerStates producers, Action<string> log)
    {
        long from = segments.Count > 0 ? segments[0].BaseOffset : endOffset;
        foreach (long offset in ProducerSnapshotFiles.List(directory))
        {
            if (offset >= from && offset <= endOffset && ProducerSnapshotFiles.Read(directory, offset, log) is { } snapshot)
            {
                producers.Merge(snapshot);
                from = offset;
                break;
            }
        }

        foreach (LogSegment segment in segments)
        {
            if (from < endOffset)
            {
                from = Replay(segment, from, producers);
            }
        }
    }

    /// <summary>Reads the headers of a segment from the batch with the offset on; the offset behind the last.</summary>
    private static long Replay(LogSegment segment, long from, ProducerStates producers)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        if (!segment.TryFind(from, header, out int position, out _))
        {
            return from;
        }

        for (; segment.TryReadHeader(position, header, out int batchBytes); position += batchBytes)
        {
            from = RecordBatch.LastOffset(header) + 1;
            if (RecordBatch.ProducerId(header) > RecordBatch.NoProducerId)
            {
                producers.Remember(header);
            }
        }

        return from;
    }
}
