using Engine.Linux;

namespace Engine.Storage;

internal enum ChoreKind
{
    /// <summary>Appends the entries of a segment's indexes to their files.</summary>
    FlushIndex,

    /// <summary>Begins to write some of a ring to the device, before the kernel begins to write all of it.</summary>
    WriteAhead,

    /// <summary>Unlinks a segment's files; whoever reads them goes on reading.</summary>
    RemoveFiles,

    /// <summary>Marks the oldest segments of the logs that asked for it as ones that may be written over.</summary>
    MarkOldest,

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
/// Does what the event loops must not wait for, on two threads: one frees the space of files, which takes tens of milliseconds for 256 MiB, and many
/// times as long where the filesystem tells the device of every block (mount option <c>discard</c>); the other does the rest, above all what a roll
/// soon needs, and does not wait for the first. Each does its chores in the order in which they were posted, or when they are due. Not the thread pool: order matters
/// (oldest segment first, so that a crash leaves no hole), and a loop must never queue behind somebody else's work.
/// </summary>
internal sealed class Housekeeper
{
    private readonly Action<string> _log;
    private readonly ChoreThread _keeper;
    private readonly ChoreThread _remover;

    internal Housekeeper(Action<string> log)
    {
        _log = log;
        _keeper = new ChoreThread("log housekeeper", Do);
        _remover = new ChoreThread("log remover", Do);
    }

    /// <summary>What is done for <see cref="ChoreKind.ForgetProducers"/>; the manager's, who knows all logs.</summary>
    internal Action? ForgetProducers { get; init; }

    /// <summary>What is done for <see cref="ChoreKind.ApplyRetention"/>.</summary>
    internal Action? ApplyRetention { get; init; }

    /// <summary>What is done for <see cref="ChoreKind.SaveRecoveryPoints"/>.</summary>
    internal Action? SaveRecoveryPoints { get; init; }

    /// <summary>What is done for <see cref="ChoreKind.MarkOldest"/>.</summary>
    internal Action? MarkOldest { get; init; }

    /// <summary>Hands a chore over. Any thread; after <see cref="Stop"/> the caller does it itself.</summary>
    /// <param name="dueNanos">When it is due, by <see cref="MonotonicClock"/>, if not at once.</param>
    internal void Post(in Chore chore, long? dueNanos = null)
    {
        bool frees = chore.Kind is ChoreKind.RemoveFiles or ChoreKind.CloseFile or ChoreKind.EmptyFolder or ChoreKind.RemoveFolder;
        if (!(frees ? _remover : _keeper).TryPost(chore, dueNanos))
        {
            Do(chore);
        }
    }

    /// <summary>Does all that was posted, then ends the threads.</summary>
    internal void Stop()
    {
        _keeper.Stop();
        _remover.Stop();
    }

    private void Do(Chore chore)
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
                case ChoreKind.WriteAhead:
                    // The reference keeps its file open: the other thread closes it when the last one has gone.
                    if (chore.Segment!.TryAcquire())
                    {
                        chore.Segment.WriteAhead();
                        chore.Segment.Release();
                    }

                    break;
                case ChoreKind.MarkOldest:
                    MarkOldest?.Invoke();
                    break;
                case ChoreKind.CloseFile:
                    chore.Segment!.Store.Close();
                    break;
                case ChoreKind.WriteSnapshot:
                    using (chore.Segment!.FilesLock.EnterScope())
                    {
                        if (!chore.Segment.IsRetired)
                        {
                            chore.Segment.HasFilesBeside = true;
                            ProducerSnapshotFiles.Write(Path.GetDirectoryName(chore.Segment.Path)!, chore.Segment.BaseOffset, chore.Bytes);
                        }
                    }

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
            if (chore.Segment is not { IsRetired: true } || chore.Kind is not (ChoreKind.FlushIndex or ChoreKind.WriteSnapshot))
            {
                _log($"event=chore-failed chore={chore.Kind} path={chore.Folder ?? chore.Segment?.Path ?? chore.Log?.Name ?? "data-directory"} reason=\"{e.Message}\"");
            }
        }
    }
}
