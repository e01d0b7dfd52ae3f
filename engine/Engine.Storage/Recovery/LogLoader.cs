using System.Globalization;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>What a start did, over all partitions.</summary>
internal sealed class RecoveryTotals
{
    internal int Segments { get; set; }
    internal long Batches { get; set; }
    internal long CheckedBytes { get; set; }
    internal long CutBytes { get; set; }
    internal int IndexesRebuilt { get; set; }

    /// <summary>The largest producer id found in any log.</summary>
    internal long MaxProducerId { get; set; } = RecordBatch.NoProducerId;
}

/// <summary>
/// Makes a partition's folder into a log. After a clean stop the files are taken as they are, their ends and indexes looked at;
/// otherwise every batch is checked and the log ends before the first that is not right. Whatever is cut, removed or passed over
/// is said in a line of its own. Belongs to the thread that opens the data directory.
/// </summary>
internal sealed class LogLoader(
    LogConfig config, ProducerLimits limits, Housekeeper housekeeper, SegmentScanner scanner, RecoveryTotals totals, Action<string> log)
{
    private const int BaseOffsetDigits = 20;

    /// <summary>What Kafka puts behind the names of files it is about to remove.</summary>
    private const string DeletedSuffix = ".deleted";

    /// <summary>Kafka's other files of a partition: nothing is read from them yet, and nothing is said about them.</summary>
    private static readonly string[] KafkaFiles =
        [".timeindex", ".txnindex", ".snapshot", "leader-epoch-checkpoint", "partition.metadata"];

    /// <summary>Opens the log of a folder, which is made if it is not there.</summary>
    internal PartitionLog Open(string directory, bool clean)
    {
        Files.CreateDirectory(directory);
        string name = Path.GetFileName(directory);
        List<long> baseOffsets = ListSegments(directory, name);
        List<LogSegment> segments = [];
        long endOffset = baseOffsets.Count > 0 ? baseOffsets[0] : 0;
        ProducerStates producers = new(limits);
        try
        {
            if (!clean
                || !TryTakeOver(directory, name, baseOffsets, segments, ref endOffset)
                || !TryReplay(directory, name, segments, endOffset, ref producers))
            {
                Recover(directory, name, baseOffsets, segments, producers, out endOffset);
            }

            if (segments.Count == 0)
            {
                segments.Add(LogSegment.Create(directory, endOffset, config, housekeeper));
            }
        }
        catch
        {
            Drop(segments);
            producers.Release();
            throw;
        }

        producers.CutToLimit();
        totals.MaxProducerId = Math.Max(totals.MaxProducerId, producers.MaxId);
        for (int i = 0; i < segments.Count - 1; i++)
        {
            segments[i].Seal();
        }

        segments[^1].FlushIndexSoon();

        return new PartitionLog(directory, name, config, [.. segments], endOffset, producers, housekeeper);
    }

    /// <summary>False, with nothing open, when a segment that looked sound at its ends is not.</summary>
    private bool TryReplay(string directory, string name, List<LogSegment> segments, long endOffset, ref ProducerStates producers)
    {
        try
        {
            ProducerReplay.AfterCleanStop(directory, segments, endOffset, producers, log);
            return true;
        }
        catch (CorruptLogException e)
        {
            log($"{name}: {e.Message}, although the last stop was clean; checking all of it");
            Drop(segments);
            producers.Release();
            producers = new ProducerStates(limits);
            return false;
        }
    }

    private List<long> ListSegments(string directory, string name)
    {
        List<long> baseOffsets = [];
        List<string> indexes = [];
        foreach (string path in Directory.EnumerateFileSystemEntries(directory))
        {
            string file = Path.GetFileName(path);
            if (file.EndsWith(LogSegment.LogSuffix, StringComparison.Ordinal) && TryBaseOffset(file, out long baseOffset))
            {
                baseOffsets.Add(baseOffset);
            }
            else if (file.EndsWith(LogSegment.IndexSuffix, StringComparison.Ordinal) && TryBaseOffset(file, out _))
            {
                indexes.Add(path);
            }
            else if (file.EndsWith(DeletedSuffix, StringComparison.Ordinal))
            {
                log($"{name}: {file} was being deleted; removed");
                Files.Remove(path);
            }
            else if (!Array.Exists(KafkaFiles, known => file.EndsWith(known, StringComparison.Ordinal)))
            {
                log($"{name}: {file} is not a file of a log; left alone");
            }
        }

        foreach (string index in indexes)
        {
            if (!File.Exists(Path.ChangeExtension(index, LogSegment.LogSuffix)))
            {
                log($"{name}: {Path.GetFileName(index)} belongs to no segment; removed");
                Files.Remove(index);
            }
        }

        baseOffsets.Sort();
        return baseOffsets;
    }

    private static bool TryBaseOffset(string file, out long baseOffset)
    {
        baseOffset = 0;
        ReadOnlySpan<char> digits = Path.GetFileNameWithoutExtension(file.AsSpan());
        return digits.Length == BaseOffsetDigits
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }

    /// <summary>
    /// After a clean stop: opens the segments with their indexes and walks each from its last index entry to its end. False, with
    /// nothing open, when the files do not fit together: then they have to be checked.
    /// </summary>
    private bool TryTakeOver(
        string directory, string name, List<long> baseOffsets, List<LogSegment> segments, ref long endOffset)
    {
        foreach (long baseOffset in baseOffsets)
        {
            LogSegment segment = OpenSegment(directory, baseOffset, out OffsetIndex index);
            segments.Add(segment);
            if (baseOffset != endOffset)
            {
                return GiveUp($"the segment before {Path.GetFileName(segment.Path)} ends at {endOffset}");
            }

            if (!TryLoadIndex(segment, index, out endOffset))
            {
                if (!SegmentScanner.TryIndexHeaders(segment, config, out OffsetIndex? rebuilt, out endOffset))
                {
                    return GiveUp($"{Path.GetFileName(segment.Path)} does not consist of batches");
                }

                log($"{name}: {Path.GetFileName(segment.IndexPath)} is missing or not an index of its segment; rebuilt");
                segment.ReplaceIndex(rebuilt);
                totals.IndexesRebuilt++;
            }

            totals.Segments++;
        }

        return true;

        bool GiveUp(string reason)
        {
            log($"{name}: {reason}, although the last stop was clean; checking all of it");
            Drop(segments);
            return false;
        }
    }

    /// <summary>Reads the index file and compares its last entry, and all headers behind it, with the segment.</summary>
    private static bool TryLoadIndex(LogSegment segment, OffsetIndex index, out long nextOffset)
    {
        nextOffset = segment.BaseOffset;
        if (!File.Exists(segment.IndexPath))
        {
            return false;
        }

        byte[] bytes;
        using (FileDescriptor file = Files.Open(segment.IndexPath, OpenFlags.ReadOnly))
        {
            long length = Files.Length(file);
            if (length > OffsetIndex.MaxEntries * OffsetIndex.EntryBytes)
            {
                return false;
            }

            bytes = new byte[length];
            Files.ReadAt(file, bytes, 0);
        }

        if (!index.TryDecode(bytes, segment.SizeBytes))
        {
            return false;
        }

        segment.SetIndexOnDisk(index.Count);
        int last = index.Count - 1;
        if (last < 0)
        {
            return SegmentScanner.TryWalk(segment, 0, segment.BaseOffset, null, out nextOffset);
        }

        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        return segment.EntryHolds(index, last, header)
            && SegmentScanner.TryWalk(segment, index.PositionAt(last), RecordBatch.BaseOffset(header), null, out nextOffset);
    }

    /// <summary>After an unclean stop: checks every batch, cuts the log before the first that is not right, and indexes it anew.</summary>
    private void Recover(
        string directory, string name, List<long> baseOffsets, List<LogSegment> segments, ProducerStates producers, out long endOffset)
    {
        HashSet<long> snapshots = [.. ProducerSnapshotFiles.List(directory)];
        endOffset = baseOffsets.Count > 0 ? baseOffsets[0] : 0;
        string? cut = null;
        foreach (long baseOffset in baseOffsets)
        {
            if (cut is null && baseOffset != endOffset)
            {
                cut = $"it begins at offset {baseOffset} where {endOffset} is next";
            }

            if (cut is not null)
            {
                RemoveSegment(directory, name, baseOffset, cut);
                continue;
            }

            if (snapshots.Contains(baseOffset) && ProducerSnapshotFiles.Read(directory, baseOffset, log) is { } snapshot)
            {
                producers.Merge(snapshot);
            }

            LogSegment segment = CheckSegment(directory, name, baseOffset, producers, out endOffset, out bool wasCut);
            segments.Add(segment);
            cut = wasCut ? $"it follows the cut in {Path.GetFileName(segment.Path)}" : null;
        }

        // That of an earlier stop, or of what was cut.
        ProducerSnapshotFiles.RemoveOthers(directory, [.. segments.Select(s => s.BaseOffset)]);
    }

    private LogSegment CheckSegment(
        string directory, string name, long baseOffset, ProducerStates producers, out long endOffset, out bool wasCut)
    {
        FileDescriptor file = OpenFile(directory, baseOffset, out int fileBytes);
        try
        {
            OffsetIndex index = new(config);
            ScanResult found = scanner.Check(file, fileBytes, baseOffset, index, producers);
            wasCut = found.Fault is not null;
            if (wasCut)
            {
                int cutBytes = fileBytes - found.ValidBytes;
                log($"{name}: {Path.GetFileName(LogSegment.LogPath(directory, baseOffset))} cut at position {found.ValidBytes}"
                    + $" (offset {found.NextOffset}), {cutBytes} of {fileBytes} bytes: {found.Fault}");
                Files.Truncate(file, found.ValidBytes);
                totals.CutBytes += cutBytes;
            }

            totals.Segments++;
            totals.IndexesRebuilt++;
            totals.Batches += found.Batches;
            totals.CheckedBytes += found.ValidBytes;
            endOffset = found.NextOffset;
            return new LogSegment(directory, baseOffset, file, found.ValidBytes, index, config, housekeeper);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private LogSegment OpenSegment(string directory, long baseOffset, out OffsetIndex index)
    {
        FileDescriptor file = OpenFile(directory, baseOffset, out int fileBytes);
        index = new OffsetIndex(config);
        return new LogSegment(directory, baseOffset, file, fileBytes, index, config, housekeeper);
    }

    private static FileDescriptor OpenFile(string directory, long baseOffset, out int fileBytes)
    {
        string path = LogSegment.LogPath(directory, baseOffset);
        FileDescriptor file = Files.Open(path, OpenFlags.ReadWrite);
        long length = Files.Length(file);
        if (length > int.MaxValue)
        {
            file.Dispose();
            throw new CorruptLogException($"{path}: {length} bytes are more than a segment can hold");
        }

        fileBytes = (int)length;
        return file;
    }

    private static void Drop(List<LogSegment> segments)
    {
        foreach (LogSegment segment in segments)
        {
            segment.Retire(removeNames: false);
        }

        segments.Clear();
    }

    private void RemoveSegment(string directory, string name, long baseOffset, string reason)
    {
        string path = LogSegment.LogPath(directory, baseOffset);
        log($"{name}: {Path.GetFileName(path)} removed: {reason}");
        Files.Remove(path);
        Files.Remove(Path.ChangeExtension(path, LogSegment.IndexSuffix));
    }
}
