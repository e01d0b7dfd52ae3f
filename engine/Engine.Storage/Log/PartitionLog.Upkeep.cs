using Engine.Linux;

namespace Engine.Storage;

/// <content>What is done to a log besides appending and reading: segments begun and removed, records deleted, settings, going offline, the stop.</content>
public sealed partial class PartitionLog
{
    /// <summary>
    /// Has the next append begin a segment of its own, so that all before it can be removed by <see cref="RemoveSegmentsBefore"/>.
    /// </summary>
    /// <returns>The offset that the next record will get.</returns>
    /// <exception cref="LinuxException">The segment could not be made; the log is as it was.</exception>
    /// <exception cref="LogDeletedException">The topic was deleted.</exception>
    public long BeginSegment()
    {
        lock (_lock)
        {
            ThrowIfGone();
            if (_active.SizeBytes > 0)
            {
                Roll();
            }

            return _endOffset;
        }
    }

    /// <summary>Removes the segments that lie whole before an offset, oldest first. The active one always stays.</summary>
    public void RemoveSegmentsBefore(long offset)
    {
        lock (_lock)
        {
            int dropped = CountWholeBefore(offset);
            if (dropped > 0)
            {
                Publish(_segments, dropped, Math.Max(_startOffset, _segments[dropped].BaseOffset));
            }
        }
    }

    /// <summary>
    /// Deletes all records before an offset: they cannot be read from then on, and segments that hold nothing else are removed.
    /// That it starts there is kept over a restart by <see cref="LogManager.SaveStartOffsets"/>.
    /// </summary>
    /// <param name="offset">The first offset that stays; one before the start changes nothing.</param>
    /// <returns><see cref="ReadResult.OffsetOutOfRange"/> behind the log's end, which changes nothing.</returns>
    public ReadResult DeleteRecordsTo(long offset)
    {
        lock (_lock)
        {
            if (IsOffline)
            {
                return ReadResult.Offline;
            }

            if (_segments.Length == 0)
            {
                return Gone();
            }

            if (offset < 0 || offset > _endOffset)
            {
                return ReadResult.OffsetOutOfRange;
            }

            if (offset > _startOffset)
            {
                Publish(_segments, CountWholeBefore(offset), offset);
            }

            return ReadResult.Ok;
        }
    }

    /// <summary>Asks for a flush of the segments that ended some time ago. The housekeeper's.</summary>
    internal void FlushEnded() => _flush.FlushEnded();

    /// <summary>
    /// Has the indexes written of segments that were flushed. Not before: a start after a crash reads all of those that were not, and makes their
    /// indexes from what it read. Many that retention takes soon are never written. The housekeeper's.
    /// </summary>
    internal void WriteIndexes()
    {
        LogSegment[] segments = Volatile.Read(ref _segments);
        long flushed = FlushedOffset;
        for (int i = 0; i + 1 < segments.Length && segments[i + 1].BaseOffset <= flushed; i++)
        {
            if (!segments[i].IsIndexWritten)
            {
                segments[i].FlushIndexSoon();
            }
        }
    }

    /// <summary>Takes the log offline until the next start, and says why, once. Any thread.</summary>
    internal void TakeOffline(string reason)
    {
        lock (_lock)
        {
            if (_offlineReason is not null || _segments.Length == 0)
            {
                return;
            }

            _offlineReason = reason;
        }

        _services.Error($"event=log-offline log={Name} reason=\"{reason}\"");
        _flush.Fail();
    }

    /// <summary>Marks a log that could not be opened; the reason has been said.</summary>
    internal void StartOffline(string reason)
    {
        _startOffset = 0;
        _offlineReason = reason;
        _flush.Fail();
    }

    /// <summary>Lets go of segments that are beyond retention, the one that is appended to too when all of it is too old. The housekeeper's.</summary>
    internal void ApplyRetention(long nowMs)
    {
        lock (_lock)
        {
            if (_segments.Length == 0 || IsOffline)
            {
                return;
            }

            int dropped = LogRetention.Count(_segments, Config, nowMs);
            if (dropped == 0)
            {
                return;
            }

            LogSegment[] segments = dropped == _segments.Length ? [.. _segments, NextSegment(mayRecycle: false)] : _segments;
            Publish(segments, dropped, Math.Max(_startOffset, segments[dropped].BaseOffset));
        }
    }

    /// <summary>Forgets producers that have not appended for as long as they are remembered. The housekeeper's.</summary>
    internal void ForgetExpiredProducers()
    {
        lock (_lock)
        {
            _producers.RemoveExpired(Environment.TickCount64, intervalMs: 0);
        }
    }

    /// <summary>True when records before the start are still in a file, so that the files alone do not say where the log starts.</summary>
    internal bool StartsInsideSegment
    {
        get
        {
            LogSegment[] segments = Volatile.Read(ref _segments);
            return segments.Length > 0 ? StartOffset > segments[0].BaseOffset : IsOffline && StartOffset > 0;
        }
    }

    /// <summary>Takes up the start offset of an earlier run. A log that ends before it, as after a cut, goes on at it, empty.</summary>
    internal void RestoreStart(long offset)
    {
        lock (_lock)
        {
            if (_segments.Length == 0)
            {
                _startOffset = offset; // Offline: kept for when it is served again.
                return;
            }

            if (offset > _endOffset)
            {
                LogSegment[] old = _segments;
                Volatile.Write(ref _endOffset, offset);
                _active = LogSegment.Create(_directory, offset, Config, _services);
                Publish([.. old, _active], old.Length, offset);
                return;
            }
        }

        DeleteRecordsTo(offset);
    }

    /// <summary>Changes what governs the log, from the next append on.</summary>
    internal void UseConfig(LogConfig config)
    {
        lock (_lock)
        {
            Volatile.Write(ref _config, config);
            _active?.UseConfig(config);
        }
    }

    /// <summary>
    /// A clean stop: cuts what is not the log's, writes the rest of the indexes, closes. What was promised to be flushed is. To be called after
    /// housekeeper and flusher have stopped. Of a log that is offline the files are left as they are.
    /// </summary>
    internal void Close()
    {
        lock (_lock)
        {
            if (_segments.Length > 0 && !IsOffline)
            {
                CutDirtyTail();
                _active.EndFile();
                foreach (LogSegment segment in _segments)
                {
                    segment.CloseIndex();
                }

                if (Config.FlushMessages != long.MaxValue || Config.FlushMs != long.MaxValue)
                {
                    Flush();
                }

                _producers.RemoveExpired(Environment.TickCount64, intervalMs: 0);
                ProducerSnapshotFiles.WriteLast(_directory, _endOffset, _producers.All, _segments);
            }
        }

        Dispose();
    }

    /// <summary>How many of the oldest segments hold nothing from the offset on; never the active one.</summary>
    private int CountWholeBefore(long offset)
    {
        int count = 0;
        while (count < _segments.Length - 1 && _segments[count + 1].BaseOffset <= offset)
        {
            count++;
        }

        return count;
    }
}
