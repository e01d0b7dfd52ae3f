namespace Harness.Load;

/// <summary>How one message stands to those before it.</summary>
internal enum Arrival
{
    Due,

    /// <summary>Later than what was due: what lies between is missing, until it comes or the run ends.</summary>
    AfterGap,

    /// <summary>Was missing: reordered, not lost.</summary>
    Late,

    /// <summary>Came before.</summary>
    Repeated,
}

/// <summary>What is due next in an unbroken sequence, and what has been left out so far. Belongs to the consumer's thread.</summary>
internal sealed class SequenceTrack
{
    /// <summary>Gaps remembered; what is missing beyond is not told from lost any more.</summary>
    private const int GapsMax = 100_000;

    private readonly List<(LongRange Gap, long NextOffset)> _firstGaps = [];
    private long _expected;

    /// <summary>The next due. May be read by any thread.</summary>
    public long Expected => Volatile.Read(ref _expected);

    public RangeSet Missing { get; } = new();

    /// <summary>Messages in gaps beyond those remembered.</summary>
    public long MissingUnremembered { get; private set; }

    public void StartAt(long number) => Volatile.Write(ref _expected, number);

    /// <summary>The next <paramref name="count"/> arrived as due.</summary>
    public void Advance(long count) => Volatile.Write(ref _expected, _expected + count);

    /// <param name="offset">Where it stood: a gap is told by what follows it.</param>
    public Arrival Take(long number, long offset)
    {
        if (number == _expected)
        {
            Advance(1);
            return Arrival.Due;
        }

        if (number < _expected)
        {
            return Missing.Remove(number) ? Arrival.Late : Arrival.Repeated;
        }

        LongRange gap = new(_expected, number);
        if (Missing.Ranges.Count < GapsMax)
        {
            Missing.Add(gap.From, gap.To);
        }
        else
        {
            MissingUnremembered += gap.Count;
        }

        if (_firstGaps.Count < ViolationLog.KeptMax)
        {
            _firstGaps.Add((gap, offset));
        }

        StartAt(number + 1);
        return Arrival.AfterGap;
    }

    /// <summary>The offset of what came instead of a missing message; null when there were too many gaps to keep it.</summary>
    public long? OffsetAfterGap(long number)
    {
        foreach ((LongRange gap, long nextOffset) in _firstGaps)
        {
            if (gap.From <= number && number < gap.To)
            {
                return nextOffset;
            }
        }

        return null;
    }
}
