namespace Engine.Storage;

/// <summary>A topic that exists, with its partitions' logs. Immutable, apart from what the logs hold.</summary>
public sealed class Topic
{
    private readonly PartitionLog[] _partitions;

    internal Topic(TopicEntry entry, LogConfig config, PartitionLog[] partitions)
    {
        Entry = entry;
        Config = config;
        _partitions = partitions;
    }

    public string Name => Entry.Name;

    public Guid Id => Entry.Id;

    public LogConfig Config { get; }

    /// <summary>What was set for this topic, by Kafka's names.</summary>
    public IReadOnlyDictionary<string, string> ConfigOverrides => Entry.Config;

    public int PartitionCount => _partitions.Length;

    public IReadOnlyList<PartitionLog> Partitions => _partitions;

    internal TopicEntry Entry { get; }

    internal PartitionLog[] Logs => _partitions;

    /// <summary>The log of a partition; null when there is no such partition.</summary>
    public PartitionLog? Partition(int index) => (uint)index < (uint)_partitions.Length ? _partitions[index] : null;
}
