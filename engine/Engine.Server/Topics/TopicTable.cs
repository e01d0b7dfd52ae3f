using System.Collections.Frozen;
using System.Text;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>A partition as the handlers see it: its log and who waits for it.</summary>
internal sealed record Partition(int Index, PartitionLog Log)
{
    public FetchWaiters Waiters { get; } = new();
}

/// <summary>A topic as the handlers see it.</summary>
internal sealed record TopicEntry(Topic Topic, IReadOnlyList<Partition> Partitions)
{
    public string Name => Topic.Name;

    /// <summary>A topic of the broker's own, to which no client may produce.</summary>
    public bool IsInternal { get; } = InternalTopics.Contains(Topic.Name);
}

/// <summary>
/// Topics by name. Readers take an immutable snapshot, so a look-up on the data path costs no lock and no allocation; changes are
/// rare, made one at a time, and publish a new snapshot.
/// </summary>
internal sealed class TopicTable
{
    public const int PartitionsPerTopicMax = 10_000;
    public const int TopicsMax = 100_000;

    private const int NameBytesMax = 249;

    private readonly LogManager _logs;
    private readonly Lock _changes = new();
    private volatile FrozenDictionary<string, TopicEntry> _snapshot;

    public TopicTable(LogManager logs)
    {
        _logs = logs;
        _snapshot = logs.Topics.Select(Entry).ToFrozenDictionary(entry => entry.Name);
    }

    public IReadOnlyCollection<TopicEntry> All => _snapshot.Values;

    /// <summary>Called when a topic has gone, before anybody can have been told so. Set before the first request.</summary>
    public Action<string>? Deleted { get; set; }

    public TopicEntry? Find(string name) => _snapshot.GetValueOrDefault(name);

    public TopicEntry? Find(Guid id) =>
        _logs.TryGet(id, out Topic? topic) && Find(topic.Name) is { } entry && entry.Topic.Id == id ? entry : null;

    /// <summary>What holds for a topic where it says nothing itself.</summary>
    public LogConfig Defaults => _logs.Defaults;

    public string DataDirectory => _logs.DataDirectory;

