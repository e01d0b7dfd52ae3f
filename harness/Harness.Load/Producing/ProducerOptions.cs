using Engine.Wire;

namespace Harness.Load;

internal sealed record ProducerOptions
{
    public required int ProducerIndex { get; init; }
    public required string Topic { get; init; }
    public required int Partitions { get; init; }

    /// <summary>The most that a batch may hold, its header included.</summary>
    public required int BatchBytes { get; init; }

    /// <summary>The most records that a batch may hold.</summary>
    public int BatchRecords { get; init; } = int.MaxValue;

    /// <summary>How long a batch that is not full may wait for more.</summary>
    public required long LingerNanos { get; init; }
    public required Acks Acks { get; init; }

    /// <summary>Requests sent and not answered at any time.</summary>
    public required int InFlight { get; init; }
    public CompressionType Compression { get; init; } = CompressionType.None;

    /// <summary>Different stamps that a batch's messages are expected to have: one for each message of an open schedule.</summary>
    public int StampsPerBatch { get; init; } = 256;
    public string ClientId { get; init; } = "harness";
    public int RequestTimeoutMs { get; init; } = 30_000;

    public void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRecords, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(LingerNanos);
        ArgumentOutOfRangeException.ThrowIfLessThan(StampsPerBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchBytes, RecordBatch.HeaderBytes + 1);
    }
}
