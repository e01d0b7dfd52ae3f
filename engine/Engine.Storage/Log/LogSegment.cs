using System.Globalization;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// One file of a log and its index. The log holds one reference and every slice another; whoever gives the last one back has the
/// descriptor closed by the housekeeper. Appended to under the log's lock; read by any thread without one, up to the size that
/// was published behind the write.
/// </summary>
internal sealed partial class LogSegment
{
    internal const string LogSuffix = ".log";
    internal const string IndexSuffix = ".index";
    internal const string TimeIndexSuffix = ".timeindex";

    private const long NoTimestamp = -1;

    /// <summary>A walk from one index entry to the next over more than this is not done by a thread that must not wait.</summary>
    private const int LookupBytesMax = 4 << 20;

    /// <summary>Of a ring, as often is looked how near the kernel is to writing in the background.</summary>
    private const int WriteAheadBytes = 16 << 20;

    /// <summary>Near is what is less than this part of the threshold away.</summary>
    private const int WriteAheadPart = 16;

    private LogConfig _config;
    private readonly Housekeeper _housekeeper;
    private readonly TailPositions _tail;
    private readonly long _openedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private SegmentIndexes _indexes;
    private int _sizeBytes;

    /// <summary>The housekeeper's.</summary>
    private int _writtenAheadTo;

    /// <summary>The largest timestamp of the first batch, from which the segment's age is counted. (Kafka: rollingBasedTimestamp.)</summary>
    private long _firstTimestampMs = NoTimestamp;

    private volatile bool _sealed;
    private volatile bool _readsAheadItself;

    /// <param name="path"><see cref="LogPath"/>, for this base offset.</param>
    /// <param name="tail">Empty, of a segment that nobody reads any more; null makes a new one.</param>
    internal LogSegment(
        string path, long baseOffset, SegmentStore store, int sizeBytes, SegmentIndexes indexes, LogConfig config, Housekeeper housekeeper, TailPositions? tail = null)
    {
        BaseOffset = baseOffset;
        Path = path;
        _tail = tail ?? new TailPositions();
        Store = store;
        _sizeBytes = sizeBytes;
        _indexes = indexes;
        _config = config;
        _housekeeper = housekeeper;
    }

    internal long BaseOffset { get; }

    internal string Path { get; }

    internal string IndexPath => Beside(IndexSuffix);

    internal string TimeIndexPath => Beside(TimeIndexSuffix);

    /// <summary>Of the producers as they were when the segment was begun; none with the log's first.</summary>
    internal string SnapshotPath => Beside(ProducerSnapshotFiles.Suffix);

    /// <summary>There may be files beside its own.</summary>
    internal bool HasFilesBeside { get; set; } = true;

    /// <summary>
    /// There were none when it was begun. A snapshot says so too, so that nothing before the segment need be read, but it is only written with the indexes.
    /// </summary>
    internal bool BeginsWithoutProducers { get; set; }

    internal SegmentStore Store { get; }

    /// <summary>Bytes of whole batches; what lies behind them in the file is nobody's.</summary>
    internal int SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>What the batches take on the device.</summary>
    internal long StoredBytes => Store.StoredBytes(SizeBytes);

    internal SegmentIndexes Indexes => Volatile.Read(ref _indexes);

    /// <summary>
    /// The largest timestamp of the segment's batches, or, when they have none, when its file was last written to: by it retention goes.
    /// (Kafka: LogSegment.largestTimestamp.)
    /// </summary>
    internal long AgeTimestampMs => Indexes.MaxTimestampMs is >= 0 and var max
        ? max
        : new DateTimeOffset(System.IO.File.GetLastWriteTimeUtc(Path)).ToUnixTimeMilliseconds();

    internal static string LogPath(string directory, long baseOffset) =>
        System.IO.Path.Combine(directory, baseOffset.ToString("D20", CultureInfo.InvariantCulture) + LogSuffix);

