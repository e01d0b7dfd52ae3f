using System.Globalization;

namespace Engine.Storage;

/// <summary>
/// What a topic's logs are governed by, under Kafka's names for topics. Immutable: a change is a new instance.
/// Values given by users come through <see cref="Parse"/>, which refuses what Kafka refuses; code may build any.
/// </summary>
public sealed record LogConfig
{
    public const string FlushMessagesName = "flush.messages";
    public const string FlushMsName = "flush.ms";
    public const string SegmentBytesName = "segment.bytes";
    public const string SegmentIndexBytesName = "segment.index.bytes";
    public const string SegmentMsName = "segment.ms";
    public const string IndexIntervalBytesName = "index.interval.bytes";
    public const string RetentionBytesName = "retention.bytes";
    public const string RetentionMsName = "retention.ms";
    public const string MaxMessageBytesName = "max.message.bytes";
    public const string MessageTimestampAfterMaxMsName = "message.timestamp.after.max.ms";
    public const string MessageTimestampBeforeMaxMsName = "message.timestamp.before.max.ms";
    public const string MessageTimestampTypeName = "message.timestamp.type";
    public const string MinInSyncReplicasName = "min.insync.replicas";

    /// <summary>No limit to the log's size or age.</summary>
    public const long UnlimitedRetention = -1;

    private const long WeekMs = 7L * 24 * 60 * 60 * 1000;

    /// <summary>Kafka's own defaults.</summary>
    public static readonly LogConfig Default = new();

    /// <summary>In the order in which Kafka documents them: by name.</summary>
    private static readonly Setting[] Settings =
    [
        Only("cleanup.policy", LogConfigType.List, "delete"),
        Only("compression.type", LogConfigType.String, "producer"),
        new(FlushMessagesName, LogConfigType.Long, 1, long.MaxValue, c => c.FlushMessages, (c, v) => c with { FlushMessages = v }),
        new(FlushMsName, LogConfigType.Long, 0, long.MaxValue, c => c.FlushMs, (c, v) => c with { FlushMs = v }),
        new(IndexIntervalBytesName, LogConfigType.Int, 0, int.MaxValue, c => c.IndexIntervalBytes,
            (c, v) => c with { IndexIntervalBytes = (int)v }),
        new(MaxMessageBytesName, LogConfigType.Int, 0, int.MaxValue, c => c.MaxMessageBytes,
            (c, v) => c with { MaxMessageBytes = (int)v }),
        new(MessageTimestampAfterMaxMsName, LogConfigType.Long, 0, long.MaxValue, c => c.MessageTimestampAfterMaxMs,
            (c, v) => c with { MessageTimestampAfterMaxMs = v }),
        new(MessageTimestampBeforeMaxMsName, LogConfigType.Long, 0, long.MaxValue, c => c.MessageTimestampBeforeMaxMs,
            (c, v) => c with { MessageTimestampBeforeMaxMs = v }),
        new(MessageTimestampTypeName, LogConfigType.String, 0, 1, c => (long)c.MessageTimestampType,
            (c, v) => c with { MessageTimestampType = (TimestampType)v }) { Choices = Enum.GetNames<TimestampType>() },
        new(MinInSyncReplicasName, LogConfigType.Int, 1, int.MaxValue, c => c.MinInSyncReplicas,
            (c, v) => c with { MinInSyncReplicas = (int)v }),
        Only("preallocate", LogConfigType.Boolean, "false"),
        new(RetentionBytesName, LogConfigType.Long, UnlimitedRetention, long.MaxValue, c => c.RetentionBytes,
            (c, v) => c with { RetentionBytes = v }),
        new(RetentionMsName, LogConfigType.Long, UnlimitedRetention, long.MaxValue, c => c.RetentionMs,
            (c, v) => c with { RetentionMs = v }),
        new(SegmentBytesName, LogConfigType.Int, 1 << 20, int.MaxValue, c => c.SegmentBytes,
            (c, v) => c with { SegmentBytes = v }),
        new(SegmentIndexBytesName, LogConfigType.Int, 4, int.MaxValue, c => c.SegmentIndexBytes,
            (c, v) => c with { SegmentIndexBytes = (int)v }),
        new(SegmentMsName, LogConfigType.Long, 1, long.MaxValue, c => c.SegmentMs, (c, v) => c with { SegmentMs = v }),
        Only("unclean.leader.election.enable", LogConfigType.Boolean, "false"),
    ];

    /// <summary>A segment that a batch would take over this is closed, and the batch starts the next one.</summary>
    public long SegmentBytes { get; init; } = 1L << 30;

    /// <summary>A segment whose offset index or time index would take this as a file is closed.</summary>
    public int SegmentIndexBytes { get; init; } = 10 << 20;

    /// <summary>A segment is closed when a batch is that much younger than its first, by their timestamps.</summary>
    public long SegmentMs { get; init; } = WeekMs;

    /// <summary>
    /// So many records not yet flushed have the log flushed, and the batch that makes up the number is acknowledged when they are. The largest
    /// number: that is left to the system.
    /// </summary>
    public long FlushMessages { get; init; } = long.MaxValue;

