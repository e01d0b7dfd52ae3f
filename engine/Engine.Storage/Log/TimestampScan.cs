using System.Buffers;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// Finds a record by its timestamp: from where the time index says, batch headers are walked, and only the batch that has the timestamp is read
/// whole. Its cost is one pread a batch between two entries of the index.
/// </summary>
internal static class TimestampScan
{
    /// <summary>The first record of the segment with a timestamp at or after the one given. The caller holds a reference.</summary>
    internal static OffsetAndTimestamp? Find(LogSegment segment, long timestampMs)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        for (int position = segment.TimestampFloor(timestampMs); segment.TryReadHeader(position, header, out int batchBytes); position += batchBytes)
        {
            if (RecordBatch.MaxTimestamp(header) >= timestampMs)
            {
                return FindInBatch(segment, position, batchBytes, header, timestampMs);
            }
        }

        return null;
    }

    private static OffsetAndTimestamp FindInBatch(
        LogSegment segment, int position, int batchBytes, ReadOnlySpan<byte> header, long timestampMs)
    {
        long baseOffset = RecordBatch.BaseOffset(header);
        if (RecordBatch.IsLogAppendTime(header))
        {
            return new OffsetAndTimestamp(baseOffset, RecordBatch.MaxTimestamp(header));
        }

        long baseTimestamp = RecordBatch.BaseTimestamp(header);
        if (RecordBatch.Compression(header) == CompressionType.None && baseTimestamp < timestampMs)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(batchBytes);
            try
            {
                Span<byte> batch = buffer.AsSpan(0, batchBytes);
                RecordReader records = new(batch[..Files.ReadAt(segment.File, batch, position)]);
                while (records.MoveNext(out Record record))
                {
                    if (baseTimestamp + record.TimestampDelta >= timestampMs)
                    {
                        return new OffsetAndTimestamp(baseOffset + record.OffsetDelta, baseTimestamp + record.TimestampDelta);
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return new OffsetAndTimestamp(baseOffset, baseTimestamp);
    }
}
