using System.Diagnostics.CodeAnalysis;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// A data directory and all topics in it. Looking topics up takes no lock: the map is replaced, never changed. Creating and deleting
/// are serialised, wait for the disk (the catalogue is synced), and are rare.
/// </summary>
public sealed partial class LogManager : IDisposable
{
    private const string LockFileName = ".lock";

    private readonly Lock _lock = new();
    private readonly FileDescriptor _lockFile;
    private readonly Action<string> _log;
    private readonly Housekeeper _housekeeper;
    private readonly Flusher _flusher = new();
    private readonly LogServices _services;
    private readonly LogMaintenance _maintenance;
    private readonly OffsetCheckpoint _recoveryPoints;
    private readonly RecycleOffsets _recycleOffsets;
    private readonly TopicCatalogue _catalogue;
    private readonly CleanShutdownMarker _marker;
    private readonly StartOffsets _startOffsets;

    /// <summary>A renamed folder for each deleted topic that the catalogue on disk still knows: they go when it has been written.</summary>
    private readonly List<string> _tombstones = [];
    private TopicMap _topics = TopicMap.Empty;
    private bool _closed;

    private LogManager(
        string dataDirectory, LogConfig defaults, ProducerLimits producers, FileDescriptor lockFile, Action<string> log, Action<string> error,
        StorageTechniques techniques)
    {
        Producers = producers;
        DataDirectory = dataDirectory;
        Defaults = defaults;
        _lockFile = lockFile;
        _log = log;
        _recoveryPoints = new OffsetCheckpoint(
            dataDirectory, LogMaintenance.RecoveryPointsFileName, ifPassedOver: "logs are checked from their starts unless the last stop was clean");
        _recycleOffsets = new RecycleOffsets(dataDirectory, () => Volatile.Read(ref _topics).All);
        _maintenance = new LogMaintenance(() => Volatile.Read(ref _topics).All, _recoveryPoints);
        _housekeeper = new Housekeeper(log)
        {
            ForgetProducers = _maintenance.ForgetExpiredProducers,
            ApplyRetention = _maintenance.ApplyRetention,
            SaveRecoveryPoints = _maintenance.Checkpoint,
            MarkOldest = _recycleOffsets.Save,
        };
        _services = new LogServices(_housekeeper, _flusher, _recycleOffsets, log, error, techniques);
        producers.Sweep = () => _housekeeper.Post(new Chore(ChoreKind.ForgetProducers, null));
        _catalogue = new TopicCatalogue(dataDirectory);
        _marker = new CleanShutdownMarker(dataDirectory);
        _startOffsets = new StartOffsets(dataDirectory);
    }

    public string DataDirectory { get; }

    /// <summary>What holds for a topic where it says nothing itself.</summary>
    public LogConfig Defaults { get; }

    /// <summary>How many producers are remembered, and for how long.</summary>
    public ProducerLimits Producers { get; }

    /// <summary>Gives out producer ids.</summary>
    public ProducerIdAllocator ProducerIds { get; private set; } = null!;

    /// <summary>What the timers have done again and again; may be done at any time.</summary>
    internal LogMaintenance Maintenance => _maintenance;

    /// <summary>All topics, as they were when this was asked for.</summary>
    public IReadOnlyCollection<Topic> Topics => Volatile.Read(ref _topics).All;

