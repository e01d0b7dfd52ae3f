using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// Finds what a fetch of one partition is answered with, without ever waiting for the disk on the loop that asks. What was appended seconds ago
/// costs a comparison; anything older is looked for in the page cache, headers and first piece, and what is not there is left to the
/// connection's <see cref="FetchRead"/>.
/// </summary>
internal static class SliceFinder
{
    /// <param name="slice">To be released if it is not empty.</param>
    /// <param name="residentBytes">How much of the slice, from its start, can be sent at once.</param>
    /// <returns>False when it has to be read first, and was noted for that.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool TryFind(
        Connection connection,
        PartitionLog log,
        long offset,
        int maxBytes,
        bool minOneBatch,
        out ReadResult result,
        out LogSlice slice,
        out int residentBytes)
    {
        if ((!log.ReadsWait && log.Recent.Contains(offset)) || (maxBytes <= 0 && !minOneBatch))
        {
            result = log.TryRead(offset, maxBytes, minOneBatch, out slice);
            residentBytes = slice.Length;
            return true;
        }

        FetchRead? read = connection.Reads?.Fetch;
        IOException? failure = null;
        bool isRead = read is not null && read.Find(log, offset, out failure);
        if (failure is not null)
        {
            throw failure;
        }

        if (log.ReadsWait)
        {
            residentBytes = 0;
            return TryFindRead(read, connection, log, offset, maxBytes, minOneBatch, out result, out slice);
        }

        slice = default;
        if (isRead || log.CanFindWithoutDisk(offset))
        {
            result = log.TryRead(offset, maxBytes, minOneBatch, out slice);
            residentBytes = Math.Min(slice.Length, ColdReaders.PieceBytes);
            if (isRead || slice.IsResident(0, residentBytes))
            {
                return true;
            }

            slice.Release();
            slice = default;
        }

        result = ReadResult.Ok;
        residentBytes = 0;
        connection.Reads ??= new ConnectionReads(connection);
        connection.Reads.Fetch.Add(log, offset, maxBytes, minOneBatch);
        return false;
    }

    /// <summary>Of a log in which nothing is found without waiting for the device, but that there is nothing.</summary>
    private static bool TryFindRead(
        FetchRead? read,
        Connection connection,
        PartitionLog log,
        long offset,
        int maxBytes,
        bool minOneBatch,
        out ReadResult result,
        out LogSlice slice)
    {
        if (read is not null && read.TryShare(log, offset, out result, out slice))
        {
            if (slice.Length > maxBytes && !minOneBatch)
            {
                // The partitions before it came to more than they were taken for.
                slice = slice.CutTo(maxBytes);
            }

            return true;
        }

        if (offset < log.StartOffset || offset >= log.EndOffset || log.IsOffline)
        {
            result = log.TryRead(offset, maxBytes, minOneBatch, out slice);
            return true;
        }

        result = ReadResult.Ok;
        slice = default;
        connection.Reads ??= new ConnectionReads(connection);
        connection.Reads.Fetch.Add(log, offset, maxBytes, minOneBatch);
        return false;
    }
}
