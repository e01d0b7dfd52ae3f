namespace Engine.Wire;

/// <summary>
/// Where decompressed bytes go: a buffer that is reused for batch after batch and grows by doubling as bytes really come, never by what a
/// compressed batch claims of itself, and never above the limit of the batch at hand. Belongs to one thread.
/// </summary>
public sealed class DecompressionBuffer
{
    private const int InitialBytes = 64 * 1024;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>What was written since <see cref="Reset"/>; until the next.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The memory that it keeps.</summary>
    public int CapacityBytes => _bytes.Length;

    /// <summary>The most that it may hold.</summary>
    public int LimitBytes { get; private set; }

    /// <summary>Empties the buffer.</summary>
    /// <param name="limitBytes">The most that it may hold from now on.</param>
    public void Reset(int limitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limitBytes);
        _length = 0;
        LimitBytes = limitBytes;
    }

    /// <summary>Adds bytes; false, with nothing added, above the limit.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        while (Free.Length < bytes.Length)
        {
            if (!TryGrow())
            {
                return false;
            }
        }

        bytes.CopyTo(Free);
        _length += bytes.Length;
        return true;
    }

    /// <summary>Room for more; empty when there is none without <see cref="TryGrow"/>.</summary>
    internal Span<byte> Free => _bytes.AsSpan(_length, Math.Min(_bytes.Length, LimitBytes) - _length);

    /// <summary>True when there is more room than before; false at the limit.</summary>
    internal bool TryGrow()
    {
        if (_bytes.Length >= LimitBytes)
        {
            return false;
        }

        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(LimitBytes, Math.Max(InitialBytes, 2L * _bytes.Length)));
        Written.CopyTo(larger);
        _bytes = larger;
        return true;
    }

    /// <summary>Counts bytes that were put into <see cref="Free"/>.</summary>
    internal void Advance(int count) => _length += count;
}
