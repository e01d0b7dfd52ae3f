using System.Collections.Immutable;
using System.Globalization;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// The broker's settings under Kafka's broker names. Filled from a properties file, then from <c>--set</c>; an unknown or malformed
/// key is refused by name, so that nobody measures a setting that was never applied.
/// </summary>
internal sealed record ServerConfig
{
    private static readonly Setting[] Settings =
    [
        Number("auto.create.topics.enable", "true or false", ConfigValue.Boolean, c => c.AutoCreateTopics ? 1 : 0, (c, v) => c with { AutoCreateTopics = v != 0 }),
        Number("cold.read.threads", "1 to 256", ConfigValue.Int, c => c.ColdReadThreads, (c, v) => c with { ColdReadThreads = (int)v }, 1, 256),
        Number("connections.max.idle.ms", "-1 (no limit) or more", ConfigValue.Long, c => c.ConnectionsMaxIdleMs, (c, v) => c with { ConnectionsMaxIdleMs = v }, -1, long.MaxValue / NanosPerMilli),
        Number("connections.max.stalled.ms", "-1 (no limit) or more", ConfigValue.Long, c => c.ConnectionsMaxStalledMs, (c, v) => c with { ConnectionsMaxStalledMs = v }, -1, long.MaxValue / NanosPerMilli),
        Number("fetch.max.bytes", "1024 to 2147483647", ConfigValue.Int, c => c.FetchMaxBytes, (c, v) => c with { FetchMaxBytes = (int)v }, 1024),
        Number("fetch.waiters.max", "1 to 2147483647", ConfigValue.Int, c => c.FetchWaitersMax, (c, v) => c with { FetchWaitersMax = (int)v }, 1),
        Number("fetch.waiters.per.partition.max", "1 to 2147483647", ConfigValue.Int, c => c.FetchWaitersPerPartitionMax, (c, v) => c with { FetchWaitersPerPartitionMax = (int)v }, 1),
        Number("group.initial.rebalance.delay.ms", "0 to 2147483647", ConfigValue.Int, c => c.Groups.InitialRebalanceDelayMs, (c, v) => c with { Groups = c.Groups with { InitialRebalanceDelayMs = (int)v } }),
        Number("group.max.session.timeout.ms", "0 to 2147483647", ConfigValue.Int, c => c.Groups.MaxSessionTimeoutMs, (c, v) => c with { Groups = c.Groups with { MaxSessionTimeoutMs = (int)v } }),
        Number("group.max.size", "1 to 2147483647", ConfigValue.Int, c => c.Groups.MaxSize, (c, v) => c with { Groups = c.Groups with { MaxSize = (int)v } }, 1),
        Number("group.min.session.timeout.ms", "0 to 2147483647", ConfigValue.Int, c => c.Groups.MinSessionTimeoutMs, (c, v) => c with { Groups = c.Groups with { MinSessionTimeoutMs = (int)v } }),
        Number("log.flush.interval.messages", "1 or more", ConfigValue.Long, c => c.Log.FlushMessages, (c, v) => c with { Log = c.Log with { FlushMessages = v } }, 1, long.MaxValue),
        Number("log.flush.interval.ms", "0 or more", ConfigValue.Long, c => c.Log.FlushMs, (c, v) => c with { Log = c.Log with { FlushMs = v } }, 0, long.MaxValue),
        Number("log.flush.offset.checkpoint.interval.ms", "1 to 2147483647", ConfigValue.Int, c => c.CheckpointMs, (c, v) => c with { CheckpointMs = v }, 1),
        Number("log.index.interval.bytes", "0 to 2147483647", ConfigValue.Int, c => c.Log.IndexIntervalBytes, (c, v) => c with { Log = c.Log with { IndexIntervalBytes = (int)v } }),
        Number("log.index.size.max.bytes", "4 to 2147483647", ConfigValue.Int, c => c.Log.SegmentIndexBytes, (c, v) => c with { Log = c.Log with { SegmentIndexBytes = (int)v } }, 4),
        Number("log.message.timestamp.after.max.ms", "0 or more", ConfigValue.Long, c => c.Log.MessageTimestampAfterMaxMs, (c, v) => c with { Log = c.Log with { MessageTimestampAfterMaxMs = v } }, 0, long.MaxValue),
        Number("log.message.timestamp.before.max.ms", "0 or more", ConfigValue.Long, c => c.Log.MessageTimestampBeforeMaxMs, (c, v) => c with { Log = c.Log with { MessageTimestampBeforeMaxMs = v } }, 0, long.MaxValue),
        Choice("log.message.timestamp.type", Enum.GetNames<TimestampType>(), c => (long)c.Log.MessageTimestampType, (c, v) => c with { Log = c.Log with { MessageTimestampType = (TimestampType)v } }),
        Number("log.retention.bytes", "-1 or more", ConfigValue.Long, c => c.Log.RetentionBytes, (c, v) => c with { Log = c.Log with { RetentionBytes = v } }, -1, long.MaxValue),
        Number("log.retention.check.interval.ms", "1 or more", ConfigValue.Long, c => c.RetentionCheckMs, (c, v) => c with { RetentionCheckMs = v }, 1, long.MaxValue),
        Number("log.retention.hours", "-1 to 2147483647", ConfigValue.Int, c => c.RetentionHours, (c, v) => c with { RetentionHours = v }, -1),
        Number("log.retention.minutes", "-1 to 2147483647", ConfigValue.Int, c => c.RetentionMinutes, (c, v) => c with { RetentionMinutes = v }, -1),
        Number("log.retention.ms", "-1 or more", ConfigValue.Long, c => c.RetentionMs, (c, v) => c with { RetentionMs = v }, -1, long.MaxValue),
        Number("log.roll.hours", "1 to 2147483647", ConfigValue.Int, c => c.RollHours, (c, v) => c with { RollHours = v }, 1),
        Number("log.roll.ms", "1 or more", ConfigValue.Long, c => c.RollMs, (c, v) => c with { RollMs = v }, 1, long.MaxValue),
        Number("log.segment.bytes", "1048576 to 2147483647", ConfigValue.Int, c => c.Log.SegmentBytes, (c, v) => c with { Log = c.Log with { SegmentBytes = v } }, 1 << 20),
        Number("log.segment.recycle", "true or false", ConfigValue.Boolean, c => c.Log.RecyclesSegments ? 1 : 0, (c, v) => c with { Log = c.Log with { RecyclesSegments = v != 0 } }),
        Number("max.connections", "1 to 2147483647", ConfigValue.Int, c => c.MaxConnections, (c, v) => c with { MaxConnections = (int)v }, 1),
        Number("max.connections.per.ip", "1 to 2147483647", ConfigValue.Int, c => c.MaxConnectionsPerIp, (c, v) => c with { MaxConnectionsPerIp = (int)v }, 1),
        Number("message.max.bytes", "0 to 2147483647", ConfigValue.Int, c => c.Log.MaxMessageBytes, (c, v) => c with { Log = c.Log with { MaxMessageBytes = (int)v } }),
        Number("min.insync.replicas", "1 to 2147483647", ConfigValue.Int, c => c.Log.MinInSyncReplicas, (c, v) => c with { Log = c.Log with { MinInSyncReplicas = (int)v } }, 1),
        Number("num.network.threads", "1 to 256", ConfigValue.Int, c => c.NetworkThreads, (c, v) => c with { NetworkThreads = (int)v }, 1, 256),
        Number("num.partitions", "1 to 10000", ConfigValue.Int, c => c.DefaultPartitions, (c, v) => c with { DefaultPartitions = (int)v }, 1, TopicTable.PartitionsPerTopicMax),
        Number("offset.metadata.max.bytes", "0 to 2147483647", ConfigValue.Int, c => c.Groups.OffsetMetadataMaxBytes, (c, v) => c with { Groups = c.Groups with { OffsetMetadataMaxBytes = (int)v } }),
        Number("offsets.retention.check.interval.ms", "1 to 2147483647", ConfigValue.Long, c => c.Groups.OffsetsRetentionCheckIntervalMs, (c, v) => c with { Groups = c.Groups with { OffsetsRetentionCheckIntervalMs = (int)v } }, 1),
        Number("offsets.retention.minutes", "1 to 2147483647", ConfigValue.Int, c => c.Groups.OffsetsRetentionMinutes, (c, v) => c with { Groups = c.Groups with { OffsetsRetentionMinutes = (int)v } }, 1),
        Number("offsets.topic.segment.bytes", "1048576 to 2147483647", ConfigValue.Int, c => c.Groups.OffsetsTopicSegmentBytes, (c, v) => c with { Groups = c.Groups with { OffsetsTopicSegmentBytes = (int)v } }, 1 << 20),
        Number("partitions.max", "1 to 2147483647", ConfigValue.Int, c => c.PartitionsMax, (c, v) => c with { PartitionsMax = (int)v }, 1),
        Number("producer.id.expiration.ms", "1 to 2147483647", ConfigValue.Int, c => c.ProducerIdExpirationMs, (c, v) => c with { ProducerIdExpirationMs = (int)v }, 1),
        Number("producer.state.entries.max", "1 to 2147483647", ConfigValue.Int, c => c.ProducerStateEntriesMax, (c, v) => c with { ProducerStateEntriesMax = (int)v }, 1),
        Number("queued.max.request.bytes", "1048576 or more", ConfigValue.Long, c => c.QueuedMaxRequestBytes, (c, v) => c with { QueuedMaxRequestBytes = v }, 1 << 20, long.MaxValue),
        Number("queued.max.response.bytes", "1048576 or more", ConfigValue.Long, c => c.QueuedMaxResponseBytes, (c, v) => c with { QueuedMaxResponseBytes = v }, 1 << 20, long.MaxValue),
        Choice("record.validation", ["batch", "full"], c => (long)c.RecordValidation, (c, v) => c with { RecordValidation = (RecordValidation)v }),
        Number("record.validation.threads", "1 to 64", ConfigValue.Int, c => c.RecordValidationThreads, (c, v) => c with { RecordValidationThreads = (int)v }, 1, 64),
        Number("record.validation.unpacked.max.bytes", "1024 to 2147483591", ConfigValue.Int, c => c.RecordValidationUnpackedMaxBytes, (c, v) => c with { RecordValidationUnpackedMaxBytes = (int)v }, 1024, Array.MaxLength),
        Number("socket.receive.buffer.bytes", "-1 (the kernel sizes it) or 1024 to 2147483647", ConfigValue.Int, c => c.SocketReceiveBufferBytes, (c, v) => c with { SocketReceiveBufferBytes = (int)v }, -1),
        Number("socket.request.control.max.bytes", "1024 to 2147483643", ConfigValue.Int, c => c.SocketRequestControlMaxBytes, (c, v) => c with { SocketRequestControlMaxBytes = (int)v }, 1024, RequestBytesMax),
        Number("socket.request.max.bytes", "1024 to 2147483643", ConfigValue.Int, c => c.SocketRequestMaxBytes, (c, v) => c with { SocketRequestMaxBytes = (int)v }, 1024, RequestBytesMax),
        Number("socket.send.buffer.bytes", "-1 (the kernel sizes it) or 1024 to 2147483647", ConfigValue.Int, c => c.SocketSendBufferBytes, (c, v) => c with { SocketSendBufferBytes = (int)v }, -1),
        Choice("technique.batching", ["batch", "record"], c => (long)c.Log.Batching, (c, v) => c with { Log = c.Log with { Batching = (Batching)v } }),
        Choice("technique.cache", ["page", "direct"], c => (long)c.Techniques.Cache, (c, v) => c with { Techniques = c.Techniques with { Cache = (CacheTechnique)v } }),
        Choice("technique.log", ["sequential", "scattered"], c => (long)c.Techniques.Log, (c, v) => c with { Techniques = c.Techniques with { Log = (LogTechnique)v } }),
        Choice("technique.transfer", ["sendfile", "copy"], c => (long)c.Transfer, (c, v) => c with { Transfer = (TransferTechnique)v }),
        Number("topics.max", "1 to 2147483647", ConfigValue.Int, c => c.TopicsMax, (c, v) => c with { TopicsMax = (int)v }, 1),
    ];

