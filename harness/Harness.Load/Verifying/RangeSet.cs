namespace Harness.Load;

/// <summary>Numbers from <paramref name="From"/> up to, not including, <paramref name="To"/>.</summary>
internal readonly record struct LongRange(long From, long To)
{
    public long Count => To - From;
}

/// <summary>
/// A set of numbers as sorted, disjoint, coalesced ranges. In an undamaged run it holds one range or none, and adding at its end is
/// the common case. Not thread-safe.
/// </summary>
internal sealed class RangeSet
{
    private readonly List<LongRange> _ranges = [];

    public IReadOnlyList<LongRange> Ranges => _ranges;

    public long Count => _ranges.Sum(range => range.Count);

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>The number behind the last one, or 0.</summary>
    public long End => _ranges.Count == 0 ? 0 : _ranges[^1].To;

    public bool Contains(long number)
    {
        int at = FirstEndingAfter(number);
        return at < _ranges.Count && _ranges[at].From <= number;
    }

    public void Add(long from, long to)
    {
        if (from >= to)
        {
            return;
        }

        if (_ranges.Count > 0 && _ranges[^1].To == from)
        {
            _ranges[^1] = _ranges[^1] with { To = to };
            return;
        }

        // Everything that overlaps or touches becomes one.
        int first = FirstEndingAfter(from - 1);
        int behind = first;
        while (behind < _ranges.Count && _ranges[behind].From <= to)
        {
            from = Math.Min(from, _ranges[behind].From);
            to = Math.Max(to, _ranges[behind].To);
            behind++;
        }

        _ranges.RemoveRange(first, behind - first);
        _ranges.Insert(first, new LongRange(from, to));
    }

    /// <summary>Takes one number out; false when it was not in.</summary>
    public bool Remove(long number)
    {
        int at = FirstEndingAfter(number);
        if (at == _ranges.Count || _ranges[at].From > number)
        {
            return false;
        }

        LongRange range = _ranges[at];
        _ranges.RemoveAt(at);
        if (number + 1 < range.To)
        {
            _ranges.Insert(at, range with { From = number + 1 });
        }

        if (range.From < number)
        {
            _ranges.Insert(at, range with { To = number });
        }

        return true;
    }

    /// <summary>The parts of <paramref name="from"/> … <paramref name="to"/> that are in the set, or those that are not.</summary>
    public IEnumerable<LongRange> Within(long from, long to, bool inside)
    {
        long at = from;
        for (int i = FirstEndingAfter(from); i < _ranges.Count && _ranges[i].From < to; i++)
        {
            LongRange part = new(Math.Max(from, _ranges[i].From), Math.Min(to, _ranges[i].To));
            if (inside)
            {
                yield return part;
            }
            else if (at < part.From)
            {
                yield return new LongRange(at, part.From);
            }

            at = part.To;
        }

        if (!inside && at < to)
        {
            yield return new LongRange(at, to);
        }
    }

    /// <summary>Index of the first range that reaches beyond <paramref name="number"/>.</summary>
    private int FirstEndingAfter(long number)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].To > number)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
