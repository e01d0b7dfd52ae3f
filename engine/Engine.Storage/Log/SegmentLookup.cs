using Engine.Wire;

namespace Engine.Storage;

/// <summary>From an offset to the bytes that a reader is sent. Any thread, without a lock: it sees segments that do not change any more but for their end.</summary>
internal static class SegmentLookup
{
    /// <summary>The last segment that begins at or before the offset.</summary>
    internal static int Find(LogSegment[] segments, long offset)
    {
        int low = 0;
        int high = segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].BaseOffset <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>Makes the acquired segment's reference into a slice, or gives it back.</summary>
    internal static bool TrySlice(LogSegment segment, long offset, int maxBytes, bool minOneBatch, out LogSlice slice)
    {
        slice = default;
        bool taken = false;
        try
        {
            Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
            if (!segment.TryFind(offset, header, out int position, out int batchBytes))
            {
                return false;
            }

            int available = segment.SizeBytes - position;
            int length = Math.Clamp(maxBytes, 0, available);
            if (minOneBatch && length < available)
            {
                if (batchBytes == 0)
                {
                    segment.TryReadHeader(position, header, out batchBytes);
                }

                length = Math.Max(length, batchBytes);
            }

            taken = length > 0;
            slice = taken ? new LogSlice(segment, position, length) : default;
            return true;
        }
        finally
        {
            if (!taken)
            {
                segment.Release();
            }
        }
    }
}