    /// <summary>The largest power of two that an array can hold: receive buffers are sized so.</summary>
    private const long RequestBytesMax = (1 << 30) - 4;

    private const long NanosPerMilli = 1_000_000;

    /// <summary>Of a setting that has no value of its own: another one with a coarser unit counts.</summary>
    private const long NotSet = long.MinValue;

    private const long HourMs = 3_600_000;
    private const long MinuteMs = 60_000;

    public static readonly ServerConfig Default = new();

    /// <summary>What holds for topics that say nothing themselves.</summary>
    public LogConfig Log
    {
        get => field with { RetentionMs = EffectiveRetentionMs, SegmentMs = RollMs != NotSet ? RollMs : RollHours * HourMs };
        init;
    }

    = LogConfig.Default;

    /// <summary>The finest unit that is given counts, as in Kafka; below 0 there is no limit.</summary>
    public long RetentionHours { get; init; } = 168;
    public long RetentionMinutes { get; init; } = NotSet;
    public long RetentionMs { get; init; } = NotSet;
    public long RollHours { get; init; } = 168;
    public long RollMs { get; init; } = NotSet;
    public long RetentionCheckMs { get; init; } = MaintenanceIntervals.Default.RetentionCheckMs;
    public long CheckpointMs { get; init; } = MaintenanceIntervals.Default.CheckpointMs;