    /// <summary>Makes the file of a new segment. One open(2): the index files are made by the housekeeper.</summary>
    internal static LogSegment Create(string directory, long baseOffset, LogConfig config, LogServices services)
    {
        string path = LogPath(directory, baseOffset);
        SegmentStore store = SegmentStore.Create(path, services.Techniques, (int)Math.Min(int.MaxValue, config.SegmentBytes), StaysInMemory(config));
        return Create(path, baseOffset, store, new SegmentIndexes(config), config, services);
    }

    /// <summary>Makes the file of a segment that nobody reads any more that of a new one, which takes over its memory too: a ring rolls for ever.</summary>
    internal static LogSegment CreateFrom(LogSegment ended, string directory, long baseOffset, LogConfig config, LogServices services)
    {
        FileDescriptor file = ended.Store.File;
        int leftoverBytes = Leftover.Mark(file, ended.SizeBytes);
        string path = LogPath(directory, baseOffset);
        Files.Rename(ended.Path, path);
        ended._tail.Clear();
        return Create(path, baseOffset, new SequentialStore(file, leftoverBytes), new SegmentIndexes(config, ended.Indexes), config, services, ended._tail);
    }

    /// <summary>A ring of batches that the kernel leaves in memory, so that its files are written over there.</summary>
    private static bool StaysInMemory(LogConfig config) =>
        config.IsRing && config.Batching == Batching.Batch && DirtyPages.TryRead(out _, out long background) && config.RetentionBytes / AlignedBuffer.BlockBytes <= background;

    private static LogSegment Create(
        string path, long baseOffset, SegmentStore store, SegmentIndexes indexes, LogConfig config, LogServices services, TailPositions? tail = null) =>
        new(path, baseOffset, store, 0, indexes, config, services.Housekeeper, tail) { _loans = 0, HasFilesBeside = false };

    /// <summary>Changes what governs further appends. The index keeps the interval with which it was begun.</summary>
    internal void UseConfig(LogConfig config) => _config = config;

    /// <summary>
    /// True when the segment has room for the batch: by size, by relative offset, in its indexes, and by age, which is counted between the
    /// timestamps of batches, and by the clock only where the first has none. (Kafka: LogSegment.shouldRoll.)
    /// </summary>
    internal bool HasRoom(int batchBytes, long lastOffset, long maxTimestampMs) =>
        _sizeBytes == 0
        || (_sizeBytes + (long)batchBytes <= _config.SegmentBytes
            && lastOffset - BaseOffset <= int.MaxValue
            && !_indexes.IsFull(_config)
            && AgeMs(maxTimestampMs) <= _config.SegmentMs
            && Store.HasRoom(batchBytes));

    /// <summary>Writes a batch behind the last one and publishes it; after an exception bytes of it may be in the file.</summary>
    internal void Append(ReadOnlySpan<byte> batch)
    {
        int position = _sizeBytes;
        Store.Append(batch, position);
        long maxTimestampMs = RecordBatch.MaxTimestamp(batch);
        if (position == 0)
        {
            _firstTimestampMs = maxTimestampMs;
        }

        _indexes.OnAppend((int)(RecordBatch.LastOffset(batch) - BaseOffset), position, batch.Length, maxTimestampMs);
        _tail.Add((int)(RecordBatch.BaseOffset(batch) - BaseOffset), position);
        Publish(position + batch.Length);
    }

    /// <summary>
    /// True when the segment has room for records that are stored one by one, behind others that have been written and are not published yet.
    /// </summary>
    internal bool HasRoomForRecords(long unpublishedBytes, int unpublished, long moreBytes, int more, long lastOffset, long maxTimestampMs) =>
        _sizeBytes + unpublishedBytes == 0
        || (_sizeBytes + unpublishedBytes + moreBytes <= _config.SegmentBytes
            && lastOffset - BaseOffset <= int.MaxValue
            && !_indexes.IsFull(_config, unpublished + more - 1)
            && AgeMs(maxTimestampMs) <= _config.SegmentMs
            && (more > 1 || Store.HasRoom((int)moreBytes)));

    /// <summary>Writes the batch of one record behind those that are not published yet.</summary>
    internal void WriteRecord(ReadOnlySpan<byte> batch, int unpublishedBytes) => Store.Append(batch, _sizeBytes + unpublishedBytes);

