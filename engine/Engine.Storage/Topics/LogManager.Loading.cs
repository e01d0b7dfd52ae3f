using Engine.Linux;

namespace Engine.Storage;

/// <content>The start: what the data directory holds becomes topics and logs.</content>
public sealed partial class LogManager
{
    private void Load()
    {
        bool clean = _marker.Counts(_log);
        IReadOnlyDictionary<(string Topic, int Partition), long> startOffsets = _startOffsets.Load(_log);
        TopicDiscovery found = TopicDiscovery.Find(DataDirectory, _catalogue.Load(), _log);
        _tombstones.AddRange(found.FoldersToRemove);
        RecoveryReport totals = new();
        SegmentScanner scanner = new();
        Dictionary<string, long> recoveryPoints = _recoveryPoints.Load(_log);
        foreach (TopicEntry entry in found.Topics)
        {
            LogConfig config = ConfigOf(entry);
            LogLoader loader = new(config, Producers, _services, scanner, totals);
            _topics = _topics.With(new Topic(entry, config, OpenPartitions(entry, loader, clean, recoveryPoints)));
        }

        StartOffsetCheckpoint.Restore(startOffsets, _topics);

        if (found.DiffersFromCatalogue || _tombstones.Count > 0)
        {
            TrySaveCatalogue();
        }

        ProducerIds = ProducerIdAllocator.Open(DataDirectory, above: totals.MaxProducerId, _housekeeper);

        // Not before everything has been opened: until then nothing was changed that the marker vouches for.
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
        TopicEntry entry, LogLoader loader, bool clean, Dictionary<string, long> recoveryPoints, int from = 0)
    {
        PartitionLog[] partitions = new PartitionLog[entry.Partitions - from];
        try
        {
            for (int i = 0; i < partitions.Length; i++)
            {
                string folder = Folder(entry, from + i);
                partitions[i] = loader.Open(folder, clean, recoveryPoints.GetValueOrDefault(Path.GetFileName(folder)));
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
