using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// What direct transfers of the disk's probe read into and write from: one huge page, where the kernel gives one, so that the largest block is one piece for
/// the device, and figures are an upper bound and the same from start to start.
/// </summary>
internal sealed class AlignedBuffer : IDisposable
{
    /// <summary>Of the kernel's choice of alignments for direct transfers it is the largest in use.</summary>
    internal const int Alignment = 4096;

    private readonly HugePageMemory _memory;
    private readonly int _length;

    internal AlignedBuffer(int length)
    {
        _memory = new HugePageMemory(length);
        _length = length;
        new Random(1).NextBytes(_memory.Span);
        IsHuge = _memory.IsHuge();
    }

    /// <summary>False where the pages are small ones, which lie anywhere.</summary>
    internal bool IsHuge { get; }

    internal Span<byte> Span => _memory.Span[.._length];

    public void Dispose() => _memory.Dispose();
}
