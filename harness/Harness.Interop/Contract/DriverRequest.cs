namespace Harness.Interop.Contract;

/// <summary>One line on a driver's standard input. What an operation does not need is left out.</summary>
internal sealed record DriverRequest
{
    public const string Produce = "produce";
    public const string Consume = "consume";
    public const string Committed = "committed";
    public const string Join = "join";

    /// <summary>
    /// produce: sends all records and waits until all are acknowledged. consume: reads every partition from its beginning, by itself,
    /// until there are as many records as asked for. committed: the group's offset in each partition, −1 where it has none.
    /// join: becomes a member of the group until standard input ends; from then on the driver writes events.
    /// </summary>
    public required string Do { get; init; }

    /// <summary>Host and port.</summary>
    public required string Broker { get; init; }

    public required string Topic { get; init; }

    /// <summary>none, gzip, snappy, lz4, zstd.</summary>
    public string? Codec { get; init; }

    /// <summary>−1, 0 or 1.</summary>
    public int? Acks { get; init; }

    public IReadOnlyList<DriverRecord>? Records { get; init; }

    public int? Partitions { get; init; }

    public int? Count { get; init; }

    public string? Group { get; init; }

    public int? SessionTimeoutMs { get; init; }

    /// <summary>How long to wait for what was asked for.</summary>
    public int? TimeoutMs { get; init; }
}