    /// <summary>Indexes and publishes all that <see cref="WriteRecord"/> wrote: readers see them together.</summary>
    internal void PublishRecords(ReadOnlySpan<WrittenRecord> written, long firstOffset)
    {
        int position = _sizeBytes;
        int relative = (int)(firstOffset - BaseOffset);
        if (position == 0)
        {
            _firstTimestampMs = written[0].TimestampMs;
        }

        foreach (WrittenRecord record in written)
        {
            _indexes.OnAppend(relative, position, record.Bytes, record.TimestampMs);
            _tail.Add(relative++, position);
            position += record.Bytes;
        }

        Publish(position);
    }

    /// <summary>
    /// Writes of what was appended since the last time to the device, if the kernel is about to begin writing. It would write the pages that are
    /// dirty for the longest time, which in a ring are written over next, and so everything; pages just written stay clean for a whole
    /// round, so that a few of them are enough to keep a ring that is a little too large below the kernel's threshold. The housekeeper's.
    /// </summary>
    internal void WriteAhead()
    {
        int from = _writtenAheadTo;
        _writtenAheadTo = SizeBytes / AlignedBuffer.BlockBytes * AlignedBuffer.BlockBytes;
        if (_writtenAheadTo > from && DirtyPages.TryRead(out long dirty, out long background) && dirty > background - (background / WriteAheadPart))
        {
            PageCache.BeginWriting(Store.File, from, _writtenAheadTo - from);
        }
    }

    private void Publish(int endBytes)
    {
        int before = _sizeBytes;
        Volatile.Write(ref _sizeBytes, endBytes);
        if (before / WriteAheadBytes != endBytes / WriteAheadBytes && _config.IsRing && Store is SequentialStore)
        {
            _housekeeper.Post(new Chore(ChoreKind.WriteAhead, this));
        }
    }

    /// <summary>Cuts off what a failed append left behind the last batch.</summary>
    internal void CutTail() => Store.CutTo(_sizeBytes);

    /// <summary>Nothing is appended for now: cuts off what the store wrote behind the last batch for its own sake. Under the log's lock.</summary>
    internal void EndFile() => Store.End(_sizeBytes);

    /// <summary>Cuts off what a store left behind the last batch. Of the thread that opens the log.</summary>
    internal void CutTo(int position)
    {
        Store.CutTo(position);
        _sizeBytes = position;
    }

