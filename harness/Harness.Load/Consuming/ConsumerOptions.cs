namespace Harness.Load;

internal sealed record ConsumerOptions
{
    public required string Topic { get; init; }

    /// <summary>The partitions that this consumer reads: it assigns them itself and takes part in no group protocol.</summary>
    public required IReadOnlyList<int> Partitions { get; init; }

    /// <summary>Reading begins at the log's first message and not at its end.</summary>
    public bool FromBeginning { get; init; }
    public string ClientId { get; init; } = "harness";

    /// <summary>How long the broker may wait for <see cref="MinBytes"/>.</summary>
    public int MaxWaitMs { get; init; } = 100;
    public int MinBytes { get; init; } = 1;
    public int MaxBytes { get; init; } = 16 << 20;
    public int PartitionMaxBytes { get; init; } = 2 << 20;

    /// <summary>A response above this is refused.</summary>
    public int ResponseBytesMax { get; init; } = 256 << 20;

    /// <summary>The most that a compressed batch may become; what becomes more is damage.</summary>
    public int DecompressedBytesMax { get; init; } = 100 << 20;
    public int RequestTimeoutMs { get; init; } = 30_000;
}
