using System.Buffers.Binary;

namespace Engine.Storage;

/// <summary>
/// The sparse time index of a segment that is appended to: entries (the largest timestamp so far, the last offset of the batch that has
/// it), twelve bytes each in the file. An entry is added with an entry of the offset index, and when the segment ends, unless the timestamp has
/// not grown since the last one. (Kafka: TimeIndex.maybeAppend.) A sealed segment has no such object: its file is searched, since lookups by
/// time are rare and memory is not.
/// <para>
/// One thread at a time adds (the appender, under its log's lock); any thread looks up, without a lock: entries never change once the count
/// includes them.
/// </para>
/// </summary>
internal sealed class TimeIndex
{
    internal const int EntryBytes = 12;

    private const int InitialEntries = 16;

    private long[] _timestamps;
    private int[] _offsets;
    private int _count;
    private long _maxTimestampMs = -1;
    private int _offsetOfMax;

    /// <param name="ended">Nobody reads it any more: its memory is used again.</param>
    internal TimeIndex(TimeIndex? ended = null)
    {
        _timestamps = ended?._timestamps ?? new long[InitialEntries];
        _offsets = ended?._offsets ?? new int[InitialEntries];
    }

    internal int Count => Volatile.Read(ref _count);

    /// <summary>The largest timestamp of the segment's batches; −1 when none has one.</summary>
    internal long MaxTimestampMs => Volatile.Read(ref _maxTimestampMs);

    /// <summary>True when only the entry of the segment's end still fits. (Kafka: TimeIndex.isFull.)</summary>
    internal bool IsFull(int indexBytes) => _count >= (indexBytes / EntryBytes) - 1;

    /// <summary>Takes notice of a batch.</summary>
    internal void Note(long maxTimestampMs, int relativeLastOffset)
    {
        if (maxTimestampMs > _maxTimestampMs)
        {
            _offsetOfMax = relativeLastOffset;
            Volatile.Write(ref _maxTimestampMs, maxTimestampMs);
        }
    }

    /// <summary>Adds an entry for the largest timestamp so far, if it is larger than that of the last entry.</summary>
    internal void AddMax()
    {
        int count = _count;
        if (_maxTimestampMs > (count == 0 ? -1 : _timestamps[count - 1]))
        {
            Add(_maxTimestampMs, _offsetOfMax);
        }
    }

    /// <summary>The relative offset of the entry with the greatest timestamp at or below the one asked for; false when there is none.</summary>
    internal bool TryFloor(long timestampMs, out TimeIndexEntry entry)
    {
        // The count first: arrays read after it hold at least so many entries.
        int high = Volatile.Read(ref _count) - 1;
        long[] timestamps = Volatile.Read(ref _timestamps);
        int[] offsets = Volatile.Read(ref _offsets);
        int low = 0;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (timestamps[middle] <= timestampMs)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        entry = high >= 0 ? new TimeIndexEntry(timestamps[high], offsets[high]) : default;
        return high >= 0;
    }

    /// <summary>Encodes entries as they are in the file.</summary>
    internal void Encode(int first, Span<byte> into)
    {
        long[] timestamps = Volatile.Read(ref _timestamps);
        int[] offsets = Volatile.Read(ref _offsets);
        for (int i = 0; i < into.Length / EntryBytes; i++)
        {
            Span<byte> entry = into[(i * EntryBytes)..];
            BinaryPrimitives.WriteInt64BigEndian(entry, timestamps[first + i]);
            BinaryPrimitives.WriteInt32BigEndian(entry[sizeof(long)..], offsets[first + i]);
        }
    }

    /// <summary>Takes over the entries of a file; false when they cannot be a time index: not whole entries, or not growing.</summary>
    internal bool TryDecode(ReadOnlySpan<byte> file)
    {
        if (file.Length % EntryBytes != 0)
        {
            return false;
        }

        TimeIndexEntry last = new(-1, -1);
        for (int at = 0; at < file.Length; at += EntryBytes)
        {
            TimeIndexEntry entry = TimeIndexEntry.Decode(file[at..]);
            if (!entry.Follows(last))
            {
                return false;
            }

            Note(entry.TimestampMs, entry.RelativeOffset);
            Add(entry.TimestampMs, entry.RelativeOffset);
            last = entry;
        }

        return true;
    }

    private void Add(long timestampMs, int relativeOffset)
    {
        if (_count == _timestamps.Length)
        {
            Volatile.Write(ref _offsets, Larger(_offsets));
            Volatile.Write(ref _timestamps, Larger(_timestamps));
        }

        _timestamps[_count] = timestampMs;
        _offsets[_count] = relativeOffset;
        Volatile.Write(ref _count, _count + 1);
    }

    private static T[] Larger<T>(T[] entries)
    {
        T[] larger = new T[entries.Length * 2];
        entries.CopyTo(larger, 0);
        return larger;
    }
}

/// <summary>One entry: all batches before the one that ends with the offset have smaller timestamps.</summary>
internal readonly record struct TimeIndexEntry(long TimestampMs, int RelativeOffset)
{
    internal static TimeIndexEntry Decode(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[sizeof(long)..]));

    internal bool Follows(TimeIndexEntry last) => TimestampMs > last.TimestampMs && RelativeOffset > last.RelativeOffset;
}
