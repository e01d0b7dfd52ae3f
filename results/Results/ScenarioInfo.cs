namespace Results;

/// <summary>The scenario as it was resolved: every default filled in, in the order of the file. Quantities are in base units.</summary>
public sealed record ScenarioInfo
{
    /// <summary>The file, relative to the repository; null when it was given from elsewhere.</summary>
    public string? File { get; init; }

    public required string Name { get; init; }
    public string? Title { get; init; }
    public string? Claim { get; init; }
    public required IReadOnlyList<string> Targets { get; init; }
    public required long Seed { get; init; }
    public required TopicInfo Topic { get; init; }
    public required MessageInfo Message { get; init; }
    public required ProducersInfo Producers { get; init; }
    public required ConsumersInfo Consumers { get; init; }
    public required IReadOnlyList<LoadPhaseInfo> Load { get; init; }
    public required double WarmupSeconds { get; init; }

    /// <summary>In place of it in the first trial of each target, whose process is new then; null where that is no other.</summary>
    public double? FirstWarmupSeconds { get; init; }
    public required int Repeat { get; init; }

    /// <summary>How often the ceilings are measured: each-trial, once or none. Null in documents from before there was a choice: each-trial.</summary>
    public string? Ceilings { get; init; }
    public required VerifyInfo Verify { get; init; }

    /// <summary>How often each target is started before the load, to measure how long that takes; null for once.</summary>
    public int? Starts { get; init; }

    /// <summary>Expectations as written: <c>consume.rate >= 20M/s</c>.</summary>
    public required IReadOnlyList<string> Expect { get; init; }
}

/// <param name="Config">Topic configuration by Kafka's names (<c>retention.bytes</c>, <c>segment.bytes</c>, …).</param>
public sealed record TopicInfo(int Partitions, int Replication, IReadOnlyDictionary<string, string> Config)
{
    /// <summary>Bytes of batches with which the topic is filled before the load begins, over all partitions; null where it begins empty.</summary>
    public long? PrefillBytes { get; init; }
}

/// <param name="Payload">random, text or file.</param>
public sealed record MessageInfo(int SizeBytes, string Key, string Payload);

/// <param name="Acks">none, leader or all.</param>
/// <param name="Compression">none, gzip, snappy, lz4 or zstd.</param>
public sealed record ProducersInfo(
    int Count, string Client, int BatchBytes, double LingerSeconds, string Acks, int InFlight, string Compression)
{
    /// <summary>Records at which a batch is sealed although it is not full; null where only its size counts.</summary>
    public int? BatchRecords { get; init; }

    /// <summary>Connections of each producer; only those that replay batches may have several.</summary>
    public int Connections { get; init; } = 1;
}

/// <param name="Mode">tail, catch-up, cold, reread or none.</param>
/// <param name="BacklogBytes">
/// Bytes of batches that may wait for the slowest group before a closed-loop producer pauses: a closed loop goes round over the whole
/// way. Open shapes know no such limit.
/// </param>
public sealed record ConsumersInfo(int Count, int Groups, string Client, string Mode, long BacklogBytes)
{
    /// <summary>The most that a consumer asks of a partition in one request; null where its client decides.</summary>
    public int? FetchBytes { get; init; }
}

/// <summary>
/// One part of the load; the parts follow one another without a gap. <c>saturate</c> and <c>keep_constant</c> are closed loops, which wait for
/// the broker; <c>inject</c> and <c>ramping_inject</c> are open: they send by a schedule, whatever the broker does.
/// </summary>
/// <param name="Shape">saturate, keep_constant, inject, ramping_inject or pause.</param>
/// <param name="RatePerSecond">Of an open shape: messages a second over all producers, at the end of a ramp. Null for the others.</param>
public sealed record LoadPhaseInfo(string Shape, double DuringSeconds, double? RatePerSecond)
{
    /// <summary>At the beginning of a ramp: where the phase before left off. Null for the other shapes.</summary>
    public double? StartRatePerSecond { get; init; }

    /// <summary>Of keep_constant: senders over all producers, each of which has one message unacknowledged at a time. Null for the others.</summary>
    public int? Copies { get; init; }
}

public sealed record VerifyInfo(bool Loss, bool Duplicates, bool Order, bool Checksum);
