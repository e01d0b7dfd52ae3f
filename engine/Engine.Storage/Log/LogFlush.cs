using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// When one log is flushed, and the flush itself: after so many records (<c>flush.messages</c>), after so long (<c>flush.ms</c>), and each segment
/// some time after its end. Not at its end, as in Kafka: by then the kernel has mostly written it, so that it costs next to nothing, and a segment that
/// retention takes before costs nothing at all. Appends, under the log's lock, only ask; a flusher thread does it.
/// </summary>
internal sealed class LogFlush(PartitionLog log, string directory, Flusher flusher, long flushedOffset)
{
    private readonly FlushWaits _waits = new(flushedOffset);

    /// <summary>Up to where acknowledgements wait for a flush. Under the log's lock.</summary>
    private long _promised = flushedOffset;

    /// <summary>Up to where a flush has been asked for.</summary>
    private long _wanted = flushedOffset;
    private volatile bool _isTimed;

    /// <summary>Where the segment began that was appended to at the last round. The housekeeper's.</summary>
    private long _endedBefore = flushedOffset;

    /// <summary>The flusher's.</summary>
    internal FlushTurn Turn { get; set; }

    /// <summary>Everything before it is on the device: the recovery point.</summary>
    internal long FlushedOffset => _waits.FlushedOffset;

    /// <summary>Takes notice of an append. Under the log's lock.</summary>
    /// <returns>The offset up to which the log has to be flushed before the append is acknowledged; 0 when it need not wait.</returns>
    internal long OnAppend(long endOffset, LogConfig config)
    {
        if (config.FlushMessages != long.MaxValue && endOffset - Math.Max(_promised, FlushedOffset) >= config.FlushMessages)
        {
            _promised = endOffset;
            Ask(endOffset);
            return endOffset;
        }

        if (config.FlushMs != long.MaxValue && !_isTimed)
        {
            _isTimed = true;
            flusher.AskAt(this, Environment.TickCount64 + config.FlushMs);
        }

        return 0;
    }

    /// <summary>A batch that is in the log already came again: when its acknowledgement was to wait, this one waits too.</summary>
    internal long OnDuplicate(long offset) => offset < _promised && _promised > FlushedOffset ? _promised : 0;

    /// <summary>Asks for a flush of the segments that had ended already when this was last called. The housekeeper's, with each checkpoint.</summary>
    internal void FlushEnded()
    {
        if (_endedBefore > FlushedOffset)
        {
            Ask(_endedBefore);
        }

        if (log.Segments is [.., LogSegment active])
        {
            _endedBefore = active.BaseOffset;
        }
    }

    /// <summary>The time that an append asked for has come. The flusher's, under its lock.</summary>
    internal void OnDue()
    {
        _isTimed = false;
        Want(log.EndOffset);
    }

    /// <summary>Has a waiter called when all before the offset is on the device; false when that is so already, or will not be.</summary>
    internal bool TryWait(long offset, IFlushWaiter waiter, int token, out bool isFlushed) => _waits.TryAdd(offset, waiter, token, out isFlushed);

    /// <summary>The log is gone, or its files have failed.</summary>
    internal void Fail() => _waits.Fail();

    /// <summary>
    /// Waits for the device, up to what was wanted when it began; of the segment that is appended to, all of it or nothing. A failure takes
    /// the log offline: the kernel forgets what it could not write, so that a second attempt would succeed and mean nothing.
    /// </summary>
    internal void Flush()
    {
        long wanted = Volatile.Read(ref _wanted);
        long end = log.EndOffset;
        LogSegment[] segments = log.Segments;
        if (segments.Length == 0 || log.IsOffline)
        {
            _waits.Fail();
            return;
        }

        long from = FlushedOffset;
        if (wanted <= from)
        {
            return; // An earlier flush went further than it was asked to.
        }

        long target = wanted <= segments[^1].BaseOffset ? Math.Min(end, wanted) : end;
        try
        {
            bool hasNewFiles = false;
            for (int i = 0; i < segments.Length && segments[i].BaseOffset <= target; i++)
            {
                // Also of one that is still empty: those before it may be gone already.
                hasNewFiles |= segments[i].BaseOffset >= from;
                long next = i + 1 < segments.Length ? segments[i + 1].BaseOffset : target;
                if (next > from && segments[i].BaseOffset < target && segments[i].TryAcquire())
                {
                    Sync(segments[i]);
                }
            }

            if (hasNewFiles)
            {
                Files.SyncDirectory(directory);
            }
        }
        catch (LinuxException e)
        {
            // A log that is being deleted has lost its folder's name; nobody waits for it any more.
            log.TakeOffline($"a flush failed: {e.Message}");
            _waits.Fail();
            return;
        }

        _waits.Advance(target);
    }

    /// <summary>Flushes all of the log on the calling thread; the flusher may be at it too.</summary>
    internal void FlushAll()
    {
        Want(log.EndOffset);
        Flush();
    }

    private static void Sync(LogSegment segment)
    {
        try
        {
            Files.SyncData(segment.Store.File);
        }
        catch (LinuxException e)
        {
            throw new LinuxException("fdatasync", e.Error, segment.Path);
        }
        finally
        {
            segment.Release();
        }
    }

    private void Ask(long offset)
    {
        Want(offset);
        flusher.Ask(this);
    }

    private void Want(long offset)
    {
        long seen = Volatile.Read(ref _wanted);
        while (seen < offset)
        {
            long found = Interlocked.CompareExchange(ref _wanted, offset, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
