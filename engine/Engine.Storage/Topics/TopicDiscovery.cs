namespace Engine.Storage;

/// <summary>
/// What a data directory holds when it is opened: the catalogue compared with the folders that are there. Deletions that were
/// interrupted are to be finished, folders that the catalogue does not know are adopted with default settings.
/// </summary>
internal sealed class TopicDiscovery
{
    /// <summary>Kafka's own and ours: nothing is said about them.</summary>
    private static readonly HashSet<string> KnownFiles =
    [
        ".lock", CleanShutdownMarker.FileName, TopicCatalogue.FileName, ProducerIdAllocator.FileName, "meta.properties",
        "bootstrap.checkpoint",
        "recovery-point-offset-checkpoint", "replication-offset-checkpoint", "log-start-offset-checkpoint", "cleaner-offset-checkpoint",
    ];

    private readonly List<TopicEntry> _topics = [];
    private readonly List<string> _foldersToRemove = [];

    private TopicDiscovery()
    {
    }

    internal IReadOnlyList<TopicEntry> Topics => _topics;

    internal IReadOnlyList<string> FoldersToRemove => _foldersToRemove;

    internal bool DiffersFromCatalogue { get; private set; }

    internal static TopicDiscovery Find(string dataDirectory, IReadOnlyList<TopicEntry> catalogue, Action<string> log)
    {
        TopicDiscovery found = new();
        HashSet<Guid> deletedIds = [];
        SortedDictionary<string, SortedSet<int>> folders = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFileSystemEntries(dataDirectory).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(path);
            if (!Directory.Exists(path))
            {
                if (!KnownFiles.Contains(name))
                {
                    log($"{name} is not a file of the engine; left alone");
                }
            }
            else if (PartitionFolder.TryParseDeleted(name, out Guid id))
            {
                log($"{name} was being deleted; removed");
                deletedIds.Add(id);
                found._foldersToRemove.Add(path);
            }
            else if (PartitionFolder.TryParse(name, out string topic, out int partition))
            {
                if (!folders.TryGetValue(topic, out SortedSet<int>? partitions))
                {
                    folders.Add(topic, partitions = []);
                }

                partitions.Add(partition);
            }
            else
            {
                log($"{name} is not a folder of a partition; left alone");
            }
        }

        foreach (TopicEntry entry in catalogue)
        {
            folders.Remove(entry.Name, out SortedSet<int>? partitions);
            found.Take(entry, partitions ?? [], deletedIds, dataDirectory, log);
        }

        foreach ((string topic, SortedSet<int> partitions) in folders)
        {
            found.Adopt(topic, partitions, log);
        }

        return found;
    }

    private void Take(TopicEntry entry, SortedSet<int> folders, HashSet<Guid> deletedIds, string dataDirectory, Action<string> log)
    {
        if (deletedIds.Contains(entry.Id))
        {
            log($"topic {entry.Name} was being deleted; removed");
            _foldersToRemove.AddRange(folders.Select(p => Path.Combine(dataDirectory, PartitionFolder.Name(entry.Name, p))));
            DiffersFromCatalogue = true;
            return;
        }

        foreach (int partition in folders.Where(p => p >= entry.Partitions))
        {
            log($"{PartitionFolder.Name(entry.Name, partition)}: the topic has only {entry.Partitions} partitions; left alone");
        }

        for (int i = 0; i < entry.Partitions; i++)
        {
            if (!folders.Contains(i))
            {
                log($"{PartitionFolder.Name(entry.Name, i)} is missing; made anew, empty");
            }
        }

        _topics.Add(entry);
    }

    private void Adopt(string topic, SortedSet<int> partitions, Action<string> log)
    {
        int count = partitions.Max + 1;
        if (count != partitions.Count)
        {
            // A number without folders below it is nobody's topic: adopting it would make up to two billion empty partitions.
            log($"topic {topic} is not in the catalogue and has folders only for partitions {string.Join(", ", partitions)}; left alone");
            return;
        }

        log($"topic {topic} is not in the catalogue; taken with {count} partitions and default settings");

        // Those that a broker keeps for itself are compacted there; retention would drop what is still in use.
        SortedDictionary<string, string> config = topic.StartsWith("__", StringComparison.Ordinal)
            ? new() { [LogConfig.RetentionMsName] = "-1", [LogConfig.RetentionBytesName] = "-1" }
            : [];
        _topics.Add(new TopicEntry(topic, Guid.NewGuid(), count, config));
        DiffersFromCatalogue = true;
    }
}