    /// <summary>Finds by the name as it came over the wire.</summary>
    public TopicEntry? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > NameBytesMax)
        {
            return null;
        }

        Span<char> name = stackalloc char[NameBytesMax];
        int length = Encoding.UTF8.GetChars(utf8, name);
        return _snapshot.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out TopicEntry? entry) ? entry : null;
    }

    public Partition? Find(ReadOnlySpan<byte> utf8, int partition)
    {
        TopicEntry? entry = Find(utf8);
        return entry is not null && (uint)partition < (uint)entry.Partitions.Count ? entry.Partitions[partition] : null;
    }

    /// <summary>Finds a topic of the broker's own, or creates it with one partition.</summary>
    /// <exception cref="IOException">Something could not be written; the topic does not exist.</exception>
    public TopicEntry FindOrCreateInternal(string name, IReadOnlyDictionary<string, string?> config)
    {
        lock (_changes)
        {
            if (_snapshot.TryGetValue(name, out TopicEntry? there))
            {
                return there;
            }

            _logs.Create(name, partitions: 1, config, out Topic topic);
            TopicEntry entry = Entry(topic);
            _snapshot = _snapshot.Values.Append(entry).ToFrozenDictionary(each => each.Name);
            return entry;
        }
    }

    /// <summary>What is wrong with a name for a new topic; no error when it can have it.</summary>
    public (ErrorCode Error, string? Message) CheckNew(string name)
    {
        if (TopicName.Validate(name) is { } invalid)
        {
            return (ErrorCode.InvalidTopic, invalid);
        }

        if (InternalTopics.Contains(name))
        {
            return (ErrorCode.InvalidTopic, $"topic '{name}' is the broker's own: it makes it when it needs it");
        }

        if (_snapshot.ContainsKey(name))
        {
            return (ErrorCode.TopicAlreadyExists, $"topic '{name}' already exists");
        }

        return Colliding(name) is { } other
            ? (ErrorCode.InvalidTopic, $"topic '{name}' collides with existing topic '{other}': '.' and '_' are one character in metric names")
            : (ErrorCode.None, null);
    }

    /// <summary>Creates a topic, or only checks that it could be, and says what the protocol says.</summary>
    /// <param name="partitions">Checked by the caller's rules only for what it means; here for being between 1 and the limit.</param>
    public (ErrorCode Error, string? Message) Create(
        string name, int partitions, IReadOnlyDictionary<string, string?> config, bool validateOnly)
    {
        if (partitions is < 1 or > PartitionsPerTopicMax)
        {
            return (ErrorCode.InvalidPartitions, $"partitions: {partitions} is not between 1 and {PartitionsPerTopicMax}");
        }

        lock (_changes)
        {
            (ErrorCode Error, string? Message) refused = CheckNew(name);
            if (refused.Error != ErrorCode.None)
            {
                return refused;
            }

            if (_snapshot.Count >= TopicsMax)
            {
                return (ErrorCode.PolicyViolation, $"there are {TopicsMax} topics already");
            }

            return CreateChecked(name, partitions, config, validateOnly);
        }
    }

    public ErrorCode Delete(string name)
    {
        if (InternalTopics.Contains(name))
        {
            return ErrorCode.InvalidTopic;
        }

        lock (_changes)
        {
            if (!_snapshot.TryGetValue(name, out TopicEntry? entry))
            {
                return ErrorCode.UnknownTopicOrPartition;
            }

            _snapshot = _snapshot.Where(pair => pair.Key != name).ToFrozenDictionary();
            _logs.Delete(name);
            foreach (Partition partition in entry.Partitions)
            {
                // Parked fetches learn that the topic is gone.
                partition.Waiters.WakeAll(current: null);
            }

            Deleted?.Invoke(name);

            return ErrorCode.None;
        }
    }

    /// <summary>Gives a topic more partitions, or only checks that it could.</summary>
    /// <param name="count">How many it is to have; the caller has checked that these are more than it has.</param>
    public (ErrorCode Error, string? Message) AddPartitions(string name, int count, bool validateOnly)
    {
        lock (_changes)
        {
            if (!_snapshot.TryGetValue(name, out TopicEntry? entry))
            {
                return (ErrorCode.UnknownTopicOrPartition, null);
            }

            int present = entry.Partitions.Count;
            if (count <= present || count > PartitionsPerTopicMax)
            {
                return (ErrorCode.InvalidPartitions, count == present
                    ? $"topic '{name}' has {present} partitions already"
                    : $"topic '{name}' has {present} partitions; {count} is not between that and {PartitionsPerTopicMax}");
            }

            return validateOnly ? (ErrorCode.None, null) : Change(() =>
            {
                Topic topic = _logs.AddPartitions(name, count);
                return new TopicEntry(topic, [.. entry.Partitions, .. Numbered(topic).Skip(present)]);
            });
        }
    }

    /// <summary>Gives a topic other settings in place of those it has, or only checks that it could.</summary>
    /// <param name="change">Makes the new settings from the present ones; what it refuses is thrown.</param>
    public (ErrorCode Error, string? Message) AlterConfig(
        string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string?>> change, bool validateOnly)
    {
        lock (_changes)
        {
            if (!_snapshot.TryGetValue(name, out TopicEntry? entry))
            {
                return (ErrorCode.UnknownTopicOrPartition, $"topic '{name}' does not exist");
            }

            return Change(() =>
            {
                IReadOnlyDictionary<string, string?> overrides = change(entry.Topic.ConfigOverrides);
                LogConfig.Parse(overrides, _logs.Defaults);
                return validateOnly ? entry : new TopicEntry(_logs.AlterConfig(name, overrides), entry.Partitions);
            });
        }
    }

    /// <summary>Keeps where logs start, after records were deleted; what failed is an operator's concern and the client's.</summary>
    public ErrorCode SaveStartOffsets(ServerLog log)
    {
        try
        {
            _logs.SaveStartOffsets();
            return ErrorCode.None;
        }
        catch (IOException failed)
        {
            log.StorageFailed("checkpoint-failed", "*", failed);
            return ErrorCode.KafkaStorageError;
        }
    }

    /// <summary>Makes a change of one topic and publishes what it became.</summary>
    private (ErrorCode Error, string? Message) Change(Func<TopicEntry> change)
    {
        try
        {
            TopicEntry changed = change();
            if (_snapshot[changed.Name] != changed)
            {
                _snapshot = _snapshot.Values.Select(e => e.Name == changed.Name ? changed : e).ToFrozenDictionary(e => e.Name);
            }

            return (ErrorCode.None, null);
        }
        catch (InvalidLogConfigException refused)
        {
            return (ErrorCode.InvalidConfig, refused.Message);
        }
        catch (IOException failed)
        {
            return (ErrorCode.KafkaStorageError, failed.Message);
        }
    }

    private static IEnumerable<Partition> Numbered(Topic topic) => topic.Partitions.Select((log, index) => new Partition(index, log));

    private static TopicEntry Entry(Topic topic) =>
        new(topic, [.. Numbered(topic)]);

    private (ErrorCode Error, string? Message) CreateChecked(
        string name, int partitions, IReadOnlyDictionary<string, string?> config, bool validateOnly)
    {
        try
        {
            LogConfig.Parse(config, _logs.Defaults);
            if (!validateOnly)
            {
                _logs.Create(name, partitions, config, out Topic topic);
                _snapshot = _snapshot.Values.Append(Entry(topic)).ToFrozenDictionary(entry => entry.Name);
            }

            return (ErrorCode.None, null);
        }
        catch (InvalidLogConfigException refused)
        {
            return (ErrorCode.InvalidConfig, refused.Message);
        }
        catch (IOException failed)
        {
            return (ErrorCode.KafkaStorageError, failed.Message);
        }
    }

    private string? Colliding(string name)
    {
        string folded = name.Replace('.', '_');
        return name.AsSpan().ContainsAny('.', '_')
            ? _snapshot.Keys.FirstOrDefault(other => other.Replace('.', '_') == folded)
            : null;
    }
}
