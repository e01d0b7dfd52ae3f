using System.Runtime.InteropServices;

namespace Engine.Server;

/// <summary>
/// What a loop has done, written by its thread alone and read by the metrics page. Padded to cache lines of its own, so that
/// two loops' counters never share one.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal sealed class LoopCounters
{
    [FieldOffset(64)] public long Requests;
    [FieldOffset(72)] public long ProduceBytes;
    [FieldOffset(80)] public long FetchBytes;
}
