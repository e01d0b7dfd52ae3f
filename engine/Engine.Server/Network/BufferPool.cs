using System.Numerics;

namespace Engine.Server;

/// <summary>
/// Receive buffers of one event loop, in powers of two. A connection holds one only while bytes of it wait to be handled, so ten
/// thousand idle connections hold none. Not ArrayPool: its buckets are shared between threads, and it drops large arrays under
/// pressure, which then turn up as allocations on the data path.
/// <para>Owned by the loop's thread.</para>
/// </summary>
internal sealed class BufferPool
{
    public const int SmallestBytes = 64 * 1024;
    private const int KeptPerClassBytesMax = 64 * 1024 * 1024;
    private static readonly int SmallestClass = BitOperations.Log2(SmallestBytes);

    private readonly Stack<byte[]>[] _free;

    public BufferPool()
    {
        _free = new Stack<byte[]>[31 - SmallestClass];
        for (int i = 0; i < _free.Length; i++)
        {
            _free[i] = new Stack<byte[]>();
        }
    }

    /// <summary>A buffer of at least <paramref name="bytes"/>; its length is the power of two.</summary>
    public byte[] Rent(int bytes)
    {
        int index = ClassOf(bytes);
        return _free[index].TryPop(out byte[]? buffer)
            ? buffer
            : GC.AllocateUninitializedArray<byte>(1 << (index + SmallestClass), pinned: true);
    }

    public void Return(byte[] buffer)
    {
        Stack<byte[]> free = _free[ClassOf(buffer.Length)];
        if ((long)(free.Count + 1) * buffer.Length <= KeptPerClassBytesMax)
        {
            free.Push(buffer);
        }
    }

    private static int ClassOf(int bytes) =>
        bytes <= SmallestBytes ? 0 : BitOperations.Log2((uint)bytes - 1) + 1 - SmallestClass;
}
