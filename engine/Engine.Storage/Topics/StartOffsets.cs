using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Where the logs start whose first segment still holds deleted records, under Kafka's name. Not synced, as nothing that is acknowledged here is:
/// it survives the death of the process.
/// </summary>
internal sealed class StartOffsets(string dataDirectory)
{
    private readonly OffsetCheckpoint _checkpoint = new(
        dataDirectory,
        "log-start-offset-checkpoint",
        ifPassedOver: "logs start with their first segment, deleted records in it come back",
        isSynced: false);

    /// <summary>The start offsets by topic and partition.</summary>
    internal IReadOnlyDictionary<(string Topic, int Partition), long> Load(Action<string> log) => _checkpoint.Load(log);

    /// <summary>Has the logs start where they did in the earlier run.</summary>
    internal static void Restore(IReadOnlyDictionary<(string Topic, int Partition), long> offsets, TopicMap topics)
    {
        foreach (((string topic, int partition), long offset) in offsets)
        {
            if (topics.TryGet(topic, out Topic? known) && known.Partition(partition) is { } log)
            {
                log.RestoreStart(offset);
            }
        }
    }

    /// <summary>Writes down where logs start that do not say so by their first file.</summary>
    internal void Save(TopicMap topics) => _checkpoint.Save(
        [.. from topic in topics.All
            from numbered in topic.Logs.Index()
            where numbered.Item.StartsInsideSegment
            select (topic.Name, numbered.Index, numbered.Item.StartOffset)]);

    /// <summary>The same where nobody waits for it: what failed is said.</summary>
    internal void TrySave(TopicMap topics, Action<string> log)
    {
        try
        {
            Save(topics);
        }
        catch (LinuxException e)
        {
            log($"start offsets are out of date: {e.Message}");
        }
    }
}
