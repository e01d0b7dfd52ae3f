using Engine.Wire;
using Results;

namespace Harness.Load;

internal sealed record VerifierOptions
{
    public required long Seed { get; init; }
    public required int ValueBytes { get; init; }
    public required int Partitions { get; init; }
    public required int Producers { get; init; }

    /// <summary>Independent readers of the whole topic; 0 when nothing is consumed.</summary>
    public required int Groups { get; init; }
    public required Acks Acks { get; init; }
    public VerifyInfo Checks { get; init; } = new(Loss: true, Duplicates: true, Order: true, Checksum: true);
}
