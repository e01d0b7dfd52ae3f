namespace Engine.Storage;

/// <summary>
/// Where the last batches of the active segment begin, so that a tail reader finds the batch just appended without reading a
/// header. The appender writes, any thread looks up without a lock: offset and position share one 64-bit slot, so a slot is
/// always one whole pair, and any pair at or below the wanted offset is a right place to start from, however old the view.
/// </summary>
internal sealed class TailPositions
{
    private const int Slots = 32;
    private const long Empty = -1;

    private readonly long[] _slots = new long[Slots];
    private int _next;

    internal TailPositions() => Clear();

    /// <summary>Forgets all, for another segment; nobody may be looking.</summary>
    internal void Clear()
    {
        Array.Fill(_slots, Empty);
        _next = 0;
    }

    /// <summary>Remembers a batch by its base offset relative to the segment's.</summary>
    internal void Add(int relativeBaseOffset, int position)
    {
        Volatile.Write(ref _slots[_next], ((long)relativeBaseOffset << 32) | (uint)position);
        _next = (_next + 1) % Slots;
    }

    /// <summary>The remembered batch with the greatest base offset at or below the one asked for.</summary>
    internal bool TryFloor(int relativeOffset, out int relativeBaseOffset, out int position)
    {
        long best = Empty;
        for (int i = 0; i < Slots; i++)
        {
            long slot = Volatile.Read(ref _slots[i]);
            if (slot > best && (int)(slot >> 32) <= relativeOffset)
            {
                best = slot;
            }
        }

        relativeBaseOffset = (int)(best >> 32);
        position = (int)best;
        return best != Empty;
    }
}