    public MaintenanceIntervals Maintenance => new() { RetentionCheckMs = RetentionCheckMs, CheckpointMs = CheckpointMs };

    /// <summary>Names of the settings that somebody gave: these are not defaults even where the values are equal.</summary>
    private ImmutableHashSet<string> _given = [];

    public GroupConfig Groups { get; init; } = new();
    public bool AutoCreateTopics { get; init; } = true;

    /// <summary>Threads that wait for the disk when a reader asks for what has left the page cache: the reads that the disk has at once.</summary>
    public int ColdReadThreads { get; init; } = 4;
    public int FetchMaxBytes { get; init; } = 55 * 1024 * 1024;
    public int MaxConnections { get; init; } = 16_384;
    public int MaxConnectionsPerIp { get; init; } = int.MaxValue;

    /// <summary>A connection over which nothing went for so long, in either direction, is closed; a parked request does not keep it.</summary>
    public long ConnectionsMaxIdleMs { get; init; } = 600_000;

    /// <summary>A peer that has sent part of a request, or does not read its answer, and gets no further for so long, is closed.</summary>
    public long ConnectionsMaxStalledMs { get; init; } = 120_000;

    /// <summary>Receive buffers that hold (parts of) requests, all loops together.</summary>
    public long QueuedMaxRequestBytes { get; init; } = 512L << 20;

