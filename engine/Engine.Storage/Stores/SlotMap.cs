using System.Numerics;

namespace Engine.Storage;

/// <summary>Which slots of a scattered file are taken: a bit each. The appender's.</summary>
internal sealed class SlotMap(int slots)
{
    private const int WordBits = 64;

    private readonly ulong[] _taken = new ulong[(slots + WordBits - 1) / WordBits];

    internal int Taken { get; private set; }

    internal int Slots => slots;

    internal void Take(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            ulong bit = 1UL << (i % WordBits);
            Taken += (_taken[i / WordBits] & bit) == 0 ? 1 : 0;
            _taken[i / WordBits] |= bit;
        }
    }

    internal void Free(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            ulong bit = 1UL << (i % WordBits);
            Taken -= (_taken[i / WordBits] & bit) != 0 ? 1 : 0;
            _taken[i / WordBits] &= ~bit;
        }
    }

    /// <summary>The first free slots in a row at or behind a slot, or else from the front; −1 when there are none.</summary>
    internal int FindFree(int count, int from)
    {
        int found = FindFree(count, from, slots);
        return found >= 0 ? found : FindFree(count, 0, (int)Math.Min(slots, from + (long)count));
    }

    private int FindFree(int count, int from, int to)
    {
        while (true)
        {
            int first = Next(from, to, taken: false);
            if (first + (long)count > to)
            {
                return -1;
            }

            int end = Next(first, first + count, taken: true);
            if (end == first + count)
            {
                return first;
            }

            from = end;
        }
    }

    private int Next(int from, int to, bool taken)
    {
        int word = from / WordBits;
        ulong mask = ulong.MaxValue << (from % WordBits);
        for (; word * (long)WordBits < to; word++, mask = ulong.MaxValue)
        {
            ulong wanted = (taken ? _taken[word] : ~_taken[word]) & mask;
            if (wanted != 0)
            {
                return Math.Min(to, (word * WordBits) + BitOperations.TrailingZeroCount(wanted));
            }
        }

        return to;
    }
}