    /// <summary>Nothing more will be appended. Under the log's lock.</summary>
    internal void Seal()
    {
        _indexes.End();
        _sealed = true;
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

    /// <summary>
    /// True when <see cref="TryFind"/> would find all headers that it may read in the page cache. Asked only of what is not recent, and so also
    /// the moment to tell the kernel who reads ahead here.
    /// </summary>
    internal bool CanFindWithoutDisk(long offset)
    {
        if (!_readsAheadItself)
        {
            _readsAheadItself = true;
            PageCache.DoNotReadAhead(Store.File);
        }

        int relative = (int)Math.Clamp(offset - BaseOffset, 0, int.MaxValue);
        if (_tail.TryFloor(relative, out _, out int from))
        {
            return Store.IsResident(from, Math.Min(RecordBatch.HeaderBytes, SizeBytes - from));
        }

        // The batch wanted is at the latest the one that the next entry speaks of.
        OffsetIndex index = Indexes.Offsets;
        int entry = index.Floor(relative);
        from = entry < 0 ? 0 : index.PositionAt(entry);
        long to = entry + 1 < index.Count ? (long)index.PositionAt(entry + 1) + RecordBatch.HeaderBytes : SizeBytes;
        return to - from <= LookupBytesMax && Store.IsResident(from, (int)Math.Min(to, SizeBytes) - from);
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

        if (left >= RecordBatch.HeaderBytes && Store.Read(header[..RecordBatch.HeaderBytes], position) == RecordBatch.HeaderBytes)
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

    /// <summary>Ends the indexes at a clean stop, when nothing is appended any more, and writes them.</summary>
    internal void CloseIndex()
    {
        _indexes.End();
        FlushIndex();
    }

    /// <summary>Nothing is appended any more, and the index files hold all.</summary>
    internal bool IsIndexWritten => Indexes.Times is null;

    /// <summary>Appends to the index files what is not in them yet. The housekeeper's, or the closer's after it has stopped.</summary>
    internal void FlushIndex()
    {
        using Lock.Scope scope = FilesLock.EnterScope();
        if (_retired)
        {
            return;
        }

        HasFilesBeside = true;
        Indexes.Write(IndexPath, TimeIndexPath, _sealed);
        if (BeginsWithoutProducers)
        {
            ProducerSnapshotFiles.Write(System.IO.Path.GetDirectoryName(Path)!, BaseOffset, ProducerSnapshot.Encode([]));
            BeginsWithoutProducers = false;
        }
    }

    /// <summary>Takes other indexes for those that it was opened with; files that do not hold them are written anew.</summary>
    internal void ReplaceIndexes(SegmentIndexes indexes) => Volatile.Write(ref _indexes, indexes);

    /// <summary>Learns from the file from when the segment's age is counted: of one that is going to be appended to.</summary>
    internal void LoadFirstTimestamp()
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        if (TryReadHeader(0, header, out _))
        {
            _firstTimestampMs = RecordBatch.MaxTimestamp(header);
        }
    }

    /// <summary>
    /// The position of a batch before which all batches have smaller timestamps than the one given, from the time index. What the index names
    /// is compared with the batch itself; where they differ it is the segment's start.
    /// </summary>
    internal int TimestampFloor(long timestampMs)
    {
        bool found = Indexes.Times is { } times
            ? times.TryFloor(timestampMs, out TimeIndexEntry entry)
            : TimeIndexFile.TryFloor(TimeIndexPath, timestampMs, out entry);
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        return found && EntryHolds(entry, header, out int position) ? position : 0;
    }

    /// <summary>True when the batch that the entry of a time index names has its offset and its timestamp.</summary>
    internal bool EntryHolds(TimeIndexEntry entry, Span<byte> header, out int position)
    {
        position = 0;
        long offset = BaseOffset + entry.RelativeOffset;
        return entry.RelativeOffset >= 0
            && TryFind(offset, header, out position, out int batchBytes)
            && (batchBytes > 0 || TryReadHeader(position, header, out _))
            && RecordBatch.LastOffset(header) == offset
            && RecordBatch.MaxTimestamp(header) == entry.TimestampMs;
    }

    /// <summary>
    /// The position of the index's floor entry, if the batch there is the one that the entry speaks of. An index file can lie
    /// without looking wrong; then the segment is walked from its start, and once it is sealed, indexed anew.
    /// </summary>
    private int TrustedFloor(int relative, Span<byte> header)
    {
        OffsetIndex index = Indexes.Offsets;
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

        if (_sealed && SegmentScanner.TryIndexHeaders(this, _config, out SegmentIndexes? rebuilt, out _))
        {
            rebuilt.End();
            ReplaceIndexes(rebuilt);
            FlushIndexSoon();
            entry = rebuilt.Offsets.Floor(relative);
            return entry < 0 ? 0 : rebuilt.Offsets.PositionAt(entry);
        }

        return 0;
    }

    /// <summary>True when the batch at the entry's position ends with the entry's offset.</summary>
    internal bool EntryHolds(OffsetIndex index, int entry, Span<byte> header)
    {
        int position = index.PositionAt(entry);
        return position <= SizeBytes - RecordBatch.HeaderBytes
            && Store.Read(header[..RecordBatch.HeaderBytes], position) == RecordBatch.HeaderBytes
            && header[RecordBatch.MagicAt] == RecordBatch.Magic
            && RecordBatch.LastOffset(header) == BaseOffset + index.OffsetAt(entry);
    }

    /// <summary>Has the housekeeper write what the index files lack.</summary>
    internal void FlushIndexSoon() => _housekeeper.Post(new Chore(ChoreKind.FlushIndex, this));

    private string Beside(string suffix) => Path[..^LogSuffix.Length] + suffix;

    private long AgeMs(long maxTimestampMs) => _firstTimestampMs >= 0
        ? maxTimestampMs - _firstTimestampMs
        : DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - _openedMs;

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
