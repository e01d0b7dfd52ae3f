using Engine.Linux;

namespace Engine.Storage;

/// <content>The start: what the data directory holds becomes topics and logs.</content>
public sealed partial class LogManager
{
    /// <summary>What an earlier run wrote down of each log.</summary>
    private sealed record Checkpoints(
        Dictionary<(string Topic, int Partition), long> RecoveryPoints, Dictionary<(string Topic, int Partition), long> RecycleOffsets)
    {
        internal static Checkpoints None { get; } = new([], []);
    }

    private void Load()
    {
        bool clean = _marker.Counts(_log);
        IReadOnlyDictionary<(string Topic, int Partition), long> startOffsets = _startOffsets.Load(_log);
        TopicDiscovery found = TopicDiscovery.Find(DataDirectory, _catalogue.Load(), _log);
        _tombstones.AddRange(found.FoldersToRemove);
        RecoveryReport totals = new();
        SegmentScanner scanner = new();
        Checkpoints checkpoints = new(_recoveryPoints.Load(_log), _recycleOffsets.Load(_log));
        foreach (TopicEntry entry in found.Topics)
        {
            LogConfig config = ConfigOf(entry);
            LogLoader loader = new(config, Producers, _services, scanner, totals);
            _topics = _topics.With(new Topic(entry, config, OpenPartitions(entry, loader, clean, checkpoints)));
        }

        StartOffsets.Restore(startOffsets, _topics);

        if (found.DiffersFromCatalogue || _tombstones.Count > 0)
        {
            TrySaveCatalogue();
        }

        ProducerIds = ProducerIdAllocator.Open(DataDirectory, above: totals.MaxProducerId, _housekeeper);

        // Not before everything has been opened: until then nothing was changed that the marker vouches for.
        _recycleOffsets.Clear(checkpoints.RecycleOffsets.Keys);
        _marker.Remove();
        Files.SyncDirectory(DataDirectory);
        if (totals.Segments > 0)
        {
            _log($"event=logs-opened topics={found.Topics.Count} segments={totals.Segments} {totals}");
        }
    }

    private LogConfig ConfigOf(TopicEntry entry)
    {
        try
        {
            return LogConfig.Parse(entry.Config.ToDictionary(c => c.Key, c => (string?)c.Value), Defaults);
        }
        catch (InvalidLogConfigException e)
        {
            throw new DataDirectoryException(
                $"{Path.Combine(DataDirectory, TopicCatalogue.FileName)}: topic {entry.Name}: {e.Message}");
        }
    }

    private PartitionLog[] OpenPartitions(
        TopicEntry entry, LogLoader loader, bool clean, Checkpoints checkpoints, int from = 0)
    {
        PartitionLog[] partitions = new PartitionLog[entry.Partitions - from];
        try
        {
            for (int i = 0; i < partitions.Length; i++)
            {
                (string, int) log = (entry.Name, from + i);
                partitions[i] = loader.Open(
                    Folder(entry, from + i),
                    clean,
                    checkpoints.RecoveryPoints.GetValueOrDefault(log),
                    checkpoints.RecycleOffsets.GetValueOrDefault(log));
            }

            return partitions;
        }
        catch
        {
            Array.ForEach(partitions, p => p?.Dispose());
            throw;
        }
    }
}
