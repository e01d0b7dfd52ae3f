using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// The time index of a sealed segment, searched in its file. Opened for each lookup: a log may have thousands of segments, and few are ever
/// asked. What is found is only ever a hint, which the segment compares with the batch it names.
/// </summary>
internal static class TimeIndexFile
{
    /// <summary>The entry with the greatest timestamp at or below the one asked for; false when there is none or no such file.</summary>
    internal static bool TryFloor(string path, long timestampMs, out TimeIndexEntry entry)
    {
        entry = default;
        if (!File.Exists(path))
        {
            return false;
        }

        using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
        long low = 0;
        long high = (Files.Length(file) / TimeIndex.EntryBytes) - 1;
        while (low <= high)
        {
            long middle = (low + high) >>> 1;
            if (!TryRead(file, middle, out TimeIndexEntry found))
            {
                return false;
            }

            if (found.TimestampMs <= timestampMs)
            {
                entry = found;
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low > 0;
    }

    /// <summary>The last entry: the segment's largest timestamp. False when the file is missing, or not one of whole entries.</summary>
    /// <param name="isEmpty">There is no entry, as of a segment whose batches have no timestamps.</param>
    internal static bool TryReadLast(string path, out TimeIndexEntry entry, out bool isEmpty)
    {
        entry = default;
        isEmpty = false;
        if (!File.Exists(path))
        {
            return false;
        }

        using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
        long bytes = Files.Length(file);
        isEmpty = bytes == 0;
        return isEmpty || (bytes % TimeIndex.EntryBytes == 0 && TryRead(file, (bytes / TimeIndex.EntryBytes) - 1, out entry));
    }

    private static bool TryRead(FileDescriptor file, long index, out TimeIndexEntry entry)
    {
        Span<byte> bytes = stackalloc byte[TimeIndex.EntryBytes];
        bool whole = Files.ReadAt(file, bytes, index * TimeIndex.EntryBytes) == TimeIndex.EntryBytes;
        entry = whole ? TimeIndexEntry.Decode(bytes) : default;
        return whole;
    }
}
