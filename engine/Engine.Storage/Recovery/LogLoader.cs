using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Makes a partition's folder into a log. After a clean stop the files are taken as they are, their ends and indexes looked at; otherwise so are
/// those before the recovery point, and of the rest every batch is checked and the log ends before the first that is not right. Whatever is
/// cut, removed or passed over is said in a line of its own. Nothing before the recovery point is ever cut: a log that lacks some of it
/// is offline, its files untouched. Belongs to the thread that opens the data directory.
/// </summary>
internal sealed class LogLoader(LogConfig config, ProducerLimits limits, LogServices services, SegmentScanner scanner, RecoveryReport totals)
{
    private RecoveryReport _report = new();

    /// <summary>Opens the log of a folder, which is made if it is not there.</summary>
    /// <param name="recoveryPoint">Everything before it was flushed.</param>
    /// <param name="recycleOffset">Segments that begin before it may have been written over.</param>
    internal PartitionLog Open(string directory, bool clean, long recoveryPoint, long recycleOffset)
    {
        _report = new RecoveryReport();
        Files.CreateDirectory(directory);
        string name = Path.GetFileName(directory);
        List<long> baseOffsets = PartitionFiles.ListSegments(directory, name, services.Log);
        List<LogSegment> segments = [];
        ProducerStates producers = new(limits, config.Batching);
        try
        {
            if (!clean || !TryOpenClean(directory, name, baseOffsets, segments, ref producers, out long endOffset))
            {
                LetGoOfOverwritten(directory, name, baseOffsets, recycleOffset);
                Recover(directory, name, baseOffsets, recoveryPoint, segments, producers, out endOffset);
            }

            if (endOffset < recoveryPoint)
            {
                throw new FlushedDataException($"{directory}: the log ends at offset {endOffset}", recoveryPoint);
            }

            return Finish(directory, name, segments, endOffset, recoveryPoint, producers);
        }
        catch (FlushedDataException e)
        {
            Drop(segments);
            producers.Release();
            services.Error($"event=log-offline log={name} reason=\"{e.Message}\"");
            PartitionLog offline = new(directory, config, [], recoveryPoint, recoveryPoint, new ProducerStates(limits, config.Batching), services);
            offline.StartOffline(e.Message);
            return offline;
        }
        catch
        {
            Drop(segments);
            producers.Release();
            throw;
        }
    }

    private PartitionLog Finish(
        string directory, string name, List<LogSegment> segments, long endOffset, long recoveryPoint, ProducerStates producers)
    {
        if (segments.Count == 0)
        {
            segments.Add(LogSegment.Create(directory, endOffset, config, services));
        }

        producers.CutToLimit();
        _report.MaxProducerId = producers.MaxId;
        for (int i = 0; i < segments.Count - 1; i++)
        {
            segments[i].Seal();
            segments[i].FlushIndexSoon();
        }

        segments[^1].LoadFirstTimestamp();
        if (_report.HadWork)
        {
            services.Log($"event=log-recovered log={name} start_offset={segments[0].BaseOffset} end_offset={endOffset}"
                + $" recovery_point={recoveryPoint} {_report}");
        }

        totals.Add(_report);
        return new PartitionLog(directory, config, [.. segments], endOffset, recoveryPoint, producers, services);
    }

    /// <summary>After a clean stop. False, with nothing open, when the files do not fit together: then they have to be checked.</summary>
    private bool TryOpenClean(
        string directory, string name, List<long> baseOffsets, List<LogSegment> segments, ref ProducerStates producers, out long endOffset)
    {
        string? fault = TakeOver(directory, name, baseOffsets, lastIsActive: true, segments, out endOffset);
        if (fault is null)
        {
            try
            {
                ProducerReplay.AfterCleanStop(directory, segments, endOffset, producers, services.Log);
                return true;
            }
            catch (CorruptLogException e)
            {
                fault = e.Message;
            }
        }

        services.Log($"{name}: {fault}, although the last stop was clean; checking it");
        Drop(segments);
        producers.Release();
        producers = new ProducerStates(limits, config.Batching);
        _report = new RecoveryReport();
        return false;
    }

