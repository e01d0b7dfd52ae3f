using System.Runtime.InteropServices;

namespace Harness.Measure;

/// <summary>A pinned buffer that begins at a multiple of 4096, as direct transfers ask for. Of the kernel's choice of alignments it is the largest in use.</summary>
internal sealed class AlignedBuffer
{
    internal const int Alignment = 4096;

    private readonly byte[] _bytes;
    private readonly int _start;
    private readonly int _length;

    internal AlignedBuffer(int length)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(length + Alignment, pinned: true);
        long address = Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
        _start = (int)((Alignment - (address % Alignment)) % Alignment);
        _length = length;
        new Random(1).NextBytes(_bytes);
    }

    internal Span<byte> Span => _bytes.AsSpan(_start, _length);
}
