using System.Globalization;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// One file of a log and its index. The log holds one reference and every slice another; whoever gives the last one back has the
/// descriptor closed by the housekeeper. Appended to under the log's lock; read by any thread without one, up to the size that
/// was published behind the write.
/// </summary>
internal sealed class LogSegment
{
    internal const string LogSuffix = ".log";
    internal const string IndexSuffix = ".index";

    /// <summary>Entries that wait for the index file before they are written as a group: one page.</summary>
    private const int IndexGroupEntries = 512;

    private LogConfig _config;
    private readonly Housekeeper _housekeeper;
    private readonly TailPositions _tail = new();
    private OffsetIndex _index;
    private int _sizeBytes;
    private int _references = 1;

    /// <summary>Entries that the index file holds; −1 when there is no such file, or a wrong one.</summary>
    private int _indexEntriesOnDisk = -1;

    private bool _indexFlushAsked;
    private volatile bool _sealed;
    private volatile bool _retired;

    internal LogSegment(
        string directory, long baseOffset, FileDescriptor file, int sizeBytes, OffsetIndex index, LogConfig config, Housekeeper housekeeper)
    {
        BaseOffset = baseOffset;
        Path = LogPath(directory, baseOffset);
        IndexPath = Path[..^LogSuffix.Length] + IndexSuffix;
        SnapshotPath = Path[..^LogSuffix.Length] + ProducerSnapshotFiles.Suffix;
        File = file;
        _sizeBytes = sizeBytes;
        _index = index;
        _config = config;
        _housekeeper = housekeeper;
    }

    internal long BaseOffset { get; }

    internal string Path { get; }

    internal string IndexPath { get; }

    /// <summary>Of the producers as they were when the segment was begun; not there when there were none.</summary>
    internal string SnapshotPath { get; }

    internal FileDescriptor File { get; }

    /// <summary>Bytes of whole batches; what lies behind them in the file is nobody's.</summary>
    internal int SizeBytes => Volatile.Read(ref _sizeBytes);

    internal OffsetIndex Index => Volatile.Read(ref _index);

    internal static string LogPath(string directory, long baseOffset) =>
        System.IO.Path.Combine(directory, baseOffset.ToString("D20", CultureInfo.InvariantCulture) + LogSuffix);

    /// <summary>Makes the file of a new segment. One open(2): the index file follows when it is first written.</summary>
    internal static LogSegment Create(string directory, long baseOffset, LogConfig config, Housekeeper housekeeper)
    {
        FileDescriptor file = Files.Open(
            LogPath(directory, baseOffset), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate);
        return new LogSegment(directory, baseOffset, file, 0, new OffsetIndex(config), config, housekeeper);
    }

    /// <summary>Changes what governs further appends. The index keeps the interval with which it was begun.</summary>
    internal void UseConfig(LogConfig config) => _config = config;

    /// <summary>The log has let go of it: its folder may be gone, and nothing more is written beside it.</summary>
    internal bool IsRetired => _retired;

    /// <summary>True when the segment has room for the batch by size, by relative offset and in its index.</summary>
    internal bool HasRoom(int batchBytes, long lastOffset) =>
        _sizeBytes == 0
        || (_sizeBytes + (long)batchBytes <= _config.SegmentBytes && lastOffset - BaseOffset <= int.MaxValue && !_index.IsFull);

    /// <summary>Writes a batch behind the last one and publishes it; after an exception bytes of it may be in the file.</summary>
    internal void Append(ReadOnlySpan<byte> batch)
    {
        int position = _sizeBytes;
        Files.WriteAt(File, batch, position);
        _index.OnAppend((int)(RecordBatch.LastOffset(batch) - BaseOffset), position, batch.Length);
        _tail.Add((int)(RecordBatch.BaseOffset(batch) - BaseOffset), position);
        Volatile.Write(ref _sizeBytes, position + batch.Length);
        if (!Volatile.Read(ref _indexFlushAsked) && _index.Count - Volatile.Read(ref _indexEntriesOnDisk) >= IndexGroupEntries)
        {
            FlushIndexSoon();
        }
    }

    /// <summary>Cuts off what a failed append left behind the last batch.</summary>
    internal void CutTail() => Files.Truncate(File, _sizeBytes);

    /// <summary>Nothing more will be appended: the rest of the index goes to its file.</summary>
    internal void Seal()
    {
        _sealed = true;
        FlushIndexSoon();
    }

    /// <summary>
    /// The batch that holds the offset, or the next one where there is a gap. False when the segment ends before it.
    /// </summary>
    /// <param name="header">Room for a batch header.</param>
    /// <param name="batchBytes">The batch's size, or 0 when it was found without reading its header.</param>
    internal bool TryFind(long offset, Span<byte> header, out int position, out int batchBytes)
    {
        int relative = (int)Math.Clamp(offset - BaseOffset, 0, int.MaxValue);
        if (_tail.TryFloor(relative, out int tailBase, out position))
        {
            if (tailBase == relative)
            {
                batchBytes = 0;
                return true;
            }

            return Walk(offset, header, ref position, out batchBytes);
        }

        position = TrustedFloor(relative, header);
        return Walk(offset, header, ref position, out batchBytes);
    }

