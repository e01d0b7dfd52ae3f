using Engine.Linux;

namespace Engine.Storage;

/// <content>
/// Removed segments whose files are written again. A log that is written and let go of in memory, as a ring, would otherwise have the kernel
/// free and allocate every page it writes.
/// <para>
/// sendfile lends pages to the socket, and over loopback to the receiver's queue: bytes that a reader has not received yet change when their
/// file is written again. So a file is kept only when every <see cref="SegmentLoan"/> of it has been given back; else it is removed as ever.
/// </para>
/// </content>
public sealed partial class PartitionLog
{
    /// <summary>What the next segment is written into; at most one.</summary>
    private SpareFile? _spare;

    /// <summary>It was there at the last round already: a log that does not roll in that time has no use for it.</summary>
    private SpareFile? _spareSeen;

    /// <summary>
    /// Removes the files of a segment that the log has let go of, or keeps the log's file for the next segment. The housekeeper's, who has the
    /// log's reference.
    /// </summary>
    internal void RemoveFiles(LogSegment segment)
    {
        bool ended = false;
        bool kept = false;
        try
        {
            Files.Remove(segment.IndexPath);
            Files.Remove(segment.TimeIndexPath);
            Files.Remove(segment.SnapshotPath);
            ended = MayKeep(segment) && segment.TryEnd();
            kept = ended && !segment.IsLent && TryKeep(segment);
            if (!kept)
            {
                Files.Remove(segment.Path);
            }

            _services.Log($"event=segment-deleted segment={segment.Path} bytes={segment.SizeBytes} file={(kept ? "kept" : "removed")}");
        }
        finally
        {
            if (!ended)
            {
                segment.Release();
            }
            else if (!kept)
            {
                segment.Store.File.Dispose();
            }
        }
    }

    /// <summary>Removes the spare file if it has been there since the last round. The housekeeper's.</summary>
    private void ForgetOldSpare()
    {
        SpareFile? spare = Volatile.Read(ref _spare);
        if (spare is not null && spare == _spareSeen && Interlocked.CompareExchange(ref _spare, null, spare) == spare)
        {
            spare.Remove();
            spare = null;
        }

        _spareSeen = spare;
    }

    /// <summary>Where nothing is flushed on demand: a flush would write what the file held before.</summary>
    private bool MayKeep(LogSegment segment) =>
        Config is { RecyclesSegments: true, FlushMessages: long.MaxValue, FlushMs: long.MaxValue }
        && segment.Store is SequentialStore
        && !segment.IsLent
        && Volatile.Read(ref _spare) is null
        && !IsGone;

    private bool TryKeep(LogSegment segment)
    {
        if (SpareFile.TryMake(segment, _directory) is not { } spare)
        {
            return false;
        }

        Interlocked.Exchange(ref _spare, spare);
        if (IsGone)
        {
            DropSpare();
        }

        return true;
    }

    private bool IsGone => Volatile.Read(ref _segments).Length == 0;

    /// <summary>A new segment at the log's end, in the spare file if there is one.</summary>
    private LogSegment CreateSegment()
    {
        if (Interlocked.Exchange(ref _spare, null) is { } spare)
        {
            try
            {
                return LogSegment.Create(_directory, _endOffset, Config, _services, spare);
            }
            catch (LinuxException e)
            {
                _services.Log($"event=spare-not-used log={Name} reason=\"{e.Message}\"");
                spare.Remove();
            }
        }

        return LogSegment.Create(_directory, _endOffset, Config, _services);
    }

    /// <summary>Removes the spare file. The housekeeper's.</summary>
    internal void DropSpare() => Interlocked.Exchange(ref _spare, null)?.Remove();
}
