namespace Harness.Targets;

/// <summary>How a <see cref="KafkaTarget"/> is started.</summary>
public sealed record KafkaTargetOptions
{
    /// <summary>As given by the user.</summary>
    public string Name { get; init; } = "kafka";

    /// <summary>The folder of an unpacked Apache Kafka; null when the user named none, which is told when it is started.</summary>
    public string? Home { get; init; }

    /// <summary>The folder in which the broker's own folder is made. Made when it is not there.</summary>
    public required string DataParent { get; init; }

    /// <summary>Where the broker's logs go when it failed; null: they are removed with the rest.</summary>
    public string? KeepLogsAt { get; init; }

    /// <summary>Broker configuration by Kafka's names, on top of what a single broker needs.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();

    /// <summary>Of the Java heap, as Kafka's scripts have by default.</summary>
    public long HeapBytes { get; init; } = 1L << 30;

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From SIGTERM to SIGKILL.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);
}
