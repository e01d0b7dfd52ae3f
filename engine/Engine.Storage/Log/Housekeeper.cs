using Engine.Linux;

namespace Engine.Storage;

internal enum ChoreKind
{
    /// <summary>Appends the waiting entries of a segment's indexes to their files.</summary>
    FlushIndex,

    /// <summary>Begins to write some of a ring to the device, before the kernel begins to write all of it.</summary>
    WriteAhead,

    /// <summary>Unlinks a segment's files; whoever reads them goes on reading.</summary>
    RemoveFiles,

    /// <summary>Marks the log's oldest segments as ones that may be written over.</summary>
    MarkOldest,

    /// <summary>Makes marks durable, after which their segments may be.</summary>
    SyncMarks,

    /// <summary>Closes a segment's file after its last reference has gone: if its name has too, this is what frees its pages.</summary>
    CloseFile,

    /// <summary>Writes the producers as they were when a segment was begun, beside it.</summary>
    WriteSnapshot,

    /// <summary>Writes down the next block of producer ids.</summary>
    ReserveProducerIds,

    /// <summary>Forgets expired producers in all partitions.</summary>
    ForgetProducers,

    /// <summary>Tells that a segment was completed: a line of the log is nothing that an append waits for.</summary>
    TellRoll,

    /// <summary>Lets go of what is beyond retention in all partitions.</summary>
    ApplyRetention,

    /// <summary>Writes down up to where the logs have been flushed.</summary>
    SaveRecoveryPoints,

    /// <summary>Removes the files in the renamed folder of a deleted partition, and leaves the folder as a sign.</summary>
    EmptyFolder,

    /// <summary>Removes the renamed folder of a deleted partition with all that is in it.</summary>
    RemoveFolder,
}

internal readonly record struct Chore(
    ChoreKind Kind, LogSegment? Segment, string? Folder = null, byte[]? Bytes = null, ProducerIdAllocator? Ids = null, PartitionLog? Log = null);

/// <summary>
/// The one thread that does what the event loops must not wait for: freeing a file of 256 MiB takes tens of milliseconds, and index
/// files are written through the filesystem's journal. Chores are done in the order in which they were posted. Not the thread pool:
/// order matters (oldest segment first, so that a crash leaves no hole), and a loop must never queue behind somebody else's work.
/// </summary>
internal sealed class Housekeeper
{
    /// <summary>So many logs are synced together at most.</summary>
    private const int MarkingMost = 64;

    /// <summary>And so long the first of them waits, while there is other work.</summary>
    private const int MarkingMs = 10;

    private readonly Queue<Chore> _chores = new(64);

    /// <summary>
    /// Logs whose marks are to be synced, once there is nothing else to do: the first sync commits what all of them wrote to the filesystem's journal,
    /// and the others find little left.
    /// </summary>
    private readonly List<Chore> _marking = new(MarkingMost);
    private long _markingSinceMs;
    private readonly Action<string> _log;
    private readonly Thread _thread;
    private bool _stopping;
    private bool _stopped;

