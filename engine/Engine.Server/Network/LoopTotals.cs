using System.Runtime.InteropServices;

namespace Engine.Server;

/// <summary>The counters of <see cref="LoopCounters"/>, with a cache line of room on both sides.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal sealed class LoopTotals
{
    [FieldOffset(64)] public long Requests;
    [FieldOffset(72)] public long ProduceBytes;
    [FieldOffset(80)] public long FetchBytes;
    [FieldOffset(88)] public long ReceivedBytes;
    [FieldOffset(96)] public long SentBytes;
    [FieldOffset(104)] public long UnsentBytes;
    [FieldOffset(112)] public long Idle;
    [FieldOffset(120)] public long Stalled;
}
