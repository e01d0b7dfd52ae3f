namespace Harness.Load;

/// <summary>
/// What a raw consumer knows of a partition: where it reads, and how the offsets of the batches went on. Belongs to the consumer's thread;
/// <see cref="EndSeenNanos"/> and <see cref="Position"/> are looked at by others.
/// </summary>
internal sealed class RawPartition(int index)
{
    /// <summary>Set by the consumer.</summary>
    public long EndSeenNanos;

    private long _position;

    public int Index => index;

    /// <summary>The offset of the next batch.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>Offsets skipped.</summary>
    public long Missing { get; private set; }

    /// <summary>Offsets delivered again.</summary>
    public long Repeated { get; private set; }

    /// <summary>Batches that are none: another magic, or a count that its last offset contradicts.</summary>
    public long Damaged { get; private set; }

    /// <summary>Takes a batch whose header says this.</summary>
    /// <returns>Records that it holds.</returns>
    public int Take(long baseOffset, byte magic, int lastOffsetDelta, int count)
    {
        if (magic != Engine.Wire.RecordBatch.Magic || count <= 0 || lastOffsetDelta != count - 1)
        {
            Damaged++;
            count = Math.Max(1, lastOffsetDelta + 1);
        }

        if (baseOffset > Position)
        {
            Missing += baseOffset - Position;
        }
        else
        {
            Repeated += Math.Min(count, Position - baseOffset);
        }

        Position = Math.Max(Position, baseOffset + count);
        return count;
    }
}
