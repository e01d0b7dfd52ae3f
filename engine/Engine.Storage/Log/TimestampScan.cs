using System.Buffers;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// Finds a record by its timestamp: from where the time index says, batch headers are walked, and only the batch that has the timestamp is read
/// whole. Its cost is one pread a batch between two entries of the index.
/// </summary>
internal static class TimestampScan
{
    /// <summary>The first record with a timestamp at or after the one given.</summary>
    /// <param name="startOffset">Records before it are not the log's any more.</param>
    internal static OffsetAndTimestamp? Find(LogSegment[] segments, long timestampMs, long startOffset)
    {
        foreach (LogSegment segment in segments)
        {
            if (segment.Indexes.MaxTimestampMs < timestampMs || !segment.TryAcquire())
            {
                continue; // None of its records is so young, or it was retired: its records are no longer in the log.
            }

            try
            {
                if (Find(segment, timestampMs, startOffset) is { } found)
                {
                    return found;
                }
            }
            finally
            {
                segment.Release();
            }
        }

        return null;
    }

    /// <summary>The first record that has the largest timestamp of all; null without records.</summary>
    internal static OffsetAndTimestamp? FindLargest(LogSegment[] segments, long startOffset)
    {
        long largest = long.MinValue;
        foreach (LogSegment segment in segments)
        {
            if (!segment.TryAcquire())
            {
                continue;
            }

            try
            {
                largest = Math.Max(largest, Largest(segment, startOffset));
            }
            finally
            {
                segment.Release();
            }
        }

        return largest == long.MinValue ? null : Find(segments, largest, startOffset);
    }

    private static OffsetAndTimestamp? Find(LogSegment segment, long timestampMs, long startOffset)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        int position = segment.TimestampFloor(timestampMs);
        for (; segment.TryReadHeader(position, header, out int batchBytes); position += batchBytes)
        {
            if (RecordBatch.MaxTimestamp(header) >= timestampMs
                && RecordBatch.LastOffset(header) >= startOffset
                && FindInBatch(segment, position, batchBytes, header, timestampMs, startOffset) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The largest timestamp of the segment's batches; the least number when it has none.</summary>
    private static long Largest(LogSegment segment, long startOffset)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        long largest = long.MinValue;
        for (int position = 0; segment.TryReadHeader(position, header, out int batchBytes); position += batchBytes)
        {
            if (RecordBatch.LastOffset(header) >= startOffset)
            {
                largest = Math.Max(largest, RecordBatch.MaxTimestamp(header));
            }
        }

        return largest;
    }

    /// <summary>Null when the records that have the timestamp are before the start.</summary>
    private static OffsetAndTimestamp? FindInBatch(
        LogSegment segment, int position, int batchBytes, ReadOnlySpan<byte> header, long timestampMs, long startOffset)
    {
        long baseOffset = Math.Max(startOffset, RecordBatch.BaseOffset(header));
        if (RecordBatch.IsLogAppendTime(header))
        {
            return new OffsetAndTimestamp(baseOffset, RecordBatch.MaxTimestamp(header));
        }

        long baseTimestamp = RecordBatch.BaseTimestamp(header);
        if (RecordBatch.Compression(header) == CompressionType.None && (baseTimestamp < timestampMs || baseOffset == startOffset))
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(batchBytes);
            try
            {
                Span<byte> batch = buffer.AsSpan(0, batchBytes);
                RecordReader records = new(batch[..segment.Store.Read(batch, position)]);
                while (records.MoveNext(out Record record))
                {
                    long offset = RecordBatch.BaseOffset(header) + record.OffsetDelta;
                    if (offset >= startOffset && baseTimestamp + record.TimestampDelta >= timestampMs)
                    {
                        return new OffsetAndTimestamp(offset, baseTimestamp + record.TimestampDelta);
                    }
                }

                return null;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return new OffsetAndTimestamp(baseOffset, baseTimestamp);
    }
}
