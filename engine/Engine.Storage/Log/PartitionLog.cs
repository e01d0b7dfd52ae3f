using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// The log of one partition: record batches, one behind the other, in segment files named by the offset they begin with.
/// <para>
/// Appends take the log's own lock, so that any loop may append to any partition. Reads take none: they see an immutable array of
/// segments, each with the size that was published behind its last write, and hold a segment by a counted reference. So a reader
/// never waits for a writer, and neither allocates.
/// </para>
/// <para>
/// The page cache is the only buffer, and no append waits for the device: what was appended survives the death of the process, and that of the
/// machine when it has been flushed (<see cref="FlushedOffset"/>), which is done elsewhere and can be waited for.
/// </para>
/// <para>
/// When a file cannot be written to, other than for want of room, or cannot be flushed, the log goes offline until the next start: nobody knows
/// then what of it is on the device, and whoever reads it on or appends to it would build on that.
/// </para>
/// </summary>
public sealed partial class PartitionLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly LogServices _services;
    private readonly LogFlush _flush;
    private readonly ProducerStates _producers;

    /// <summary>Oldest first, the last one is appended to; empty once deleted or closed. Replaced, never changed.</summary>
    private LogSegment[] _segments;
    private LogSegment _active;
    private LogConfig _config;
    private long _startOffset;
    private long _endOffset;
    private bool _tailDirty;
    private volatile bool _deleted;
    private volatile string? _offlineReason;

    /// <param name="segments">Oldest first; none when the log is offline from the start.</param>
    /// <param name="flushedOffset">Everything before it is on the device.</param>
    internal PartitionLog(
        string directory,
        LogConfig config,
        LogSegment[] segments,
        long endOffset,
        long flushedOffset,
        ProducerStates producers,
        LogServices services)
    {
        _directory = directory;
        Name = Path.GetFileName(directory);
        _config = config;
        _segments = segments;
        _active = segments.Length > 0 ? segments[^1] : null!;
        _startOffset = segments.Length > 0 ? segments[0].BaseOffset : endOffset;
        _endOffset = endOffset;
        _producers = producers;
        _services = services;
        _flush = new LogFlush(this, directory, services.Flusher, flushedOffset);
    }

    /// <summary>Topic and partition as in the folder's name: <c>orders-0</c>.</summary>
    public string Name { get; }

    /// <summary>What it is governed by at this moment.</summary>
    public LogConfig Config => Volatile.Read(ref _config);

    /// <summary>The first offset that can be read.</summary>
    public long StartOffset => Volatile.Read(ref _startOffset);

    /// <summary>The offset that the next record will get.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>Bytes of all batches in the log.</summary>
    public long SizeBytes
    {
        get
        {
            long sum = 0;
            foreach (LogSegment segment in Volatile.Read(ref _segments))
            {
                sum += segment.SizeBytes;
            }

            return sum;
        }
    }

    public bool IsDeleted => _deleted;

    /// <summary>What was appended seconds ago, and is in the page cache.</summary>
    public RecentAppends Recent { get; } = new();

    /// <summary>Its files have failed, or do not hold what they must; appends throw, and reads say so.</summary>
    public bool IsOffline => _offlineReason is not null;

    /// <summary>File, offset and what is wrong there; null while it is served.</summary>
    public string? OfflineReason => _offlineReason;

    /// <summary>Everything before it is on the device.</summary>
    public long FlushedOffset => _flush.FlushedOffset;

    /// <summary>True when every read waits for the device, also of what was appended just now.</summary>
    public bool ReadsWait => _services.Techniques.Cache == CacheTechnique.Direct;

    internal LogSegment[] Segments => Volatile.Read(ref _segments);

    /// <summary>
    /// Appends one whole batch, already validated, with one pwrite, after writing base offset and leader epoch 0 into it. Of the broker's own
    /// batches: those of clients go through <see cref="AppendFromProducer"/>.
    /// </summary>
    /// <returns>The base offset it got.</returns>
    /// <exception cref="LinuxException">There is no room; the log is as it was, and can be appended to again. Or its files have failed.</exception>
    /// <exception cref="LogOfflineException">Its files have failed before.</exception>
    /// <exception cref="LogDeletedException">The topic was deleted.</exception>
    public long Append(Span<byte> batch) => Append(batch, out _);

    /// <summary>The same, for who has to know when it is on the device.</summary>
    /// <param name="flushTo">The offset up to which the log has to be flushed before anybody is told; 0 when nobody need wait.</param>
    public long Append(Span<byte> batch, out long flushTo)
    {
        lock (_lock)
        {
            ThrowIfGone();
            long baseOffset = AppendOwned(batch);
            flushTo = _flush.OnAppend(_endOffset, Config);
            return baseOffset;
        }
    }

    /// <summary>
    /// Appends a batch of a client, already validated, as <see cref="Append(Span{byte})"/> does. One with a producer id is appended only when it is the next of
    /// its producer; where the topic's timestamps are the broker's, it is stamped.
    /// </summary>
    /// <exception cref="LinuxException">There is no room; the log is as it was, and can be appended to again. Or its files have failed.</exception>
    /// <exception cref="LogOfflineException">Its files have failed before.</exception>
    /// <exception cref="LogDeletedException">The topic was deleted.</exception>
    public AppendResult AppendFromProducer(Span<byte> batch)
    {
        bool hasProducer = RecordBatch.ProducerId(batch) > RecordBatch.NoProducerId;
        lock (_lock)
        {
            ThrowIfGone();
            StoredPart stored = default;
            if (hasProducer && !_producers.MayAppend(batch, out stored, out AppendResult refusal))
            {
                return refusal.Outcome == AppendOutcome.Duplicate
                    ? refusal with { FlushTo = _flush.OnDuplicate(refusal.BaseOffset) }
                    : refusal;
            }

            long timestampMs = RecordBatch.NoTimestamp;
            if (Config.MessageTimestampType == TimestampType.LogAppendTime)
            {
                // Under the lock, so that times go up with offsets.
                timestampMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            }

            if (Config.Batching == Batching.Record)
            {
                return AppendRecords(batch, hasProducer, stored, timestampMs);
            }

            if (timestampMs != RecordBatch.NoTimestamp)
            {
                RecordBatch.SetTimestamps(batch, logAppendTime: true, timestampMs);
            }

            long baseOffset = AppendOwned(batch);
            if (hasProducer)
            {
                _producers.Remember(batch);
            }

            return new AppendResult(AppendOutcome.Appended, baseOffset, timestampMs) { FlushTo = _flush.OnAppend(_endOffset, Config) };
        }
    }

    /// <summary>
    /// Finds the bytes to send to a reader at an offset: from the start of the batch that holds it to at most the end of its
    /// segment, perhaps cut in the middle of a batch. At the end offset the slice is empty. The slice must be released.
    /// </summary>
    /// <param name="maxBytes">The most that the slice holds.</param>
    /// <param name="minOneBatch">The first batch is given whole even if it is larger than that.</param>
    /// <exception cref="LinuxException">A header could not be read.</exception>
    /// <exception cref="CorruptLogException">The file does not hold what was written to it.</exception>
    public ReadResult TryRead(long offset, int maxBytes, bool minOneBatch, out LogSlice slice)
    {
        slice = default;
        if (IsOffline)
        {
            return ReadResult.Offline;
        }

        while (true)
        {
            // The end before the segments: every offset below it then lies in one of them.
            long end = EndOffset;
            LogSegment[] segments = Volatile.Read(ref _segments);
            if (segments.Length == 0)
            {
                return Gone();
            }

            if (offset < StartOffset || (offset > end && offset > EndBehindAppend()))
            {
                return ReadResult.OffsetOutOfRange;
            }

            if (offset >= end || (maxBytes <= 0 && !minOneBatch))
            {
                return ReadResult.Ok;
            }

            int index = SegmentLookup.Find(segments, offset);
            if (!segments[index].TryAcquire())
            {
                continue; // Retired since: what replaces the array was published before, so the next round sees it.
            }

            if (SegmentLookup.TrySlice(segments[index], offset, maxBytes, minOneBatch, out slice))
            {
                return ReadResult.Ok;
            }

            if (index + 1 == segments.Length)
            {
                throw new CorruptLogException($"{Name}: offset {offset} is in no batch below the end offset {end}");
            }

            offset = segments[index + 1].BaseOffset;
        }
    }

    /// <summary>True when the slice is of a segment that nothing is appended to any more: a read at its offset never brings more than it holds.</summary>
    public bool IsOfEndedSegment(in LogSlice slice) => Volatile.Read(ref _segments) is [.., LogSegment last] && !slice.IsOf(last);

    /// <summary>True when <see cref="TryRead"/> would not wait for the device; whether the slice is resident is for the slice to say.</summary>
    public bool CanFindWithoutDisk(long offset) =>
        offset < StartOffset || offset >= EndOffset || SegmentLookup.CanFindWithoutDisk(Volatile.Read(ref _segments), offset);

    /// <summary>
    /// The first record with a timestamp at or after the one given, or null when there is none. In a compressed batch: the batch's first
    /// record, for batches are not unpacked here. One segment is looked into, from where its time index says.
    /// </summary>
    /// <param name="timestampMs">Milliseconds since the Unix epoch.</param>
    public OffsetAndTimestamp? OffsetForTimestamp(long timestampMs) =>
        TimestampScan.Find(Volatile.Read(ref _segments), timestampMs, StartOffset);

    /// <summary>
    /// The first record with the largest timestamp of the log, or null when it is empty. In a compressed batch: the batch's first record.
    /// Reads the headers of the log.
    /// </summary>
    public OffsetAndTimestamp? OffsetOfMaxTimestamp() => TimestampScan.FindLargest(Volatile.Read(ref _segments), StartOffset);

    /// <summary>Closes the files; slices in flight keep theirs until they are released. The indexes are not written.</summary>
    public void Dispose() => Array.ForEach(LetGo(), segment => segment.Release());

    /// <summary>The topic is gone: no more appends or reads. The folder and its files are the caller's to remove.</summary>
    /// <returns>Segments, each with the log's reference, which is to be given back when the files have no name any more: then no crash brings them back.</returns>
    internal LogSegment[] MarkDeleted()
    {
        _deleted = true;
        return LetGo();
    }

    /// <summary>
    /// Has a waiter called when all before the offset is on the device: what <see cref="AppendResult.FlushTo"/> asks for.
    /// </summary>
    /// <param name="token">Given back with the call.</param>
    /// <param name="isFlushed">When there is nothing to wait for: whether it is on the device, or the log has failed or gone.</param>
    /// <returns>False when there is nothing to wait for, and the waiter is not called.</returns>
    public bool TryWaitForFlush(long offset, IFlushWaiter waiter, int token, out bool isFlushed) =>
        _flush.TryWait(offset, waiter, token, out isFlushed);

    /// <summary>Waits for the device, on the calling thread, until it has all that has been appended.</summary>
    internal void Flush() => _flush.FlushAll();

    /// <summary>The same, beside the flusher; false when the log has failed, and nobody knows what of it is on the device.</summary>
    public bool TryFlush()
    {
        long end = EndOffset;
        _flush.FlushAll();
        return !IsOffline && FlushedOffset >= end;
    }

    /// <summary>
    /// The end offset once an append that is under way has ended. Its bytes can be read a moment before the end says so; a
    /// reader that has just had them may ask for what comes behind.
    /// </summary>
    private long EndBehindAppend()
    {
        lock (_lock)
        {
            return _endOffset;
        }
    }

    /// <summary>The append itself, under the lock.</summary>
    private long AppendOwned(Span<byte> batch)
    {
        long baseOffset = _endOffset;
        long lastOffset = baseOffset + RecordBatch.LastOffsetDelta(batch);
        try
        {
            if (!_active.HasRoom(batch.Length, lastOffset, RecordBatch.MaxTimestamp(batch)))
            {
                Roll();
            }

            RecordBatch.Assign(batch, baseOffset, leaderEpoch: 0);
            CutDirtyTail();
            _active.Append(batch);
        }
        catch (LinuxException e)
        {
            throw Undone(e);
        }

        // Behind the segment's size: whoever sees this end finds the bytes.
        Volatile.Write(ref _endOffset, lastOffset + 1);
        Recent.Add(baseOffset);
        return baseOffset;
    }

    private void Roll()
    {
        LogSegment next = NextSegment(mayRecycle: true);
        LogSegment[] segments = [.. _segments, next];

        // By size only: what is too old has time until the next round.
        int dropped = LogRetention.Count(segments, Config, nowMs: null);
        Publish(segments, dropped, Math.Max(_startOffset, segments[dropped].BaseOffset));
        MarkOldestSoon();
    }

    /// <summary>Ends the segment that is appended to, and makes the next one.</summary>
    /// <param name="mayRecycle">The oldest one may go for it.</param>
    private LogSegment NextSegment(bool mayRecycle)
    {
        CutDirtyTail();
        _active.EndFile();
        LogSegment next = (mayRecycle ? TryRecycle() : null) ?? LogSegment.Create(_directory, _endOffset, Config, _services);
        _active.Seal();
        next.BeginsWithoutProducers = _producers.Count == 0;
        _services.Housekeeper.Post(new Chore(ChoreKind.TellRoll, _active));
        _active = next;

        if (!next.BeginsWithoutProducers)
        {
            // As they are now, before the batch that begins the segment: taken here, written elsewhere.
            _services.Housekeeper.Post(new Chore(ChoreKind.WriteSnapshot, next, Bytes: ProducerSnapshot.Encode(_producers.All)));
        }

        return next;
    }

    /// <summary>Lets go of the oldest segments, and makes the rest of them the log.</summary>
    private void Publish(LogSegment[] segments, int dropped, long startOffset)
    {
        // The start first: a reader that sees the shorter array must not look for an offset before it.
        Volatile.Write(ref _startOffset, startOffset);
        Volatile.Write(ref _segments, segments[dropped..]);
        for (int i = 0; i < dropped; i++)
        {
            segments[i].RetireFrom(this);
        }
    }

    /// <summary>Cuts off what a failed append left, now or before the next one. Any failure but want of room is the end.</summary>
    private LinuxException Undone(LinuxException cause)
    {
        _tailDirty = true;
        LinuxException worst = cause;
        try
        {
            CutDirtyTail();
        }
        catch (LinuxException e)
        {
            // The cause is what the caller has to hear. The tail stays marked, and no append goes ahead before it has been cut.
            worst = IsShortage(cause.Error) ? e : cause;
        }

        if (!IsShortage(worst.Error))
        {
            TakeOffline($"{_active.Path} at position {_active.SizeBytes} (offset {_endOffset}): {worst.Message}");
        }

        return new LinuxException("append", cause.Error, _active.Path);
    }

    /// <summary>Something has run out, and may be there again: room on the device, descriptors, memory.</summary>
    private static bool IsShortage(Errno error) =>
        error is Errno.ENOSPC or Errno.EDQUOT or Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM;

    private void CutDirtyTail()
    {
        if (_tailDirty)
        {
            _active.CutTail();
            _tailDirty = false;
        }
    }

    private LogSegment[] LetGo()
    {
        LogSegment[] segments;
        lock (_lock)
        {
            segments = _segments;
            Volatile.Write(ref _segments, []);
            _producers.Release();
        }

        _flush.Fail();

        foreach (LogSegment segment in segments)
        {
            segment.Retire();
        }

        return segments;
    }

    private ReadResult Gone()
    {
        ObjectDisposedException.ThrowIf(!_deleted, this);
        return ReadResult.Deleted;
    }

    private void ThrowIfGone()
    {
        if (_offlineReason is { } reason)
        {
            throw new LogOfflineException(Name, reason);
        }

        if (_segments.Length == 0)
        {
            ObjectDisposedException.ThrowIf(!_deleted, this);
            throw new LogDeletedException(Name);
        }
    }
}