    /// <summary>
    /// Opens segments with their indexes and walks each from its last index entry to its end; indexes that are not right are made anew. Not null:
    /// what does not fit together, with file and offset.
    /// </summary>
    /// <param name="lastIsActive">The last of them is the log's last.</param>
    private string? TakeOver(
        string directory, string name, List<long> baseOffsets, bool lastIsActive, List<LogSegment> segments, out long endOffset)
    {
        endOffset = baseOffsets.Count > 0 ? baseOffsets[0] : 0;
        foreach (long baseOffset in baseOffsets)
        {
            LogSegment segment = OpenSegment(directory, baseOffset);
            segments.Add(segment);
            if (baseOffset != endOffset)
            {
                return $"{segment.Path} begins at offset {baseOffset}, the segment before it ends at {endOffset}";
            }

            bool isLast = lastIsActive && segments.Count == baseOffsets.Count;
            if (!IndexLoader.TryLoad(segment, config, isLast, out SegmentIndexes? indexes, out endOffset))
            {
                if (!SegmentScanner.TryIndexHeaders(segment, config, out indexes, out endOffset))
                {
                    return $"{segment.Path} does not consist of batches behind offset {endOffset}";
                }

                services.Log($"{name}: the indexes of {Path.GetFileName(segment.Path)} are missing or not its own; rebuilt");
                _report.IndexesRebuilt++;
            }

            segment.ReplaceIndexes(indexes);
            _report.Segments++;
        }

        return null;
    }

    /// <summary>
    /// After a loss of power a segment may have its name back and another one's bytes, if it was allowed to be written over. It and those before it
    /// were let go of then. One that is whole was not written over, and stays.
    /// </summary>
    private void LetGoOfOverwritten(string directory, string name, List<long> baseOffsets, long recycleOffset)
    {
        for (int i = baseOffsets.Count - 1; i >= 0; i--)
        {
            if (baseOffsets[i] < recycleOffset
                && FaultOf(directory, baseOffsets[i], i + 1 < baseOffsets.Count ? baseOffsets[i + 1] : null) is { } fault)
            {
                foreach (long baseOffset in baseOffsets[..(i + 1)])
                {
                    string file = Path.GetFileName(LogSegment.LogPath(directory, baseOffset));
                    services.Log($"{name}: {file} removed: the log had let go of it, and begun to write over {baseOffsets[i]}: {fault}");
                    PartitionFiles.RemoveSegment(directory, baseOffset);
                    _report.SegmentsRemoved++;
                }

                baseOffsets.RemoveRange(0, i + 1);
                return;
            }
        }
    }

    /// <summary>Why a file is not that of a segment up to the next one, after a look at every byte; null when it is.</summary>
    private string? FaultOf(string directory, long baseOffset, long? nextOffset)
    {
        SegmentStore file = OpenFile(directory, baseOffset, out int fileBytes);
        using (file.File)
        {
            ProducerStates unused = new(limits, config.Batching);
            ScanResult found = scanner.Check(file, fileBytes, baseOffset, new SegmentIndexes(config), unused);
            unused.Release();
            if (found.Fault is not null && !found.IsNobodys)
            {
                return found.Fault;
            }

            return nextOffset is { } next && next != found.NextOffset ? $"it ends at offset {found.NextOffset} where {next} is next" : null;
        }
    }

    /// <summary>
    /// After an unclean stop: checks every batch of the segments from the one with the recovery point on, cuts the log before the first that is
    /// not right, and indexes them anew.
    /// </summary>
    private void Recover(
        string directory,
        string name,
        List<long> baseOffsets,
        long recoveryPoint,
        List<LogSegment> segments,
        ProducerStates producers,
        out long endOffset)
    {
        int flushed = Math.Max(0, baseOffsets.FindLastIndex(offset => offset <= recoveryPoint));
        endOffset = OpenFlushed(directory, name, baseOffsets[..flushed], recoveryPoint, segments, producers);
        if (flushed == 0 && baseOffsets.Count > 0)
        {
            endOffset = baseOffsets[0];
        }

        HashSet<long> snapshots = [.. ProducerSnapshotFiles.List(directory)];
        string? cut = null;
        foreach (long baseOffset in baseOffsets[flushed..])
        {
            if (cut is null && baseOffset != endOffset)
            {
                cut = $"it begins at offset {baseOffset} where {endOffset} is next";
                ThrowIfFlushed(LogSegment.LogPath(directory, baseOffset), cut, endOffset, recoveryPoint);
            }

            if (cut is not null)
            {
                RemoveSegment(directory, name, baseOffset, cut);
                continue;
            }

            if (snapshots.Contains(baseOffset) && ProducerSnapshotFiles.Read(directory, baseOffset, services.Log) is { } snapshot)
            {
                producers.Merge(snapshot);
            }

            LogSegment segment = CheckSegment(directory, name, baseOffset, recoveryPoint, producers, out endOffset, out bool wasCut);
            segments.Add(segment);
            cut = wasCut ? $"it follows the cut in {Path.GetFileName(segment.Path)}" : null;
        }

        // That of an earlier stop, or of what was cut. Not before it is clear that nothing flushed is missing.
        if (endOffset >= recoveryPoint)
        {
            ProducerSnapshotFiles.RemoveOthers(directory, [.. segments.Select(s => s.BaseOffset)]);
        }
    }

