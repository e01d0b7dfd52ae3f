using System.Numerics;

namespace Engine.Server;

/// <summary>
/// Receive buffers of one event loop, in powers of two. A connection holds one only while bytes of it wait to be handled, so ten
/// thousand idle connections hold none, and one whose few bytes wait for long holds a small one (<see cref="ParkedBytes"/>).
/// Not ArrayPool: its buckets are shared between threads, and it drops large arrays under
/// pressure, which then turn up as allocations on the data path.
/// <para>
/// What is rented is counted against the loop's part of <c>queued.max.request.bytes</c>: past it no connection gets a buffer larger than
/// the smallest, except one at a time (<see cref="MayGrow"/>), so that a frame of any allowed length can be taken, and the loop gets on even where
/// all it holds are beginnings.
/// </para>
/// <para>Owned by the loop's thread; the counts are read by the metrics page.</para>
/// </summary>
internal sealed class BufferPool
{
    /// <summary>The least that is received into.</summary>
    public const int SmallestBytes = 64 * 1024;

    /// <summary>Where a parked request, or the beginning of one, is kept when it is as short as they mostly are.</summary>
    public const int ParkedBytes = 1024;

    private const long KeptBytesMax = 256L * 1024 * 1024;
    private static readonly int ParkedClass = BitOperations.Log2(ParkedBytes);

    private readonly Stack<byte[]>[] _free;

    /// <summary>The fewest buffers that lay free in each class since the last trim: these nobody needed.</summary>
    private readonly int[] _freeMin;
    private readonly long _rentedBytesMax;
    private long _rentedBytes;
    private long _freeBytes;
    private ReceiveBuffer? _beyondLimit;

    public BufferPool(long rentedBytesMax)
    {
        _rentedBytesMax = rentedBytesMax;
        _free = new Stack<byte[]>[31 - ParkedClass];
        _freeMin = new int[_free.Length];
        for (int i = 0; i < _free.Length; i++)
        {
            _free[i] = new Stack<byte[]>();
        }
    }

    public long RentedBytes => Volatile.Read(ref _rentedBytes);

    public long FreeBytes => Volatile.Read(ref _freeBytes);

    /// <summary>Whether there is room below the limit.</summary>
    public bool HasRoom => _rentedBytes < _rentedBytesMax;

    /// <summary>Whether somebody may have a buffer larger than the smallest.</summary>
    public bool SomeoneMayGrow => HasRoom || _beyondLimit is null;

    /// <summary>Whether this one may have a larger buffer; the one that gets it beyond the limit is the only one until <see cref="EndGrowth"/>.</summary>
    public bool MayGrow(ReceiveBuffer buffer)
    {
        if (HasRoom)
        {
            return true;
        }

        _beyondLimit ??= buffer;
        return _beyondLimit == buffer;
    }

    public void EndGrowth(ReceiveBuffer buffer)
    {
        if (_beyondLimit == buffer)
        {
            _beyondLimit = null;
        }
    }

    /// <summary>A buffer of at least <paramref name="bytes"/>; its length is the power of two.</summary>
    public byte[] Rent(int bytes)
    {
        int index = ClassOf(bytes);
        if (_free[index].TryPop(out byte[]? buffer))
        {
            _freeBytes -= buffer.Length;
            _freeMin[index] = Math.Min(_freeMin[index], _free[index].Count);
        }
        else
        {
            buffer = GC.AllocateUninitializedArray<byte>(1 << (index + ParkedClass), pinned: true);
        }

        _rentedBytes += buffer.Length;
        return buffer;
    }

    public void Return(byte[] buffer)
    {
        Forget(buffer);
        if (_freeBytes + buffer.Length <= KeptBytesMax)
        {
            _free[ClassOf(buffer.Length)].Push(buffer);
            _freeBytes += buffer.Length;
        }
    }

    /// <summary>A rented buffer that will not come back: another thread still reads it.</summary>
    public void Forget(byte[] buffer) => _rentedBytes -= buffer.Length;

    /// <summary>Lets go of the buffers that lay free ever since the last call.</summary>
    public void Trim()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            for (int unused = _freeMin[i]; unused > 0; unused--)
            {
                _freeBytes -= _free[i].Pop().Length;
            }

            _freeMin[i] = _free[i].Count;
        }
    }

    private static int ClassOf(int bytes) =>
        bytes <= ParkedBytes ? 0 : BitOperations.Log2((uint)bytes - 1) + 1 - ParkedClass;
}