    internal Housekeeper(Action<string> log)
    {
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "log housekeeper" };
        _thread.Start();
    }

    /// <summary>What is done for <see cref="ChoreKind.ForgetProducers"/>; the manager's, who knows all logs.</summary>
    internal Action? ForgetProducers { get; init; }

    /// <summary>What is done for <see cref="ChoreKind.ApplyRetention"/>.</summary>
    internal Action? ApplyRetention { get; init; }

    /// <summary>What is done for <see cref="ChoreKind.SaveRecoveryPoints"/>.</summary>
    internal Action? SaveRecoveryPoints { get; init; }

    /// <summary>Hands a chore over. Any thread; after <see cref="Stop"/> the caller does it itself.</summary>
    internal void Post(in Chore chore)
    {
        lock (_chores)
        {
            if (!_stopped)
            {
                _chores.Enqueue(chore);
                Monitor.Pulse(_chores);
                return;
            }
        }

        Do(chore);
        SyncMarks();
    }

    /// <summary>Does all that was posted, then ends the thread.</summary>
    internal void Stop()
    {
        lock (_chores)
        {
            _stopping = true;
            Monitor.Pulse(_chores);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (TryTake(out Chore? chore))
        {
            if (chore is { } next)
            {
                Do(next);
            }

            if (chore is null || _marking.Count >= MarkingMost || Environment.TickCount64 - _markingSinceMs >= MarkingMs)
            {
                SyncMarks();
            }
        }
    }

    /// <summary>Waits for the next chore; null when there is none at the moment and marks are to be synced. False when stopped, with nothing left to do.</summary>
    private bool TryTake(out Chore? chore)
    {
        lock (_chores)
        {
            chore = null;
            while (true)
            {
                if (_chores.TryDequeue(out Chore next))
                {
                    chore = next;
                    return true;
                }

                if (_marking.Count > 0)
                {
                    return true;
                }

                if (_stopping)
                {
                    _stopped = true;
                    return false;
                }

                Monitor.Wait(_chores);
            }
        }
    }

    private void SyncMarks()
    {
        foreach (Chore chore in _marking)
        {
            Do(chore with { Kind = ChoreKind.SyncMarks });
        }

        _marking.Clear();
    }

    private void Do(in Chore chore)
    {
        try
        {
            switch (chore.Kind)
            {
                case ChoreKind.FlushIndex:
                    chore.Segment!.FlushIndex();
                    break;
                case ChoreKind.TellRoll:
                    _log($"event=roll segment={chore.Segment!.Path} bytes={chore.Segment.SizeBytes}");
                    break;
                case ChoreKind.RemoveFiles:
                    chore.Log!.RemoveFiles(chore.Segment!);
                    break;
                case ChoreKind.WriteAhead when !chore.Segment!.IsRetired:
                    chore.Segment.WriteAhead();
                    break;
                case ChoreKind.WriteAhead:
                    break;
                case ChoreKind.MarkOldest:
                    chore.Log!.BeginMarking();
                    _markingSinceMs = _marking.Count == 0 ? Environment.TickCount64 : _markingSinceMs;
                    _marking.Add(chore);
                    break;
                case ChoreKind.SyncMarks:
                    chore.Log!.EndMarking();
                    break;
                case ChoreKind.CloseFile:
                    chore.Segment!.Store.File.Dispose();
                    break;
                case ChoreKind.WriteSnapshot when !chore.Segment!.IsRetired:
                    ProducerSnapshotFiles.Write(Path.GetDirectoryName(chore.Segment.Path)!, chore.Segment.BaseOffset, chore.Bytes);
                    break;
                case ChoreKind.WriteSnapshot:
                    break;
                case ChoreKind.ReserveProducerIds:
                    chore.Ids!.Reserve(onlyWhenEmpty: false);
                    break;
                case ChoreKind.ForgetProducers:
                    ForgetProducers?.Invoke();
                    break;
                case ChoreKind.ApplyRetention:
                    ApplyRetention?.Invoke();
                    break;
                case ChoreKind.SaveRecoveryPoints:
                    SaveRecoveryPoints?.Invoke();
                    break;
                case ChoreKind.EmptyFolder:
                    foreach (string file in Directory.EnumerateFiles(chore.Folder!))
                    {
                        Files.Remove(file);
                    }

                    break;
                case ChoreKind.RemoveFolder:
                    Directory.Delete(chore.Folder!, recursive: true);
                    break;
                default:
                    throw new InvalidOperationException($"no such chore: {chore.Kind}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // None of these loses data: an index is rebuilt from its log, names that stay are met again at the next start, and with older recovery
            // points the next start reads more.
            if (chore.Segment is not { IsRetired: true } || chore.Kind is not (ChoreKind.FlushIndex or ChoreKind.WriteSnapshot or ChoreKind.MarkOldest or ChoreKind.SyncMarks))
            {
                _log($"event=chore-failed chore={chore.Kind} path={chore.Folder ?? chore.Segment?.Path ?? chore.Log?.Name ?? "data-directory"} reason=\"{e.Message}\"");
            }
        }
    }
}
