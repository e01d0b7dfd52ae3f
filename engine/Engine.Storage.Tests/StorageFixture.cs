namespace Engine.Storage.Tests;

/// <summary>A data directory with one topic of one partition, and what was said about it.</summary>
internal sealed class StorageFixture : IDisposable
{
    internal const string TopicName = "orders";

    private readonly TestDirectory _directory;
    private readonly List<string> _lines = [];
    private readonly ProducerLimits? _producers;
    private readonly MaintenanceIntervals? _intervals;
    private readonly StorageTechniques _techniques;

    internal StorageFixture(
        LogConfig? config = null,
        string? dataDirectory = null,
        ProducerLimits? producers = null,
        MaintenanceIntervals? intervals = null,
        StorageTechniques? techniques = null,
        bool onDisk = false)
    {
        _techniques = techniques ?? new StorageTechniques();
        _directory = new TestDirectory(onDisk: onDisk || _techniques.Cache == CacheTechnique.Direct);
        _intervals = intervals;
        _producers = producers;
        Config = config ?? new LogConfig { SegmentBytes = 4000, IndexIntervalBytes = 500 };
        DataDirectory = dataDirectory ?? _directory.Path;
        Manager = Open();
        Manager.Create(TopicName, 1, new Dictionary<string, string?>(), out _);
    }

    internal LogConfig Config { get; set; }

    internal string DataDirectory { get; }

    internal LogManager Manager { get; private set; }

    internal string Folder => Path.Combine(DataDirectory, $"{TopicName}-0");

    internal PartitionLog Log => Manager.TryGet(TopicName, out Topic? topic) ? topic.Partition(0)! : throw new InvalidOperationException();

    /// <summary>What was said since the last start.</summary>
    internal string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    internal string[] LogFiles => [.. Directory.GetFiles(Folder, "*.log").Order(StringComparer.Ordinal)];

    /// <summary>Writes down up to where the log has been flushed, as the housekeeper does every minute.</summary>
    internal void SaveRecoveryPoint() => Manager.Maintenance.SaveRecoveryPoints();

    /// <summary>Has the log flushed, and the indexes written of the segments that have ended.</summary>
    internal void WriteIndexes()
    {
        Log.Flush();
        Log.WriteIndexes();
        Assert.True(SpinWait.SpinUntil(() => Log.Segments.SkipLast(1).All(s => s.IsIndexWritten), TimeSpan.FromMinutes(1)));
    }

    /// <summary>A line that was said about the log, or will be soon.</summary>
    internal string WaitForLine(string words)
    {
        string? line = null;
        Assert.True(
            SpinWait.SpinUntil(() => (line = Array.Find(Lines, l => l.Contains(words, StringComparison.Ordinal))) is not null, TimeSpan.FromMinutes(1)),
            $"no line '{words}' in: {string.Join('\n', Lines)}");
        return line!;
    }

    internal void Append(int batches, int records = 3)
    {
        for (int i = 0; i < batches; i++)
        {
            Log.Append(TestBatch.Make(records));
        }
    }

    /// <summary>A batch of an idempotent producer; the offset that it has, now or already.</summary>
    internal AppendResult Produce(long producerId, short epoch, int sequence, int records = 1, int valueBytes = 20) =>
        Log.AppendFromProducer(TestBatch.Of(producerId, epoch, sequence, records, valueBytes));

    internal void Reopen(bool clean)
    {
        Stop(clean);
        Start();
    }

    internal void Stop(bool clean)
    {
        if (clean)
        {
            Manager.Close();
        }
        else
        {
            Manager.Dispose();
        }
    }

    internal void Start()
    {
        lock (_lines)
        {
            _lines.Clear();
        }

        Manager = Open();
    }

    public void Dispose()
    {
        Manager.Dispose();
        _directory.Dispose();
    }

    private LogManager Open() => LogManager.Open(DataDirectory, Config, Say, _producers, _intervals, techniques: _techniques);

    private void Say(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }
}