    /// <summary>The log is flushed when it has had unflushed records for so long. The largest number: that is left to the system.</summary>
    public long FlushMs { get; init; } = long.MaxValue;

    /// <summary>Log bytes between two entries of a segment's offset index.</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary>Oldest segments go while the log without them is at least this large; −1 keeps all.</summary>
    public long RetentionBytes { get; init; } = UnlimitedRetention;

    /// <summary>Oldest segments go whose largest timestamp is further back than this; −1 keeps all.</summary>
    public long RetentionMs { get; init; } = WeekMs;

    /// <summary>The largest batch that a producer may send.</summary>
    public int MaxMessageBytes { get; init; } = 1048588;

    /// <summary>Whose the timestamps of records are.</summary>
    public TimestampType MessageTimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>How far a record's timestamp may lie behind the broker's clock.</summary>
    public long MessageTimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>How far a record's timestamp may lie ahead of the broker's clock.</summary>
    public long MessageTimestampAfterMaxMs { get; init; } = 3_600_000;

    /// <summary>
    /// Replicas that have to be in sync for acknowledgement by all. Of a partition with fewer replicas, Kafka (since 4.0) asks for those that
    /// there are, so that with one replica it is always fulfilled.
    /// </summary>
    public int MinInSyncReplicas { get; init; } = 1;

    /// <summary>How batches of producers are stored. The broker's own choice for all topics: no setting of a topic.</summary>
    public Batching Batching { get; init; }

    /// <summary>
    /// The file of a removed segment is written again as the next one, where that is cheaper. The broker's own choice for all topics: no setting
    /// of a topic.
    /// </summary>
    public bool RecyclesSegments { get; init; } = true;

    /// <summary>It is written and let go of by size, and nobody waits for the device: a segment that goes may be the next one's file.</summary>
    internal bool IsRing =>
        RecyclesSegments && RetentionBytes != UnlimitedRetention && FlushMessages == long.MaxValue && FlushMs == long.MaxValue;

    /// <summary>The names that <see cref="Parse"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Settings.Select(s => s.Name)];

    /// <summary>Applies overrides, by name, to defaults.</summary>
    /// <exception cref="InvalidLogConfigException">A name is unknown or a value not allowed; the message says what is.</exception>
    public static LogConfig Parse(IReadOnlyDictionary<string, string?> overrides, LogConfig defaults)
    {
        ArgumentNullException.ThrowIfNull(overrides);
        LogConfig config = defaults;
        foreach ((string name, string? value) in overrides)
        {
            Setting setting = Array.Find(Settings, s => s.Name == name)
                ?? throw new InvalidLogConfigException(name, $"{name}: unknown setting of a topic; known are {string.Join(", ", Names)}");
            if (!setting.TryParse(value, out long number))
            {
                throw new InvalidLogConfigException(name, $"{name}: '{value ?? "null"}' is not {setting.Allowed}");
            }

            config = setting.With(config, number);
        }

        return config;
    }

    /// <summary>Every setting as this configuration has it.</summary>
    /// <param name="defaults">Where the values to compare with come from.</param>
    public IReadOnlyList<LogConfigEntry> Describe(LogConfig defaults) =>
        [.. Settings.Select(s => new LogConfigEntry(s.Name, s.Text(this), s.Text(defaults), s.Type))];

    /// <summary>A setting of Kafka's that many clients give, with the one value that is the truth here.</summary>
    private static Setting Only(string name, LogConfigType type, string truth) =>
        new(name, type, 0, 0, _ => 0, (c, _) => c) { Choices = [truth] };

    private sealed record Setting(
        string Name, LogConfigType Type, long Least, long Most, Func<LogConfig, long> Value, Func<LogConfig, long, LogConfig> With)
    {
        /// <summary>The words that stand for the numbers from 0 on; null for a number.</summary>
        internal string[]? Choices { get; init; }

        internal string Allowed => Choices is null ? $"a whole number from {Least} to {Most}" : $"one of {string.Join(", ", Choices)}";

        internal string Text(LogConfig config) => Choices is null
            ? Value(config).ToString(CultureInfo.InvariantCulture)
            : Choices[Value(config)];

        internal bool TryParse(string? text, out long number)
        {
            if (Choices is null)
            {
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
                    && number >= Least && number <= Most;
            }

            number = Array.IndexOf(Choices, text);
            return number >= 0;
        }
    }
}

/// <summary>Whose the timestamps of a topic's records are, with Kafka's names.</summary>
public enum TimestampType
{
    /// <summary>The producer's.</summary>
    CreateTime = 0,

    /// <summary>The broker's, written at the append.</summary>
    LogAppendTime = 1,
}

/// <summary>Types of settings, with the numbers of DescribeConfigs.</summary>
public enum LogConfigType : byte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    List = 7,
}

/// <summary>One setting of a topic, described.</summary>
public sealed record LogConfigEntry(string Name, string Value, string Default, LogConfigType Type);

/// <summary>A setting that was refused. The message names it and what is allowed, in one line.</summary>
public sealed class InvalidLogConfigException(string name, string message) : Exception(message)
{
    public string Name { get; } = name;
}