    /// <summary>Opens the segments that end before the recovery point, and finds the producers as they were there.</summary>
    private long OpenFlushed(
        string directory, string name, List<long> baseOffsets, long recoveryPoint, List<LogSegment> segments, ProducerStates producers)
    {
        if (TakeOver(directory, name, baseOffsets, lastIsActive: false, segments, out long endOffset) is { } fault)
        {
            throw new FlushedDataException(fault, recoveryPoint);
        }

        try
        {
            if (segments.Count > 0)
            {
                ProducerReplay.AfterCleanStop(directory, segments, endOffset, producers, services.Log);
            }
        }
        catch (CorruptLogException e)
        {
            throw new FlushedDataException(e.Message, recoveryPoint);
        }

        return endOffset;
    }

    private LogSegment CheckSegment(
        string directory, string name, long baseOffset, long recoveryPoint, ProducerStates producers, out long endOffset, out bool wasCut)
    {
        SegmentStore file = OpenFile(directory, baseOffset, out int fileBytes);
        try
        {
            SegmentIndexes indexes = new(config);
            ScanResult found = scanner.Check(file, fileBytes, baseOffset, indexes, producers);
            string path = LogSegment.LogPath(directory, baseOffset);
            wasCut = found.Fault is not null && !found.IsNobodys;
            if (found.Fault is not null)
            {
                ThrowIfFlushed($"{path} at position {found.ValidBytes}", found.Fault, found.NextOffset, recoveryPoint);
            }

            if (wasCut)
            {
                int cutBytes = fileBytes - found.ValidBytes;
                services.Log($"{name}: {Path.GetFileName(path)} cut at position {found.ValidBytes}"
                    + $" (offset {found.NextOffset}), {cutBytes} of {fileBytes} bytes: {found.Fault}");
                _report.BatchesCut += scanner.CountBatches(file, found.ValidBytes, fileBytes);
                _report.BytesCut += cutBytes;
            }

            if (found.Fault is not null)
            {
                file.CutTo(found.ValidBytes);
            }

            _report.Segments++;
            _report.SegmentsChecked++;
            _report.IndexesRebuilt += found.ValidBytes > 0 ? 1 : 0;
            _report.BatchesChecked += found.Batches;
            _report.BytesChecked += found.ValidBytes;
            endOffset = found.NextOffset;
            return new LogSegment(LogSegment.LogPath(directory, baseOffset), baseOffset, file, found.ValidBytes, indexes, config, services.Housekeeper);
        }
        catch
        {
            file.File.Dispose();
            throw;
        }
    }

    private static void ThrowIfFlushed(string where, string fault, long offset, long recoveryPoint)
    {
        if (offset < recoveryPoint)
        {
            throw new FlushedDataException($"{where} (offset {offset}): {fault}", recoveryPoint);
        }
    }

    private LogSegment OpenSegment(string directory, long baseOffset)
    {
        SegmentStore file = OpenFile(directory, baseOffset, out int fileBytes);
        return new LogSegment(LogSegment.LogPath(directory, baseOffset), baseOffset, file, fileBytes, new SegmentIndexes(config), config, services.Housekeeper);
    }

    private SegmentStore OpenFile(string directory, long baseOffset, out int fileBytes) =>
        SegmentStore.Open(LogSegment.LogPath(directory, baseOffset), services.Techniques, (int)Math.Min(int.MaxValue, config.SegmentBytes), out fileBytes);

    private static void Drop(List<LogSegment> segments)
    {
        foreach (LogSegment segment in segments)
        {
            segment.Retire();
            segment.Release();
        }

        segments.Clear();
    }

    private void RemoveSegment(string directory, string name, long baseOffset, string reason)
    {
        SegmentStore file = OpenFile(directory, baseOffset, out int fileBytes);
        using (file.File)
        {
            _report.BatchesCut += scanner.CountBatches(file, 0, fileBytes);
            _report.BytesCut += fileBytes;
        }

        services.Log($"{name}: {Path.GetFileName(LogSegment.LogPath(directory, baseOffset))} removed: {reason}");
        PartitionFiles.RemoveSegment(directory, baseOffset);
        _report.SegmentsRemoved++;
    }
}
