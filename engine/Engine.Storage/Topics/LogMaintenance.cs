namespace Engine.Storage;

/// <summary>
/// What is done for all logs again and again, by the housekeeper: retention, and the checkpoint of recovery points. The timers only post the chores.
/// </summary>
internal sealed class LogMaintenance : IDisposable
{
    internal const string RecoveryPointsFileName = "recovery-point-offset-checkpoint";

    private readonly Func<Topic[]> _topics;
    private readonly OffsetCheckpoint _checkpoint;
    private readonly Lock _checkpointLock = new();
    private readonly List<Timer> _timers = [];
    private (string, int, long)[] _saved = [];

    internal LogMaintenance(Func<Topic[]> topics, OffsetCheckpoint checkpoint)
    {
        _topics = topics;
        _checkpoint = checkpoint;
    }

    internal void Start(MaintenanceIntervals intervals, Housekeeper housekeeper)
    {
        Repeat(intervals.RetentionCheckMs, ChoreKind.ApplyRetention, housekeeper);
        Repeat(intervals.CheckpointMs, ChoreKind.SaveRecoveryPoints, housekeeper);
    }

    /// <summary>Lets go of what is beyond retention in all partitions.</summary>
    internal void ApplyRetention()
    {
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (PartitionLog log in _topics().SelectMany(topic => topic.Partitions))
        {
            log.ApplyRetention(nowMs);
        }
    }

    /// <summary>Forgets producers that have expired, in all partitions.</summary>
    internal void ForgetExpiredProducers()
    {
        foreach (PartitionLog log in _topics().SelectMany(topic => topic.Partitions))
        {
            log.ForgetExpiredProducers();
        }
    }

    /// <summary>Has segments flushed that ended some time ago, and writes down what has been flushed by now, with the indexes of it.</summary>
    internal void Checkpoint()
    {
        foreach (PartitionLog log in _topics().SelectMany(topic => topic.Partitions))
        {
            log.WriteIndexes();
            log.FlushEnded();
        }

        SaveRecoveryPoints();
    }

    /// <summary>Writes the recovery points of all logs, unless the file holds the same.</summary>
    internal void SaveRecoveryPoints() => SaveRecoveryPoints(inAnyCase: false);

    /// <summary>
    /// Makes sure that the file on the disk knows nothing of a topic that is about to be made: what it says of an earlier one of the name would be
    /// taken for the new one's.
    /// </summary>
    internal void ForgetRecoveryPoints(string topic)
    {
        lock (_checkpointLock)
        {
            if (_checkpoint.Knows(topic))
            {
                SaveRecoveryPoints(inAnyCase: true);
            }
        }
    }

    /// <summary>Ends the timers; none of them posts anything afterwards.</summary>
    public void Dispose()
    {
        foreach (Timer timer in _timers)
        {
            using ManualResetEvent ended = new(initialState: false);
            if (timer.Dispose(ended))
            {
                ended.WaitOne();
            }
        }

        _timers.Clear();
    }

    private void SaveRecoveryPoints(bool inAnyCase)
    {
        lock (_checkpointLock)
        {
            (string, int, long)[] points = [.. from topic in _topics()
                                               from numbered in topic.Partitions.Index()
                                               where numbered.Item.FlushedOffset > 0
                                               select (topic.Name, numbered.Index, numbered.Item.FlushedOffset)];
            if (inAnyCase || !points.SequenceEqual(_saved))
            {
                _checkpoint.Save(points);
                _saved = points;
            }
        }
    }

    private void Repeat(long intervalMs, ChoreKind kind, Housekeeper housekeeper)
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(Math.Clamp(intervalMs, 1, uint.MaxValue - 1L));
        _timers.Add(new Timer(_ => housekeeper.Post(new Chore(kind, null)), null, interval, interval));
    }
}
