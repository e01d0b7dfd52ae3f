using Engine.Wire;
using Harness.Measure;

namespace Harness.Load;

/// <summary>What the checked pipeline checks by: the CRC-32C of clients and engine.</summary>
public static class CheckedPipeline
{
    public static BatchChecksum Checksum { get; } = Crc32C.Compute;
}
