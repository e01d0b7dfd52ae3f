namespace Results;

/// <summary>
/// The best that a part of the way could carry, measured with nothing else in the way, in the same run as the trials.
/// </summary>
public sealed record Ceiling
{
    /// <summary>One of <see cref="CeilingKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was measured, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Bytes a second as they lie on the wire (record framing included).</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Messages a second of the scenario's size; null where the probe knows no messages.</summary>
    public double? MessagesPerSecond { get; init; }

    /// <summary>Each pass in the order measured; <see cref="BytesPerSecond"/> is their median.</summary>
    public required IReadOnlyList<double> PassesBytesPerSecond { get; init; }

    /// <summary>CPU time of all threads of the probe for a gigabyte (10^9 bytes) carried; null where not measured.</summary>
    public double? CpuSecondsPerGigabyte { get; init; }

    /// <summary>The same of the threads in the broker's place alone; null where there are none, and in documents from before it was measured.</summary>
    public double? BrokerCpuSecondsPerGigabyte { get; init; }
}

public static class CeilingKinds
{
    /// <summary>The producer's whole path with a sink in place of the broker.</summary>
    public const string NullSink = "null-sink";

    /// <summary>The consumer's and verifier's whole path on replayed fetch responses.</summary>
    public const string NullSource = "null-source";

    /// <summary>Memory copied by all processors together.</summary>
    public const string MemoryCopy = "memory-copy";

    /// <summary>send → recv → write with bare system calls: what a broker that only takes cannot exceed.</summary>
    public const string SocketToPageCache = "socket-to-page-cache";

    /// <summary>sendfile → recv with bare system calls: what a broker that only serves cannot exceed.</summary>
    public const string PageCacheToSocket = "page-cache-to-socket-sendfile";

    /// <summary>send → recv → write → sendfile → recv with bare system calls.</summary>
    public const string BarePipeline = "bare-pipeline";

    /// <summary>The bare pipeline, one copy, and three passes of the checksum: what a correct broker and its clients cannot avoid.</summary>
    public const string CheckedPipeline = "checked-pipeline";
}
