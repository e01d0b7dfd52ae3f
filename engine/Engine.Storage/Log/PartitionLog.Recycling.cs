using Engine.Linux;

namespace Engine.Storage;

/// <content>
/// The next segment in the file of the oldest one. A log that is written and let go of in memory, as a ring, would otherwise have the kernel
/// free and allocate every page it writes.
/// <para>
/// At the roll itself, and not a file kept for later: between two rolls a ring would then hold one more file of dirty pages than it has segments,
/// and what lies above the kernel's background threshold is written to the device although it is about to be overwritten.
/// </para>
/// <para>
/// sendfile lends pages to the socket, and over loopback to the receiver's queue: bytes that a reader has not received yet change when their
/// file is written again. So it is, only when every <see cref="SegmentLoan"/> of it has been given back; else it is removed as ever.
/// </para>
/// <para>
/// The segment's name may come back when the power fails soon after the roll. So it is marked on the device beforehand
/// (<see cref="RecycleOffsets"/>): a start checks what is marked, and lets go of it where it has been written over. As long as a mark is not on
/// the device, new files are taken.
/// </para>
/// </content>
public sealed partial class PartitionLog
{
    /// <summary>
    /// The one that goes at the next roll, and the one after it. Of more segments half are marked, so that a device that is busy has the time of
    /// some of them to take up a mark.
    /// </summary>
    private const int SegmentsMarkedLeast = 2;

    /// <summary>
    /// Segments end with the last batch that fits, so that a ring of full ones is a little less than <c>retention.bytes</c>. By so little (a
    /// hundredth) it may be less when the oldest goes into the next.
    /// </summary>
    private const int RetentionPart = 100;

    private long _rolledNanos = MonotonicClock.Nanos();

    /// <summary>Segments that begin before it may be written over, once that is on the device. The housekeeper's.</summary>
    internal long RecycleOffset { get; private set; }

    /// <summary>
    /// Removes the files of a segment that the log has let go of, but for the one in which another segment is now. The housekeeper's, who has the
    /// log's reference.
    /// </summary>
    internal void RemoveFiles(LogSegment segment)
    {
        using (segment.FilesLock.EnterScope())
        {
            // Whoever makes a file of it has made it now, or finds it retired.
        }

        try
        {
            if (segment.HasFilesBeside)
            {
                Files.Remove(segment.IndexPath);
                Files.Remove(segment.TimeIndexPath);
                Files.Remove(segment.SnapshotPath);
            }

            if (!segment.IsRecycled)
            {
                Files.Remove(segment.Path);
            }

            _services.Log(
                $"event=segment-deleted segment={segment.Path} bytes={segment.SizeBytes} file={(segment.IsRecycled ? "recycled" : "removed")}");
        }
        finally
        {
            if (!segment.IsRecycled)
            {
                segment.Release();
            }
        }
    }

    /// <summary>Chooses of the segments that go next those that are worth writing over, and have no mark. The housekeeper's.</summary>
    internal void ChooseOldest(List<LogSegment> chosen)
    {
        LogSegment[] segments = Volatile.Read(ref _segments);
        for (int i = 0; i < MarkedOf(segments); i++)
        {
            if (!segments[i].IsMarked && MayRecycle(segments[i]))
            {
                chosen.Add(segments[i]);
                RecycleOffset = segments[i + 1].BaseOffset;
            }
        }
    }

    /// <summary>How many of the oldest are to be marked: never the one that is appended to, and none of a log that was closed.</summary>
    private static int MarkedOf(LogSegment[] segments) => Math.Clamp(segments.Length - 1, 0, Math.Max(SegmentsMarkedLeast, segments.Length / 2));

    /// <summary>Only what is in memory as a whole is worth it. Nothing where flushes are asked for: they would write what the file held before.</summary>
    private bool MayRecycle(LogSegment segment) =>
        Config.IsRing
        && segment.Store is SequentialStore
        && Leftover.Fits(segment.SizeBytes)
        && IsInMemory(segment);

    /// <summary>True when all of its file is in memory; false also when nobody has it open any more.</summary>
    private static bool IsInMemory(LogSegment segment)
    {
        if (!segment.TryAcquire())
        {
            return false;
        }

        try
        {
            return PageCache.IsResident(segment.Store.File, 0, segment.SizeBytes);
        }
        finally
        {
            segment.Release();
        }
    }

    /// <summary>
    /// Has the next segments marked, if at the next roll the oldest will go and half of those that are to be marked are not: a mark is a write to the
    /// device. It has half the time of a segment for it.
    /// </summary>
    private void MarkOldestSoon()
    {
        LogSegment[] segments = _segments;
        long nowNanos = MonotonicClock.Nanos();
        long dueNanos = nowNanos + ((nowNanos - _rolledNanos) / 2);
        _rolledNanos = nowNanos;
        if (Config.RecyclesSegments
            && segments.Length > 1
            && StaysWithoutOldest(segments, Config.SegmentBytes)
            && !(segments[0].IsMarked && segments[MarkedOf(segments) / 2].IsMarked)
            && _services.RecycleOffsets.Ask(this, dueNanos) is long saveNanos)
        {
            _services.Housekeeper.Post(new Chore(ChoreKind.MarkOldest, null), saveNanos);
        }
    }

    /// <summary>The next segment in the file of the oldest one, if that can go. Null when it cannot, or when its file is not to be had.</summary>
    private LogSegment? TryRecycle()
    {
        LogSegment[] segments = _segments;
        LogSegment oldest = segments[0];
        if (segments.Length < 2 || !oldest.IsMarked || !Config.RecyclesSegments || !StaysWithoutOldest(segments, moreBytes: 0))
        {
            return null;
        }

        // No reader comes to it from here on.
        Volatile.Write(ref _startOffset, Math.Max(_startOffset, segments[1].BaseOffset));
        Volatile.Write(ref _segments, segments[1..]);
        LogSegment? next = null;
        if (oldest.TryEnd())
        {
            try
            {
                next = LogSegment.CreateFrom(oldest, _directory, _endOffset, Config, _services);
            }
            catch (LinuxException e)
            {
                oldest.UndoEnd();
                _services.Log($"event=segment-not-recycled segment={oldest.Path} reason=\"{e.Message}\"");
            }
        }

        oldest.RetireFrom(this, recycled: next is not null);
        return next;
    }

    /// <summary>True when the log is as large as it has to be without its oldest segment.</summary>
    private bool StaysWithoutOldest(LogSegment[] segments, long moreBytes)
    {
        long least = Config.RetentionBytes;
        if (least < 0)
        {
            return false;
        }

        long left = moreBytes;
        foreach (LogSegment segment in segments.AsSpan(1))
        {
            left += segment.SizeBytes;
        }

        return left >= least - (least / RetentionPart);
    }
}
