using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>The simplest thing that could be a log: a list of segments of batches. What the log does to files, this does to lists.</summary>
internal sealed class LogModel(LogConfig config)
{
    /// <summary>Batches as they are stored, by segment; the last segment is the one that is appended to.</summary>
    private readonly List<List<byte[]>> _segments = [[]];

    internal long Start { get; private set; }

    internal long End { get; private set; }

    /// <summary>Batches of the last segment.</summary>
    internal List<byte[]> Last => _segments[^1];

    internal void Append(byte[] batch)
    {
        if (Last.Count > 0
            && (Size(Last) + batch.Length > config.SegmentBytes
                || RecordBatch.MaxTimestamp(batch) - RecordBatch.MaxTimestamp(Last[0]) > config.SegmentMs))
        {
            _segments.Add([]);
            DropBySize();
        }

        Last.Add(batch);
        End += RecordBatch.RecordCount(batch);
    }

    /// <summary>
    /// A log that takes its oldest file for the next segment lets go of it at the roll when a hundredth of what is to be kept is missing: it may,
    /// for it may have no file to take yet.
    /// </summary>
    internal void RecycleUpTo(long start)
    {
        while (Start < start
            && Last.Count == 1
            && _segments.Count > 1
            && config.RetentionBytes >= 0
            && _segments.Skip(1).SkipLast(1).Sum(Size) >= config.RetentionBytes - (config.RetentionBytes / 100))
        {
            Drop();
        }
    }

    internal void ApplyRetention(long nowMs)
    {
        DropBySize();
        while (config.RetentionMs >= 0 && MayDrop && nowMs - _segments[0].Max(b => RecordBatch.MaxTimestamp(b)) > config.RetentionMs)
        {
            Drop();
        }
    }

    /// <summary>The bytes that a read from the offset gives.</summary>
    internal byte[] Read(long offset, int maxBytes, bool minOneBatch)
    {
        foreach (List<byte[]> segment in _segments)
        {
            byte[][] rest = [.. segment.SkipWhile(b => RecordBatch.LastOffset(b) < offset)];
            if (rest.Length > 0)
            {
                byte[] bytes = [.. rest.SelectMany(b => b)];
                return bytes[..Math.Min(bytes.Length, Math.Max(maxBytes, minOneBatch ? rest[0].Length : 0))];
            }
        }

        return [];
    }

    /// <summary>The first record with a timestamp at or after the one given; those of a batch are a millisecond apart.</summary>
    internal OffsetAndTimestamp? Find(long timestampMs)
    {
        byte[]? batch = _segments.SelectMany(s => s).FirstOrDefault(
            b => RecordBatch.MaxTimestamp(b) >= timestampMs && RecordBatch.LastOffset(b) >= Start);
        if (batch is null)
        {
            return null;
        }

        long later = Math.Max(Math.Max(0, timestampMs - RecordBatch.BaseTimestamp(batch)), Start - RecordBatch.BaseOffset(batch));
        return new OffsetAndTimestamp(RecordBatch.BaseOffset(batch) + later, RecordBatch.BaseTimestamp(batch) + later);
    }

    /// <summary>The last file has only so many bytes left.</summary>
    internal void CutLastTo(long bytes)
    {
        while (Size(Last) > bytes)
        {
            End -= RecordBatch.RecordCount(Last[^1]);
            Last.RemoveAt(Last.Count - 1);
        }

        if (End < Start)
        {
            // What is left was deleted: the log goes on where it started.
            _segments.Clear();
            _segments.Add([]);
            End = Start;
        }
    }

    internal void DeleteRecordsTo(long offset)
    {
        while (_segments.Count > 1 && End - Records(1) <= offset)
        {
            _segments.RemoveAt(0);
        }

        Start = Math.Max(Start, offset);
    }

    internal static long Size(List<byte[]> segment) => segment.Sum(b => (long)b.Length);

    /// <summary>An empty last segment stays; when a full one goes, an empty one takes its place.</summary>
    private bool MayDrop => _segments.Count > 1 || Last.Count > 0;

    private void DropBySize()
    {
        while (config.RetentionBytes >= 0 && MayDrop && _segments.Skip(1).Sum(Size) >= config.RetentionBytes)
        {
            Drop();
        }
    }

    /// <summary>Records from a segment on.</summary>
    private long Records(int segment) => _segments.Skip(segment).SelectMany(s => s).Sum(b => (long)RecordBatch.RecordCount(b));

    private void Drop()
    {
        Start = Math.Max(Start, End - Records(1));
        _segments.RemoveAt(0);
        if (_segments.Count == 0)
        {
            _segments.Add([]);
        }
    }
}
