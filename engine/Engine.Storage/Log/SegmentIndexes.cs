using System.Buffers;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// The offset index and the time index of one segment, filled together, and what of them is in their files. One thread at a time adds (the
/// appender, under its log's lock); the housekeeper alone writes the files; any thread looks up.
/// </summary>
internal sealed class SegmentIndexes
{
    private const int Unknown = -1;

    private TimeIndex? _times;
    private long _sealedMaxTimestampMs = -1;
    private int _offsetsInFile = Unknown;
    private int _timesInFile = Unknown;

    /// <summary>Empty ones, to be filled batch by batch.</summary>
    /// <param name="ended">Of a segment that nobody reads any more: their memory is used again, so that a ring allocates none.</param>
    internal SegmentIndexes(LogConfig config, SegmentIndexes? ended = null)
    {
        Offsets = new OffsetIndex(config, ended?.Offsets);
        _times = new TimeIndex(ended?.Times);
    }

    /// <summary>Those that were read from the files of a segment that is appended to.</summary>
    internal SegmentIndexes(OffsetIndex offsets, TimeIndex times)
    {
        Offsets = offsets;
        _times = times;
        _offsetsInFile = offsets.Count;
        _timesInFile = times.Count;
    }

    /// <summary>Those of a sealed segment, whose time index stays in its file.</summary>
    internal SegmentIndexes(OffsetIndex offsets, long maxTimestampMs)
    {
        Offsets = offsets;
        _sealedMaxTimestampMs = maxTimestampMs;
        _offsetsInFile = offsets.Count;
    }

    internal OffsetIndex Offsets { get; }

    /// <summary>Null when the time index is whole in its file.</summary>
    internal TimeIndex? Times => Volatile.Read(ref _times);

    /// <summary>The largest timestamp of the segment's batches; −1 when none has one.</summary>
    internal long MaxTimestampMs => Times is { } times ? times.MaxTimestampMs : Volatile.Read(ref _sealedMaxTimestampMs);

    /// <param name="pending">Entries that are going to be added before the one that is asked for.</param>
    internal bool IsFull(LogConfig config, int pending = 0) =>
        Offsets.Count + (long)pending >= config.SegmentIndexBytes / OffsetIndex.EntryBytes
        || _times!.IsFull((int)Math.Max(0, config.SegmentIndexBytes - ((long)pending * TimeIndex.EntryBytes)));

    /// <summary>Takes notice of a batch, and adds entries for it when it is time. (Kafka: LogSegment.append.)</summary>
    internal void OnAppend(int relativeLastOffset, int position, int batchBytes, long maxTimestampMs)
    {
        _times!.Note(maxTimestampMs, relativeLastOffset);
        if (Offsets.OnAppend(relativeLastOffset, position, batchBytes))
        {
            _times.AddMax();
        }
    }

    /// <summary>The segment ends here, for good or until the next start.</summary>
    internal void End() => Times?.AddMax();

    /// <summary>Appends to the files what is not in them yet; they are made if they are not there. The housekeeper's.</summary>
    /// <param name="isSealed">Nothing is added any more: the time index need not be kept in memory.</param>
    internal void Write(string offsetsPath, string timesPath, bool isSealed)
    {
        int offsets = Offsets.Count;
        if (offsets != _offsetsInFile)
        {
            int done = Math.Max(0, _offsetsInFile);
            int length = (offsets - done) * OffsetIndex.EntryBytes;
            byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
            Offsets.Encode(done, bytes.AsSpan(0, length));
            Write(offsetsPath, bytes.AsSpan(0, length), (long)done * OffsetIndex.EntryBytes);
            ArrayPool<byte>.Shared.Return(bytes);
            _offsetsInFile = offsets;
        }

        if (Times is not { } times)
        {
            return;
        }

        int count = times.Count;
        if (count != _timesInFile)
        {
            int done = Math.Max(0, _timesInFile);
            int length = (count - done) * TimeIndex.EntryBytes;
            byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
            times.Encode(done, bytes.AsSpan(0, length));
            Write(timesPath, bytes.AsSpan(0, length), (long)done * TimeIndex.EntryBytes);
            ArrayPool<byte>.Shared.Return(bytes);
            _timesInFile = count;
        }

        if (isSealed)
        {
            Volatile.Write(ref _sealedMaxTimestampMs, times.MaxTimestampMs);
            Volatile.Write(ref _times, null);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> bytes, long position)
    {
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create);
        Files.Truncate(file, position);
        Files.WriteAt(file, bytes, position);
    }
}
