using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Up to where each log may write over its segments: on the device before any of them is, and in one file for all logs, so that one wait for the
/// device is enough for all that ask in the meantime. After a crash segments that begin before these offsets are checked whatever the recovery point says.
/// </summary>
internal sealed class RecycleOffsets
{
    internal const string FileName = "log-recycle-offset-checkpoint";

    /// <summary>How long a log waits at most for others to ask too. A thousand that are written in turns have their segments full within some of it.</summary>
    private const long OthersNanosMax = 20_000_000;

    private readonly string _dataDirectory;
    private readonly Func<Topic[]> _topics;
    private readonly OffsetCheckpoint _checkpoint;
    private readonly Lock _lock = new();
    private readonly Lock _fileLock = new();
    private List<PartitionLog> _asking = [];

    /// <summary>Logs that may ask, counted when the first of them does and not for each: an append waits for it.</summary>
    private int _logs;

    /// <summary>When <see cref="Save"/> is to be called for those that ask, as was said to one of them.</summary>
    private long _saveNanos = long.MaxValue;

    internal RecycleOffsets(string dataDirectory, Func<Topic[]> topics)
    {
        _dataDirectory = dataDirectory;
        _topics = topics;
        _checkpoint = new OffsetCheckpoint(dataDirectory, FileName, ifPassedOver: "segments are not checked for having been written over");
    }

    internal Dictionary<(string Topic, int Partition), long> Load(Action<string> log) => _checkpoint.Load(log);

    /// <summary>
    /// Takes notice of a log that wants its oldest segments marked. Others may ask too before <see cref="Save"/> is called for all of them: a file for each
    /// would be a thousand files for a thousand logs, each with a line for all of them. Any thread.
    /// </summary>
    /// <param name="dueNanos">By when it needs them, by <see cref="MonotonicClock"/>.</param>
    /// <returns>When to call <see cref="Save"/>, by the same clock; null when an earlier answer does for this log too.</returns>
    internal long? Ask(PartitionLog log, long dueNanos)
    {
        long nowNanos = MonotonicClock.Nanos();
        lock (_lock)
        {
            if (_asking.Count == 0)
            {
                _logs = _topics().Sum(static topic => topic.PartitionCount);
            }

            _asking.Add(log);
            long saveNanos = _asking.Count >= _logs ? nowNanos : Math.Min(dueNanos, nowNanos + OthersNanosMax);
            if (saveNanos >= _saveNanos)
            {
                return null;
            }

            _saveNanos = saveNanos;
            return saveNanos;
        }
    }

    /// <summary>
    /// Marks the oldest segments of the logs that asked, once the file says so. The housekeeper's. Nothing is done before the time that
    /// <see cref="Ask"/> said: a call for logs that were marked sooner, because all had asked, would cut short the wait of those that ask since.
    /// </summary>
    /// <exception cref="LinuxException">The file could not be written; none is marked.</exception>
    internal void Save()
    {
        List<PartitionLog> asking;
        lock (_lock)
        {
            if (MonotonicClock.Nanos() < _saveNanos)
            {
                return;
            }

            asking = _asking;
            _asking = [];
            _saveNanos = long.MaxValue;
        }

        List<LogSegment> chosen = [];
        asking.ForEach(log => log.ChooseOldest(chosen));
        if (chosen.Count > 0)
        {
            using (_fileLock.EnterScope())
            {
                Write();
            }

            chosen.ForEach(segment => segment.IsMarked = true);
        }
    }

    /// <summary>
    /// Makes sure that the file knows nothing of a topic that is about to be made: what it says of an earlier one of the name would be taken for
    /// the new one's.
    /// </summary>
    internal void Forget(string topic)
    {
        using Lock.Scope scope = _fileLock.EnterScope();
        if (_checkpoint.Knows(topic))
        {
            Write();
        }
    }

    /// <summary>
    /// Nothing is written over any more, or yet: removes the file. The names that there are now go to the device first, so that no old one comes back
    /// without it.
    /// </summary>
    /// <param name="marked">The logs that the file speaks of.</param>
    internal void Clear(IEnumerable<(string Topic, int Partition)> marked)
    {
        foreach ((string topic, int partition) in marked)
        {
            string folder = Path.Combine(_dataDirectory, PartitionFolder.Name(topic, partition));
            if (Directory.Exists(folder))
            {
                Files.SyncDirectory(folder);
            }
        }

        _checkpoint.Remove();
    }

    /// <summary>The same for the logs as they are.</summary>
    internal void Clear() => Clear(Marked().Select(log => (log.Topic, log.Partition)));

    private void Write() => _checkpoint.Save([.. Marked()]);

    private IEnumerable<(string Topic, int Partition, long Offset)> Marked() =>
        from topic in _topics()
        from numbered in topic.Partitions.Index()
        where numbered.Item.RecycleOffset > 0
        select (topic.Name, numbered.Index, numbered.Item.RecycleOffset);
}
