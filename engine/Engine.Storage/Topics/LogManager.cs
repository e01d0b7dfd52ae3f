using System.Diagnostics.CodeAnalysis;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// A data directory and all topics in it. Looking topics up takes no lock: the map is replaced, never changed. Creating and deleting
/// are serialised, wait for the disk (the catalogue is synced), and are rare.
/// </summary>
public sealed class LogManager : IDisposable
{
    private const string LockFileName = ".lock";

    private readonly Lock _lock = new();
    private readonly FileDescriptor _lockFile;
    private readonly Action<string> _log;
    private readonly Housekeeper _housekeeper;
    private readonly TopicCatalogue _catalogue;
    private readonly CleanShutdownMarker _marker;
    private TopicMap _topics = TopicMap.Empty;
    private bool _closed;

    private LogManager(string dataDirectory, LogConfig defaults, FileDescriptor lockFile, Action<string> log)
    {
        DataDirectory = dataDirectory;
        Defaults = defaults;
        _lockFile = lockFile;
        _log = log;
        _housekeeper = new Housekeeper(log);
        _catalogue = new TopicCatalogue(dataDirectory);
        _marker = new CleanShutdownMarker(dataDirectory);
    }

    public string DataDirectory { get; }

    /// <summary>What holds for a topic where it says nothing itself.</summary>
    public LogConfig Defaults { get; }

    /// <summary>All topics, as they were when this was asked for.</summary>
    public IReadOnlyCollection<Topic> Topics => Volatile.Read(ref _topics).All;

    /// <summary>
    /// Takes the data directory, makes it if it is not there, and opens all logs in it, checking and cutting them unless the last stop
    /// was clean.
    /// </summary>
    /// <param name="log">Gets one line for everything that was found wrong and what was done about it. Any thread.</param>
    /// <exception cref="DataDirectoryInUseException">Another engine has it.</exception>
    /// <exception cref="DataDirectoryException">What it holds cannot be understood.</exception>
    /// <exception cref="CorruptLogException">A file cannot be a segment's.</exception>
    /// <exception cref="LinuxException">It cannot be read or written.</exception>
    public static LogManager Open(string dataDirectory, LogConfig defaults, Action<string> log)
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

        LogManager manager = new(dataDirectory, defaults, lockFile, log);
        try
        {
            manager.Load();
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

    /// <summary>
    /// Deletes a topic: it is gone for everybody when this returns, its files soon after. Slices in flight stay readable. False when there is
    /// no such topic.
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
            foreach (PartitionLog partition in topic.Partitions)
            {
                partition.MarkDeleted();
            }

            // The folders first: with one of them renamed, a start after a crash knows that this was going on.
            for (int i = 0; i < topic.PartitionCount; i++)
            {
                string deleted = Path.Combine(DataDirectory, PartitionFolder.DeletedName(name, i, topic.Id));
                Files.Rename(Path.Combine(DataDirectory, PartitionFolder.Name(name, i)), deleted);
                _housekeeper.Post(new Chore(ChoreKind.RemoveFolder, null, deleted));
            }

            SaveCatalogue();
            return true;
        }
    }

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
            _housekeeper.Stop();
            try
            {
                foreach (PartitionLog partition in _topics.All.SelectMany(t => t.Partitions))
                {
                    partition.Close();
                }

                _marker.Write();
            }
            catch (LinuxException e)
            {
                _log($"the stop is not clean: {e.Message}; the next start will check the logs");
                DisposeLogs();
            }

            _lockFile.Dispose();
        }
    }

    /// <summary>Lets everything go as a crash would, if <see cref="Close"/> was not called: no marker, so the next start checks the logs.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _housekeeper.Stop();
            DisposeLogs();
            _lockFile.Dispose();
        }
    }

    private void Load()
    {
        bool clean = _marker.Counts(_log);
        TopicDiscovery found = TopicDiscovery.Find(DataDirectory, _catalogue.Load(), _log);
        foreach (string folder in found.FoldersToRemove)
        {
            _housekeeper.Post(new Chore(ChoreKind.RemoveFolder, null, folder));
        }

        RecoveryTotals totals = new();
        long startNanos = MonotonicClock.Nanos();
        SegmentScanner scanner = new();
        foreach (TopicEntry entry in found.Topics)
        {
            LogConfig config = ConfigOf(entry);
            LogLoader loader = new(config, _housekeeper, scanner, totals, _log);
            _topics = _topics.With(new Topic(entry, config, Defaults, OpenPartitions(entry, loader, clean)));
        }

        if (found.DiffersFromCatalogue)
        {
            SaveCatalogue();
        }

        // Not before everything has been opened: until then nothing was changed that the marker vouches for.
        _marker.Remove();
        Files.SyncDirectory(DataDirectory);
        if (totals.Segments > 0)
        {
            long ms = (MonotonicClock.Nanos() - startNanos) / 1_000_000;
            _log($"opened {totals.Segments} segments of {found.Topics.Count} topics in {ms} ms: checked {totals.Batches} batches"
                + $" of {totals.CheckedBytes} bytes, cut {totals.CutBytes} bytes, rebuilt {totals.IndexesRebuilt} indexes");
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

    private PartitionLog[] OpenPartitions(TopicEntry entry, LogLoader loader, bool clean)
    {
        PartitionLog[] partitions = new PartitionLog[entry.Partitions];
        try
        {
            for (int i = 0; i < partitions.Length; i++)
            {
                partitions[i] = loader.Open(Path.Combine(DataDirectory, PartitionFolder.Name(entry.Name, i)), clean);
            }

            return partitions;
        }
        catch
        {
            Array.ForEach(partitions, p => p?.Dispose());
            throw;
        }
    }

    private Topic CreateNew(TopicEntry entry, LogConfig config)
    {
        for (int i = 0; i < entry.Partitions; i++)
        {
            string folder = Path.Combine(DataDirectory, PartitionFolder.Name(entry.Name, i));
            if (Directory.Exists(folder))
            {
                throw new LinuxException("mkdir", Errno.EEXIST, folder);
            }
        }

        // The catalogue first: folders that it names and that are missing are made at the next start, empty as they would be now.
        TopicMap before = _topics;
        _catalogue.Save([.. before.All.Select(t => t.Entry), entry]);
        try
        {
            LogLoader loader = new(config, _housekeeper, new SegmentScanner(), new RecoveryTotals(), _log);
            Topic topic = new(entry, config, Defaults, OpenPartitions(entry, loader, clean: true));
            Volatile.Write(ref _topics, before.With(topic));
            return topic;
        }
        catch
        {
            for (int i = 0; i < entry.Partitions; i++)
            {
                string folder = Path.Combine(DataDirectory, PartitionFolder.Name(entry.Name, i));
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            SaveCatalogue();
            throw;
        }
    }

    private void SaveCatalogue() => _catalogue.Save([.. _topics.All.Select(t => t.Entry)]);

    private void DisposeLogs()
    {
        foreach (PartitionLog partition in _topics.All.SelectMany(t => t.Partitions))
        {
            partition.Dispose();
        }
    }
}