    /// <summary>Reads the header at a position; false at the end of the segment.</summary>
    internal bool TryReadHeader(int position, Span<byte> header, out int batchBytes)
    {
        int left = SizeBytes - position;
        batchBytes = 0;
        if (left == 0)
        {
            return false;
        }

        if (left >= RecordBatch.HeaderBytes && Files.ReadAt(File, header[..RecordBatch.HeaderBytes], position) == RecordBatch.HeaderBytes)
        {
            long size = RecordBatch.SizeBytes(header);
            if (size >= RecordBatch.HeaderBytes && size <= left && header[RecordBatch.MagicAt] == RecordBatch.Magic)
            {
                batchBytes = (int)size;
                return true;
            }
        }

        throw new CorruptLogException($"{Path}: no batch at position {position}");
    }

    /// <summary>Takes a reference; false when the last one has been given back already.</summary>
    internal bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int found = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _housekeeper.Post(new Chore(ChoreKind.CloseFile, this));
        }
    }

    /// <summary>The log's own reference goes, and with it the names of the files: at once, by the housekeeper.</summary>
    internal void Retire(bool removeNames)
    {
        _retired = true;
        if (removeNames)
        {
            _housekeeper.Post(new Chore(ChoreKind.RemoveNames, this));
        }

        Release();
    }

    /// <summary>Appends to the index file what is not in it yet. The housekeeper's, or the closer's after it has stopped.</summary>
    internal void FlushIndex()
    {
        OffsetIndex index = Index;
        int count = index.Count;
        int done = Volatile.Read(ref _indexEntriesOnDisk);
        if (_retired || done == count)
        {
            Volatile.Write(ref _indexFlushAsked, false);
            return;
        }

        done = Math.Max(0, done);
        byte[] bytes = new byte[(count - done) * OffsetIndex.EntryBytes];
        index.Encode(done, bytes);
        using FileDescriptor file = Files.Open(IndexPath, OpenFlags.ReadWrite | OpenFlags.Create);
        Files.Truncate(file, (long)done * OffsetIndex.EntryBytes);
        Files.WriteAt(file, bytes, (long)done * OffsetIndex.EntryBytes);
        Volatile.Write(ref _indexEntriesOnDisk, count);

        // Only now: a group that could not be written is not asked for again with every append, but when the segment is sealed.
        Interlocked.Exchange(ref _indexFlushAsked, false);

        // Appends in the meantime found it asked for, and may have been the last for long.
        if (index.Count - count >= IndexGroupEntries)
        {
            FlushIndexSoon();
        }
    }

    /// <summary>Takes another index for the one that was read from a file; the file is to be written anew.</summary>
    internal void ReplaceIndex(OffsetIndex index)
    {
        Volatile.Write(ref _index, index);
        Volatile.Write(ref _indexEntriesOnDisk, -1);
    }

    /// <summary>The index file already holds so many of the entries.</summary>
    internal void SetIndexOnDisk(int entries) => _indexEntriesOnDisk = entries;

    /// <summary>
    /// The position of the index's floor entry, if the batch there is the one that the entry speaks of. An index file can lie
    /// without looking wrong; then the segment is walked from its start, and once it is sealed, indexed anew.
    /// </summary>
    private int TrustedFloor(int relative, Span<byte> header)
    {
        OffsetIndex index = Index;
        int entry = index.Floor(relative);
        if (entry < 0)
        {
            return 0;
        }

        int position = index.PositionAt(entry);
        if (!index.IsFromFile || EntryHolds(index, entry, header))
        {
            return position;
        }

        if (_sealed && SegmentScanner.TryIndexHeaders(this, _config, out OffsetIndex? rebuilt, out _))
        {
            ReplaceIndex(rebuilt);
            FlushIndexSoon();
            entry = rebuilt.Floor(relative);
            return entry < 0 ? 0 : rebuilt.PositionAt(entry);
        }

        return 0;
    }

    /// <summary>True when the batch at the entry's position ends with the entry's offset.</summary>
    internal bool EntryHolds(OffsetIndex index, int entry, Span<byte> header)
    {
        int position = index.PositionAt(entry);
        return position <= SizeBytes - RecordBatch.HeaderBytes
            && Files.ReadAt(File, header[..RecordBatch.HeaderBytes], position) == RecordBatch.HeaderBytes
            && header[RecordBatch.MagicAt] == RecordBatch.Magic
            && RecordBatch.LastOffset(header) == BaseOffset + index.OffsetAt(entry);
    }

    /// <summary>Has the housekeeper write what the index file lacks.</summary>
    internal void FlushIndexSoon()
    {
        Volatile.Write(ref _indexFlushAsked, true);
        _housekeeper.Post(new Chore(ChoreKind.FlushIndex, this));
    }

    private bool Walk(long offset, Span<byte> header, ref int position, out int batchBytes)
    {
        while (TryReadHeader(position, header, out batchBytes))
        {
            if (RecordBatch.LastOffset(header) >= offset)
            {
                return true;
            }

            position += batchBytes;
        }

        return false;
    }
}
