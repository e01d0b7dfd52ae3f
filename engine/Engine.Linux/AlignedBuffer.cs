namespace Engine.Linux;

/// <summary>
/// Memory that the kernel reads files into and writes them from past the page cache: pinned, and its start a multiple of the block. Of one size,
/// so that one pool serves everybody: 256 KiB, from which on larger transfers gain little, plus a block for bytes that do not begin at one.
/// </summary>
public sealed class AlignedBuffer
{
    /// <summary>What every device and filesystem is content with: 512 is not enough where sectors are of 4 KiB.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Bytes of a file that fit in, wherever they begin.</summary>
    public const int DataBytes = 256 * 1024;

    public const int Bytes = DataBytes + BlockBytes;

    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(Bytes + BlockBytes, pinned: true);
    private readonly int _start;

    internal unsafe AlignedBuffer()
    {
        fixed (byte* first = _memory)
        {
            _start = (int)(RoundUp((long)first) - (long)first);
        }
    }

    public Span<byte> Span => _memory.AsSpan(_start, Bytes);

    public static long RoundDown(long bytes) => bytes & -BlockBytes;

    public static long RoundUp(long bytes) => (bytes + BlockBytes - 1) & -BlockBytes;
}