    /// <summary>
    /// Takes the data directory, makes it if it is not there, and opens all logs in it, checking and cutting them behind their recovery points
    /// unless the last stop was clean. A log that lacks flushed records is offline.
    /// </summary>
    /// <param name="log">Gets one line for everything that was found wrong and what was done about it. Any thread.</param>
    /// <param name="techniques">How the logs are written and read; null: one batch behind the other, through the page cache.</param>
    /// <param name="error">Gets the lines that say that a log is offline; null: <paramref name="log"/> does. Any thread.</param>
    /// <exception cref="DataDirectoryInUseException">Another engine has it.</exception>
    /// <exception cref="DataDirectoryException">What it holds cannot be understood.</exception>
    /// <exception cref="CorruptLogException">A file cannot be a segment's.</exception>
    /// <exception cref="LinuxException">It cannot be read or written.</exception>
    public static LogManager Open(
        string dataDirectory,
        LogConfig defaults,
        Action<string> log,
        ProducerLimits? producers = null,
        MaintenanceIntervals? intervals = null,
        Action<string>? error = null,
        StorageTechniques? techniques = null)
    {
        dataDirectory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory));
        Files.CreateDirectory(dataDirectory);
        FileDescriptor lockFile = Files.Open(
            Path.Combine(dataDirectory, LockFileName), OpenFlags.ReadWrite | OpenFlags.Create);
        if (!Files.TryLock(lockFile))
        {
            lockFile.Dispose();
            throw new DataDirectoryInUseException(dataDirectory);
        }

        techniques ??= new StorageTechniques();
        LogManager manager = new(dataDirectory, defaults, producers ?? new ProducerLimits(), lockFile, log, error ?? log, techniques);
        try
        {
            StorageLayout.Check(dataDirectory, techniques);
            manager.Load();
            manager._maintenance.Start(intervals ?? MaintenanceIntervals.Default, manager._housekeeper);
            return manager;
        }
        catch (UnauthorizedAccessException)
        {
            // The one error of listing folders that the runtime reports in its own way.
            manager.Dispose();
            throw new LinuxException("open", Errno.EACCES, dataDirectory);
        }
        catch
        {
            manager.Dispose();
            throw;
        }
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Topic? topic) => Volatile.Read(ref _topics).TryGet(name, out topic);

    /// <summary>The same without a string.</summary>
    public bool TryGet(ReadOnlySpan<char> name, [NotNullWhen(true)] out Topic? topic) => Volatile.Read(ref _topics).TryGet(name, out topic);

    public bool TryGet(Guid id, [NotNullWhen(true)] out Topic? topic) => Volatile.Read(ref _topics).TryGet(id, out topic);

    /// <summary>Creates a topic with empty logs, or finds the one that has the name already.</summary>
    /// <param name="overrides">Settings by Kafka's names.</param>
    /// <returns>True when it was created; false when <paramref name="topic"/> was there before.</returns>
    /// <exception cref="ArgumentException">The name or the number of partitions is not allowed.</exception>
    /// <exception cref="InvalidLogConfigException">A setting is not allowed.</exception>
    /// <exception cref="LinuxException">Something could not be written; the topic does not exist.</exception>
    public bool Create(string name, int partitions, IReadOnlyDictionary<string, string?> overrides, out Topic topic)
    {
        if (TopicName.Validate(name) is { } fault)
        {
            throw new ArgumentException(fault, nameof(name));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        LogConfig config = LogConfig.Parse(overrides, Defaults);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_topics.TryGet(name, out Topic? existing))
            {
                topic = existing;
                return false;
            }

            // Parsed without complaint, so no value is null.
            SortedDictionary<string, string> settings = new(overrides.ToDictionary(o => o.Key, o => o.Value!));
            topic = CreateNew(new TopicEntry(name, Guid.NewGuid(), partitions, settings), config);
            return true;
        }
    }

    /// <summary>Gives a topic more partitions. After a crash it has the old or the new number, and all of them.</summary>
    /// <param name="count">How many it is to have, more than it has.</param>
    /// <exception cref="LinuxException">Something could not be written; the topic is as it was.</exception>
    /// <exception cref="LogDeletedException">There is no such topic.</exception>
    public Topic AddPartitions(string name, int count)
    {
        lock (_lock)
        {
            Topic topic = Existing(name);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(count, topic.PartitionCount);
            TopicEntry entry = topic.Entry with { Partitions = count };
            for (int i = topic.PartitionCount; i < count; i++)
            {
                if (Directory.Exists(Folder(entry, i)))
                {
                    throw new LinuxException("mkdir", Errno.EEXIST, Folder(entry, i));
                }
            }

            // The catalogue first: a start after a crash makes the folders that are missing, but knows no folder beyond the number.
            SaveCatalogue(topic, entry);
            try
            {
                LogLoader loader = new(topic.Config, Producers, _services, new SegmentScanner(), new RecoveryReport());
                PartitionLog[] added = OpenPartitions(entry, loader, clean: true, Checkpoints.None, from: topic.PartitionCount);
                return Replace(topic, new Topic(entry, topic.Config, [.. topic.Logs, .. added]));
            }
            catch
            {
                for (int i = topic.PartitionCount; i < count; i++)
                {
                    if (Directory.Exists(Folder(entry, i)))
                    {
                        Directory.Delete(Folder(entry, i), recursive: true);
                    }
                }

                TrySaveCatalogue();
                throw;
            }
        }
    }

    /// <summary>Gives a topic other settings, in place of all it has.</summary>
    /// <exception cref="InvalidLogConfigException">A setting is not allowed.</exception>
    /// <exception cref="LinuxException">The catalogue could not be written; the topic is as it was.</exception>
    /// <exception cref="LogDeletedException">There is no such topic.</exception>
    public Topic AlterConfig(string name, IReadOnlyDictionary<string, string?> overrides)
    {
        LogConfig config = LogConfig.Parse(overrides, Defaults);
        lock (_lock)
        {
            Topic topic = Existing(name);
            TopicEntry entry = topic.Entry with { Config = new(overrides.ToDictionary(o => o.Key, o => o.Value!)) };
            SaveCatalogue(topic, entry);
            Array.ForEach(topic.Logs, log => log.UseConfig(config));
            return Replace(topic, new Topic(entry, config, topic.Logs));
        }
    }

    /// <summary>Keeps for the next start where logs begin from which records were deleted.</summary>
    /// <exception cref="LinuxException">The file could not be written; at the next start they may begin earlier.</exception>
    public void SaveStartOffsets()
    {
        lock (_lock)
        {
            _startOffsets.Save(_topics);
        }
    }

    /// <summary>
    /// Deletes a topic: it is gone for everybody when this returns, its files soon after. Slices in flight stay readable.
    /// False when there is no such topic.
    /// </summary>
    public bool Delete(string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (!_topics.TryGet(name, out Topic? topic))
            {
                return false;
            }

            Volatile.Write(ref _topics, _topics.Without(topic));
            if (topic.Logs.Any(log => log.StartsInsideSegment))
            {
                _startOffsets.TrySave(_topics, _log); // lest a topic that gets the name begins there
            }

            LogSegment[] segments = [.. topic.Partitions.SelectMany(partition => partition.MarkDeleted())];
            try
            {
                RemoveFolders(topic.Entry, inCatalogue: true);
            }
            finally
            {
                Array.ForEach(segments, segment => segment.Release());
            }

            return true;
        }
    }

    /// <summary>
    /// Ends the flusher's threads, after what is queued: nobody who waits for a flush is called any more. To be called when there is nobody left
    /// to be called, and before <see cref="Close"/>.
    /// </summary>
    public void StopFlushing() => _flusher.Stop();

    /// <summary>
    /// The clean stop: writes the rest of the indexes, closes the files, and leaves the marker that spares the next start the check.
    /// Slices in flight stay readable.
    /// </summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            StopThreads();
            _startOffsets.TrySave(_topics, _log);
            try
            {
                foreach (PartitionLog partition in _topics.All.SelectMany(t => t.Partitions))
                {
                    partition.Close();
                }

                TrySaveRecoveryPoints();
                _recycleOffsets.Clear();

                if (_tombstones.Count > 0)
                {
                    SaveCatalogue();
                }

                if (_topics.All.SelectMany(t => t.Partitions).Any(p => p.IsOffline))
                {
                    _log("the stop is not clean: a log is offline; the next start will check the logs");
                }
                else
                {
                    _marker.Write();
                }
            }
            catch (LinuxException e)
            {
                _log($"the stop is not clean: {e.Message}; the next start will check the logs");
                DisposeLogs();
            }

            Unlock();
        }
    }

    /// <summary>Without <see cref="Close"/> before: lets everything go as a crash would, and the next start checks the logs.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            StopThreads();
            DisposeLogs();
            Unlock();
        }
    }

    /// <summary>Older recovery points are true too: without new ones the start after a crash reads more.</summary>
    private void TrySaveRecoveryPoints()
    {
        try
        {
            _maintenance.SaveRecoveryPoints();
        }
        catch (LinuxException e)
        {
            _log($"recovery points are out of date: {e.Message}");
        }
    }

    private void StopThreads()
    {
        _maintenance.Dispose();
        _flusher.Stop();
        _housekeeper.Stop();
    }

    private Topic CreateNew(TopicEntry entry, LogConfig config)
    {
        for (int i = 0; i < entry.Partitions; i++)
        {
            if (Directory.Exists(Folder(entry, i)))
            {
                throw new LinuxException("mkdir", Errno.EEXIST, Folder(entry, i));
            }
        }

        // Made under the names of a deletion: until the last of them has been renamed, a start after a crash removes the topic again,
        // with or without its entry in the catalogue.
        TopicMap before = _topics;
        bool inCatalogue = false;
        try
        {
            for (int i = 0; i < entry.Partitions; i++)
            {
                Files.CreateDirectory(DeletedFolder(entry, i));
            }

            _maintenance.ForgetRecoveryPoints(entry.Name);
            _recycleOffsets.Forget(entry.Name);
            inCatalogue = true;
            _catalogue.Save([.. before.All.Select(t => t.Entry), entry]);
            for (int i = 0; i < entry.Partitions; i++)
            {
                Files.Rename(DeletedFolder(entry, i), Folder(entry, i));
            }

            Files.SyncDirectory(DataDirectory);
            LogLoader loader = new(config, Producers, _services, new SegmentScanner(), new RecoveryReport());
            Topic topic = new(entry, config, OpenPartitions(entry, loader, clean: true, Checkpoints.None));
            Volatile.Write(ref _topics, before.With(topic));
            return topic;
        }
        catch
        {
            RemoveFolders(entry, inCatalogue);
            throw;
        }
    }

    /// <summary>Takes the folders of a topic that is not in the map any more off the disk, its entry out of the catalogue.</summary>
    private void RemoveFolders(TopicEntry entry, bool inCatalogue)
    {
        // All renamed before the first is removed: with one of them renamed, a start after a crash knows what was going on.
        for (int i = 0; i < entry.Partitions; i++)
        {
            if (Directory.Exists(Folder(entry, i)))
            {
                Files.Rename(Folder(entry, i), DeletedFolder(entry, i));
            }
        }

        for (int i = 0; i < entry.Partitions; i++)
        {
            if (i == 0 && inCatalogue)
            {
                _tombstones.Add(DeletedFolder(entry, i));
            }
            else if (Directory.Exists(DeletedFolder(entry, i)))
            {
                _housekeeper.Post(new Chore(ChoreKind.RemoveFolder, null, DeletedFolder(entry, i)));
            }
        }

        if (inCatalogue)
        {
            TrySaveCatalogue();
        }
    }

    /// <summary>
    /// Writes the catalogue, or says why not: on a full disk a deletion must go through all the same. The files go then, and the
    /// tombstones stay until the catalogue could be written, here, at the stop or at the next start.
    /// </summary>
    private void TrySaveCatalogue()
    {
        try
        {
            SaveCatalogue();
        }
        catch (LinuxException e)
        {
            _log($"the catalogue is out of date: {e.Message}");
            _tombstones.ForEach(folder => _housekeeper.Post(new Chore(ChoreKind.EmptyFolder, null, folder)));
        }
    }

    private string Folder(TopicEntry entry, int partition) => Path.Combine(DataDirectory, PartitionFolder.Name(entry.Name, partition));

    private string DeletedFolder(TopicEntry entry, int partition) =>
        Path.Combine(DataDirectory, PartitionFolder.DeletedName(entry.Name, partition, entry.Id));

    private void SaveCatalogue()
    {
        _catalogue.Save([.. _topics.All.Select(t => t.Entry)]);
        _tombstones.ForEach(folder => _housekeeper.Post(new Chore(ChoreKind.RemoveFolder, null, folder)));
        _tombstones.Clear();
    }

    private void SaveCatalogue(Topic old, TopicEntry changed) =>
        _catalogue.Save([.. _topics.All.Select(t => t == old ? changed : t.Entry)]);

    private Topic Existing(string name)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return _topics.TryGet(name, out Topic? topic) ? topic : throw new LogDeletedException(name);
    }

    private Topic Replace(Topic old, Topic changed)
    {
        Volatile.Write(ref _topics, _topics.Replacing(old, changed));
        return changed;
    }

    private void Unlock()
    {
        Files.Unlock(_lockFile);
        _lockFile.Dispose();
    }

    private void DisposeLogs()
    {
        foreach (PartitionLog partition in _topics.All.SelectMany(t => t.Partitions))
        {
            partition.Dispose();
        }
    }
}
