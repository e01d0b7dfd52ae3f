using System.Buffers.Binary;

namespace Engine.Storage;

/// <summary>
/// The sparse offset index of one segment, in memory: eight bytes an entry, the last offset of a batch relative to the segment's
/// base in the high half, the batch's position in the low one. Read on every fetch, so not a mapped file as in Kafka: that would
/// have to be sized ahead and cut at roll, and faults pages on a loop. The file is written from here in groups.
/// <para>
/// One thread at a time adds (the appender, under its log's lock); any thread looks up, without a lock: entries never change once
/// the count includes them.
/// </para>
/// </summary>
internal sealed class OffsetIndex
{
    internal const int EntryBytes = 8;

    /// <summary>8 KiB: more than a segment of 256 MiB needs with batches of 512 KiB, and little enough for many partitions.</summary>
    private const int InitialEntriesMax = 1024;

    private readonly int _intervalBytes;
    private long[] _entries;
    private int _count;
    private long _bytesSinceEntry;

    /// <param name="ended">Nobody reads it any more: its memory is used again.</param>
    internal OffsetIndex(LogConfig config, OffsetIndex? ended = null)
    {
        // With an interval of none every batch has an entry but a segment's first, which needs none.
        _intervalBytes = config.Batching == Batching.Record ? 0 : config.IndexIntervalBytes;
        _entries = ended?._entries ?? new long[Math.Clamp(config.SegmentBytes / Math.Max(1, config.IndexIntervalBytes), 16, InitialEntriesMax)];
    }

    /// <summary>The entries were read, not made from the log: they may lie.</summary>
    internal bool IsFromFile { get; private set; }

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Relative last offset of an entry's batch.</summary>
    internal int OffsetAt(int entry) => (int)(_entries[entry] >> 32);

    internal int PositionAt(int entry) => (int)_entries[entry];

    /// <summary>
    /// Counts a batch, and adds an entry for it when more than the interval has accumulated since the last one; true then.
    /// </summary>
    internal bool OnAppend(int relativeLastOffset, int position, int batchBytes)
    {
        bool due = _bytesSinceEntry > _intervalBytes;
        if (due)
        {
            Add(relativeLastOffset, position);
            _bytesSinceEntry = 0;
        }

        _bytesSinceEntry += batchBytes;
        return due;
    }

    /// <summary>The entry with the greatest offset at or below the one asked for; −1 when there is none.</summary>
    internal int Floor(int relativeOffset)
    {
        // The count first: an array read after it holds at least so many entries.
        int high = Volatile.Read(ref _count) - 1;
        long[] entries = Volatile.Read(ref _entries);
        int low = 0;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if ((int)(entries[middle] >> 32) <= relativeOffset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    /// <summary>Encodes entries as they are in the file.</summary>
    internal void Encode(int first, Span<byte> into)
    {
        long[] entries = Volatile.Read(ref _entries);
        for (int i = 0; i < into.Length / EntryBytes; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(into[(i * EntryBytes)..], entries[first + i]);
        }
    }

    /// <summary>
    /// Takes over the entries of an index file. False when they cannot be an index of a segment of this size: not whole entries,
    /// not growing, or beyond the end.
    /// </summary>
    internal bool TryDecode(ReadOnlySpan<byte> file, int segmentBytes)
    {
        if (file.Length % EntryBytes != 0)
        {
            return false;
        }

        long last = -1;
        for (int at = 0; at < file.Length; at += EntryBytes)
        {
            long entry = BinaryPrimitives.ReadInt64BigEndian(file[at..]);
            if (entry < 0 || (last >= 0 && (entry >> 32 <= last >> 32 || (int)entry <= (int)last)) || (int)entry < 0
                || (int)entry >= segmentBytes)
            {
                return false;
            }

            last = entry;
            Add((int)(entry >> 32), (int)entry);
        }

        IsFromFile = true;
        _bytesSinceEntry = segmentBytes - (last >= 0 ? (int)last : 0);
        return true;
    }

    private void Add(int relativeOffset, int position)
    {
        if (_count == _entries.Length)
        {
            long[] larger = new long[_entries.Length * 2];
            _entries.CopyTo(larger, 0);
            Volatile.Write(ref _entries, larger);
        }

        _entries[_count] = ((long)relativeOffset << 32) | (uint)position;
        Volatile.Write(ref _count, _count + 1);
    }
}