    /// <summary>Answers in memory that peers have not read yet, all loops together; records in files do not count.</summary>
    public long QueuedMaxResponseBytes { get; init; } = 256L << 20;

    /// <summary>Entries of parked fetches with partitions, all together; beyond, and beyond those of one partition, a fetch waits for its deadline.</summary>
    public int FetchWaitersMax { get; init; } = 200_000;
    public int FetchWaitersPerPartitionMax { get; init; } = 20_000;

    public int TopicsMax { get; init; } = 100_000;
    public int PartitionsMax { get; init; } = 200_000;

    /// <summary>Event loops: one a core.</summary>
    public int NetworkThreads { get; init; } = Environment.ProcessorCount;

    public int DefaultPartitions { get; init; } = 1;
    public int ProducerIdExpirationMs { get; init; } = ProducerLimits.DefaultExpirationMs;

    /// <summary>The most pairs of producer id and partition whose last batches are remembered.</summary>
    public int ProducerStateEntriesMax { get; init; } = ProducerLimits.DefaultProducersMax;

    private long EffectiveRetentionMs => RetentionMs != NotSet ? RetentionMs
        : RetentionMinutes != NotSet ? (RetentionMinutes < 0 ? LogConfig.UnlimitedRetention : RetentionMinutes * MinuteMs)
        : RetentionHours < 0 ? LogConfig.UnlimitedRetention : RetentionHours * HourMs;

    public ProducerLimits ProducerLimits => new() { ExpirationMs = ProducerIdExpirationMs, ProducersMax = ProducerStateEntriesMax };

    public RecordValidation RecordValidation { get; init; } = RecordValidation.Batch;

    /// <summary>Threads that unpack compressed batches, when records are validated in full.</summary>
    public int RecordValidationThreads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The most that a compressed batch may unpack to. Each of those threads keeps at most so much memory while it is at work.</summary>
    public int RecordValidationUnpackedMaxBytes { get; init; } = 128 << 20;
    /// <summary>How the logs are written and read.</summary>
    public StorageTechniques Techniques { get; init; } = new();

    /// <summary>How records get from the log to the socket. Not given, it follows the cache: from past the page cache there is nothing for sendfile.</summary>
    public TransferTechnique Transfer
    {
        get => _transfer ?? (Techniques.Cache == CacheTechnique.Direct ? TransferTechnique.Copy : TransferTechnique.Sendfile);
        init => _transfer = value;
    }

    private readonly TransferTechnique? _transfer;

    public int SocketReceiveBufferBytes { get; init; } = -1;
    public int SocketSendBufferBytes { get; init; } = -1;
    public int SocketRequestMaxBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The same for requests other than Produce: these become objects, which take many times their bytes.</summary>
    public int SocketRequestControlMaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Refuses settings that are right by themselves and exclude each other.</summary>
    /// <exception cref="ConfigException">It names both.</exception>
    public void CheckCombinations()
    {
        if (Techniques.Cache == CacheTechnique.Direct && Transfer == TransferTechnique.Sendfile)
        {
            throw new ConfigException(
                "technique.transfer=sendfile cannot be had with technique.cache=direct: sendfile sends from the page cache; leave it out or say technique.transfer=copy");
        }
    }

