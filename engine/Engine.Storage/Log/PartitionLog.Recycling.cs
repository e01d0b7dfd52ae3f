using Engine.Linux;

namespace Engine.Storage;

/// <content>
/// Removed segments whose files are written again. A log that is written and let go of in memory, as a ring, would otherwise have the kernel
/// free and allocate every page it writes.
/// <para>
/// sendfile lends pages to the socket, and over loopback to the receiver's queue: bytes that a reader has not received yet change when their
/// file is written again. So a file is kept only when every <see cref="SegmentLoan"/> of it has been given back; else it is removed as ever.
/// </para>
/// <para>
/// One file is enough as long as it is ready before the next roll. Where the device is busy the folder takes longer to be synced than a segment
/// to be filled, and more are needed.
/// </para>
/// </content>
public sealed partial class PartitionLog
{
    /// <summary>What the next segments are written into; its own lock. At most half as many as the log has segments, or one.</summary>
    private readonly Queue<SpareFile> _spares = new();

    /// <summary>Without the old name, which may still be on the device. The housekeeper's.</summary>
    private readonly List<SpareFile> _unsynced = [];

    /// <summary>The fewest that there have been since the last round: so many were of no use.</summary>
    private int _sparesUnused;

    /// <summary>
    /// Removes the files of a segment that the log has let go of, or keeps the log's file for a segment to come. The housekeeper's, who has the
    /// log's reference.
    /// </summary>
    internal void RemoveFiles(LogSegment segment)
    {
        bool ended = false;
        SpareFile? spare = null;
        try
        {
            Files.Remove(segment.IndexPath);
            Files.Remove(segment.TimeIndexPath);
            Files.Remove(segment.SnapshotPath);
            ended = MayKeep(segment) && segment.TryEnd();
            spare = ended && !segment.IsLent ? SpareFile.TryTake(segment) : null;
            if (spare is null)
            {
                Files.Remove(segment.Path);
            }
            else
            {
                _unsynced.Add(spare);
                if (_unsynced.Count == 1)
                {
                    _services.Housekeeper.Post(new Chore(ChoreKind.OfferSpares, null, Log: this));
                }
            }

            _services.Log($"event=segment-deleted segment={segment.Path} bytes={segment.SizeBytes} file={(spare is null ? "removed" : "kept")}");
        }
        finally
        {
            if (!ended)
            {
                segment.Release();
            }
            else if (spare is null)
            {
                segment.Store.File.Dispose();
            }
        }
    }

    /// <summary>Makes the kept files ready to be written to, all with one wait for the device. The housekeeper's.</summary>
    internal void OfferSpares()
    {
        try
        {
            Files.SyncDirectory(_directory);
            foreach (SpareFile spare in _unsynced)
            {
                spare.Prepare();
            }

            lock (_spares)
            {
                _unsynced.ForEach(_spares.Enqueue);
            }
        }
        catch
        {
            _unsynced.ForEach(spare => spare.Remove());
            throw;
        }
        finally
        {
            _unsynced.Clear();
        }

        if (IsGone)
        {
            DropSpares(0);
        }
    }

    /// <summary>Removes spare files up to a number of them. The housekeeper's.</summary>
    internal void DropSpares(int left)
    {
        while (TryTakeSpare(left) is { } spare)
        {
            spare.Remove();
        }
    }

    /// <summary>Removes the spare files that were there all the time since the last round. The housekeeper's.</summary>
    private void DropUnusedSpares()
    {
        int used;
        lock (_spares)
        {
            used = Math.Max(0, _spares.Count - _sparesUnused);
        }

        DropSpares(left: used);
        lock (_spares)
        {
            _sparesUnused = int.MaxValue;
        }
    }

    /// <summary>Where nothing is flushed on demand: a flush would write what the file held before.</summary>
    private bool MayKeep(LogSegment segment) =>
        Config is { RecyclesSegments: true, FlushMessages: long.MaxValue, FlushMs: long.MaxValue }
        && segment.Store is SequentialStore
        && SpareFiles + _unsynced.Count < Math.Max(1, Volatile.Read(ref _segments).Length / 2)
        && !IsGone;

    /// <summary>Files that are ready to be written to.</summary>
    internal int SpareFiles
    {
        get
        {
            lock (_spares)
            {
                return _spares.Count;
            }
        }
    }

    private bool IsGone => Volatile.Read(ref _segments).Length == 0;

    /// <summary>A new segment at the log's end, in a spare file if there is one.</summary>
    private LogSegment CreateSegment()
    {
        if (TryTakeSpare(0) is { } spare)
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

    private SpareFile? TryTakeSpare(int left)
    {
        lock (_spares)
        {
            if (_spares.Count <= left)
            {
                return null;
            }

            _sparesUnused = Math.Min(_sparesUnused, _spares.Count - 1);
            return _spares.Dequeue();
        }
    }
}
