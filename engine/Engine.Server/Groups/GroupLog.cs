using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>Where what groups must not forget is written, before anybody is told that it was.</summary>
internal interface IGroupLog
{
    /// <summary>Writes the records; false when they could not be, and nobody may rely on them.</summary>
    bool TryAppend(IReadOnlyCollection<GroupRecord> records);
}

/// <summary>
/// The topic __consumer_offsets: one partition in the engine's own log, which thereby has what the engine promises of every log, and
/// Kafka's tools can read it. Compacted not record by record but whole: what is alive is written once more into a segment of its own, then the
/// segments before it go. Records say what is, not what changed, so that a start that finds old segments still there, or half of what is alive
/// written twice, comes to the same end. Owned by the groups' thread.
/// </summary>
internal sealed class GroupLog(TopicTable topics, GroupConfig config, ServerLog log, IGroupClock clock) : IGroupLog
{
    private const int ReadBytes = 1024 * 1024;

    private long _compactAboveBytes = config.OffsetsTopicSegmentBytes;
    private Partition? _partition = topics.Find(InternalTopics.ConsumerOffsets)?.Partitions[0];

    /// <summary>It has outgrown a segment, and what it held after the last compaction twice over.</summary>
    public bool WantsCompaction => _partition is not null && _partition.Log.SizeBytes > _compactAboveBytes;

    public bool TryAppend(IReadOnlyCollection<GroupRecord> records)
    {
        try
        {
            Partition partition = FindOrCreate();
            return !Append(partition, records) || partition.Log.TryFlush();
        }
        catch (IOException failed)
        {
            log.StorageFailed("append-failed", InternalTopics.ConsumerOffsets, failed);
            return false;
        }
    }

    /// <summary>Replaces the log by what is alive.</summary>
    public void Compact(IEnumerable<GroupRecord> alive)
    {
        Partition partition = FindOrCreate();
        long before = partition.Log.SizeBytes;
        try
        {
            long from = partition.Log.BeginSegment();
            Append(partition, alive);

            // What goes may have been on the device for long; what comes instead of it has to be there first.
            if (!partition.Log.TryFlush())
            {
                return;
            }

            partition.Log.RemoveSegmentsBefore(from);
            log.Info($"event=offsets-compacted bytes_before={before} bytes_after={partition.Log.SizeBytes}");
        }
        catch (IOException failed)
        {
            log.StorageFailed("compaction-failed", InternalTopics.ConsumerOffsets, failed);
        }

        _compactAboveBytes = Math.Max(config.OffsetsTopicSegmentBytes, 2 * partition.Log.SizeBytes);
    }

    /// <summary>Applies everything in the log, oldest first.</summary>
    /// <exception cref="CorruptLogException">
    /// A batch is not what this engine or Kafka writes there, or the log is offline: to go on without it would tell groups that they never committed.
    /// </exception>
    public void Load(IGroupReplay replay)
    {
        if (_partition?.Log is not { } partition)
        {
            return;
        }

        if (partition.OfflineReason is { } reason)
        {
            throw new CorruptLogException($"what groups have committed cannot be read: {partition.Name}: {reason}");
        }

        byte[] buffer = new byte[ReadBytes];
        for (long offset = partition.StartOffset; offset < partition.EndOffset;)
        {
            int length = Read(partition, offset, ref buffer);
            for (int at = 0; length - at >= RecordBatch.HeaderBytes;)
            {
                long size = RecordBatch.SizeBytes(buffer.AsSpan(at));
                if (size > length - at)
                {
                    break;
                }

                Span<byte> batch = buffer.AsSpan(at, (int)size);
                Replay(partition.Name, batch, replay);
                offset = RecordBatch.LastOffset(batch) + 1;
                at += (int)size;
            }
        }
    }

    /// <summary>True when they have to be flushed before anybody is told.</summary>
    private bool Append(Partition partition, IEnumerable<GroupRecord> records)
    {
        bool mustFlush = false;
        foreach (byte[] batch in GroupRecordBatch.Build(records, clock.WallMs))
        {
            partition.Log.Append(batch, out long flushTo);
            mustFlush |= flushTo > 0;
        }

        partition.Waiters.WakeAll(current: null);
        return mustFlush;
    }

    private static int Read(PartitionLog partition, long offset, ref byte[] buffer)
    {
        ReadResult result = partition.TryRead(offset, ReadBytes, minOneBatch: true, out LogSlice slice);
        if (result != ReadResult.Ok || slice.Length == 0)
        {
            throw new CorruptLogException($"{partition.Name}: {result}, nothing at offset {offset}, below the end offset {partition.EndOffset}");
        }

        try
        {
            if (buffer.Length < slice.Length)
            {
                buffer = new byte[slice.Length];
            }

            return slice.Read(buffer.AsSpan(0, slice.Length), 0);
        }
        finally
        {
            slice.Release();
        }
    }

    private static void Replay(string name, ReadOnlySpan<byte> batch, IGroupReplay replay)
    {
        if (RecordBatch.IsControl(batch))
        {
            return;
        }

        if (RecordBatch.Compression(batch) != CompressionType.None)
        {
            throw new CorruptLogException($"{name}: the batch at offset {RecordBatch.BaseOffset(batch)} is compressed");
        }

        RecordReader records = new(batch);
        while (records.MoveNext(out Record record))
        {
            try
            {
                // Other kinds of keys are those of Kafka's newer groups, which are not served here.
                _ = record.HasKey && GroupRecords.Replay(record.Key, record.HasValue, record.Value, replay);
            }
            catch (WireFormatException malformed)
            {
                throw new CorruptLogException(
                    $"{name}: record at offset {RecordBatch.BaseOffset(batch) + record.OffsetDelta}: {malformed.Message}");
            }
        }

        if (records.Malformed)
        {
            throw new CorruptLogException($"{name}: records of the batch at offset {RecordBatch.BaseOffset(batch)} are malformed");
        }
    }

    private Partition FindOrCreate() =>
        _partition ??= topics.FindOrCreateInternal(InternalTopics.ConsumerOffsets, new Dictionary<string, string?>
        {
            // Retention would drop offsets that are still in use.
            [LogConfig.RetentionBytesName] = LogConfig.UnlimitedRetention.ToString(),
            [LogConfig.RetentionMsName] = LogConfig.UnlimitedRetention.ToString(),
            [LogConfig.SegmentBytesName] = config.OffsetsTopicSegmentBytes.ToString(),
        }).Partitions[0];
}