    /// <summary>Applies one setting.</summary>
    /// <param name="origin">Where it stands, for the message: <c>--set</c>, or file and line.</param>
    /// <exception cref="ConfigException">The key is unknown or the value not allowed.</exception>
    public ServerConfig With(string key, string value, string origin)
    {
        Setting setting = Array.Find(Settings, s => s.Name == key)
            ?? throw new ConfigException($"{origin}: unknown setting '{key}'; known are {string.Join(", ", Settings.Select(s => s.Name))}");
        if (!TryParse(setting, value.Trim(), out long number) || number < setting.Least || number > setting.Most)
        {
            throw new ConfigException($"{origin}: {key}={value}: not {setting.Allowed}");
        }

        return setting.With(this, number) with { _given = _given.Add(key) };
    }

    /// <summary>Applies a Java properties file: <c>key=value</c> lines, comments behind # or !.</summary>
    public ServerConfig WithFile(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: {unreadable.Message}");
        }

        ServerConfig config = this;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] is '#' or '!')
            {
                continue;
            }

            int separator = line.IndexOfAny(['=', ':']);
            if (separator <= 0)
            {
                throw new ConfigException($"{path}:{i + 1}: '{line}' is not key=value");
            }

            config = config.With(line[..separator].TrimEnd(), line[(separator + 1)..], $"{path}:{i + 1}");
        }

        return config;
    }

    /// <summary>Every setting that has a value, with it and its default, for DescribeConfigs.</summary>
    public IEnumerable<ServerSetting> Describe() =>
        Settings.Where(s => s.Value(this) != NotSet).Select(s => new ServerSetting(s.Name, Text(s, this), Text(s, Default), _given.Contains(s.Name), s.Type));

    private static string Text(Setting setting, ServerConfig config) => setting.Choices is { } choices
        ? choices[setting.Value(config)]
        : setting.Type == ConfigValue.Boolean
        ? setting.Value(config) != 0 ? "true" : "false"
        : setting.Value(config) is var number and not NotSet ? number.ToString(CultureInfo.InvariantCulture) : "";

    private static bool TryParse(Setting setting, string text, out long number)
    {
        if (setting.Choices is { } choices)
        {
            number = Array.IndexOf(choices, text);
            return true;
        }

        if (setting.Type != ConfigValue.Boolean)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        }

        bool parsed = bool.TryParse(text, out bool flag);
        number = flag ? 1 : 0;
        return parsed;
    }

    private static Setting Number(
        string name,
        string allowed,
        ConfigValue type,
        Func<ServerConfig, long> value,
        Func<ServerConfig, long, ServerConfig> with,
        long least = 0,
        long most = int.MaxValue) => new(name, allowed, type, value, with, least, most);

    private static Setting Choice(
        string name, string[] choices, Func<ServerConfig, long> value, Func<ServerConfig, long, ServerConfig> with) =>
        new(name, string.Join(" or ", choices), ConfigValue.String, value, with, 0, choices.Length - 1) { Choices = choices };

    private sealed record Setting(
        string Name,
        string Allowed,
        ConfigValue Type,
        Func<ServerConfig, long> Value,
        Func<ServerConfig, long, ServerConfig> With,
        long Least,
        long Most)
    {
        /// <summary>The words that stand for the numbers from 0 on; null for a number.</summary>
        public string[]? Choices { get; init; }
    }
}

/// <summary>One setting of the broker, described.</summary>
/// <param name="IsGiven">Somebody gave it, in a file or on the command line.</param>
internal sealed record ServerSetting(string Name, string Value, string Default, bool IsGiven, ConfigValue Type);

/// <summary><c>technique.transfer</c></summary>
internal enum TransferTechnique
{
    /// <summary>From the page cache by the kernel.</summary>
    Sendfile = 0,

    /// <summary>Read into memory of the broker and sent from there.</summary>
    Copy = 1,
}

/// <summary>How deep a batch from a client is looked into before it is stored.</summary>
internal enum RecordValidation
{
    /// <summary>Header, length, checksum, counts and sequence: the records stay shut.</summary>
    Batch = 0,

    /// <summary>As Kafka does: every record, those of compressed batches too.</summary>
    Full = 1,
}

/// <summary>Types of broker settings, with the numbers of DescribeConfigs.</summary>
internal enum ConfigValue : sbyte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
}

/// <summary>A setting or option that was refused; the message is one line for the user.</summary>
internal sealed class ConfigException : Exception
{
    public ConfigException(string message)
        : base(message)
    {
    }
}
