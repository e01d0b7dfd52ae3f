namespace Harness.Measure;

/// <summary>
/// The checksum of a batch: handed in, because what computes it (CRC-32C as the engine and its clients have it) is of the protocol, which measuring knows
/// nothing of.
/// </summary>
public delegate uint BatchChecksum(ReadOnlySpan<byte> bytes);
