namespace Results;

/// <summary>
/// What the kernel saw the broker's process do: proof from outside, of any broker. Counts are of a small part of the counted window, since counting costs; what had
/// to be recorded call by call is of a moment of the warm-up, under the same load, so that recording slows nothing that is judged.
/// </summary>
public sealed record KernelEvidence
{
    /// <summary>The part of the counted window in which calls were counted; null in documents from when it was the whole window, and where nothing was counted.</summary>
    public CountedMoment? Counted { get; init; }

    /// <summary>Calls while they were counted, most frequent first; those that were not made are left out. Null where they could not be counted.</summary>
    public IReadOnlyList<CallCount>? Calls { get; init; }

    /// <summary>The moment in which each call was recorded; null where that was not possible.</summary>
    public RecordedCalls? Recorded { get; init; }

    /// <summary>Pages that the process added to the page cache in the same time, by writing and by reading what was not there; null where not measurable.</summary>
    public long? PagesAdded { get; init; }

    /// <summary>The broker's open files that look like segments (<c>*.log</c>) at the window's end, and how much of them was in memory; null where not measurable.</summary>
    public ResidentFiles? Segments { get; init; }

    /// <summary>True when the broker has segment files open with O_DIRECT; null where its files could not be looked at.</summary>
    public bool? OpenedDirect { get; init; }

    /// <summary>What the four techniques look like from outside, by the evidence above.</summary>
    public IReadOnlyList<TechniqueSeen> Techniques { get; init => field = value ?? []; } = [];

    /// <summary>What could not be measured here, each with its reason and the command that would allow it.</summary>
    public required IReadOnlyList<string> NotMeasured { get; init; }

    /// <summary>Calls of one name; null where calls could not be counted.</summary>
    public long? CountOf(string call) => Calls?.Where(c => c.Name == call).Sum(c => c.Count);
}

/// <param name="Seconds">How long it was.</param>
/// <param name="Acknowledged">What was acknowledged in it.</param>
/// <param name="Consumed">What was delivered in it.</param>
public sealed record CountedMoment(double Seconds, FlowTotals Acknowledged, FlowTotals Consumed);

/// <param name="Name">As tracefs names it: <c>sendfile64</c>.</param>
public sealed record CallCount(string Name, long Count);

/// <summary>Calls that move data, recorded one by one.</summary>
public sealed record RecordedCalls
{
    public required double Seconds { get; init; }

    /// <summary>Records that were lost for want of room; the shares are then of those that were not.</summary>
    public required long Lost { get; init; }

    /// <summary>
    /// Calls that were made in this moment and are in no record, lost ones aside: of threads that moved data for the first time, or on descriptors closed before
    /// they could be looked at. At least so many; 0 in documents from before they were counted.
    /// </summary>
    public long Missed { get; init; }

    /// <summary>Bytes moved, by call and by what the descriptor is.</summary>
    public required IReadOnlyList<MovedBytes> Moved { get; init; }

    /// <summary>Order of the writes to regular files.</summary>
    public required WriteOrder Writes { get; init; }
}

/// <param name="Call">As in <see cref="CallCount"/>.</param>
/// <param name="Kind"><c>file</c>, <c>socket</c> or <c>other</c> (a pipe, a counter that wakes a thread; left out in the first documents): what the first descriptor is (of sendfile64 and splice, where it goes to).</param>
public sealed record MovedBytes(string Call, string Kind, long Calls, long Bytes);

/// <summary>Whether writes to files go on where the last one to the same file ended.</summary>
/// <param name="Files">Regular files that were written to.</param>
/// <param name="Writes">Writes whose predecessor in the same file was seen.</param>
/// <param name="Continuing">Those of them that began where it ended.</param>
/// <param name="Bytes">Of all writes to files.</param>
public sealed record WriteOrder(int Files, long Writes, long Continuing, long Bytes)
{
    /// <summary>Bytes of the writes whose predecessor was seen; null in the first documents.</summary>
    public long? ComparedBytes { get; init; }

    /// <summary>Of those that began where it ended.</summary>
    public long? ContinuingBytes { get; init; }

    /// <summary>
    /// By bytes, so that a few that are put elsewhere, into a header or over what is given up, do not weigh as much as a batch; by writes where bytes are not known.
    /// Null when there were none to compare.
    /// </summary>
    public double? ContinuingShare => Writes == 0 ? null : ComparedBytes > 0 ? (double?)ContinuingBytes / ComparedBytes : (double)Continuing / Writes;
}

/// <param name="Files">How many.</param>
/// <param name="Bytes">Their lengths.</param>
/// <param name="ResidentBytes">Of them in the page cache (cachestat).</param>
public sealed record ResidentFiles(int Files, long Bytes, long ResidentBytes);

/// <param name="Technique"><c>batching</c>, <c>log</c>, <c>cache</c>, <c>transfer</c>.</param>
/// <param name="Setting">What it looks like, in the words of the engine's <c>technique.*</c> settings, or <c>mixed</c>.</param>
/// <param name="Because">The figures that say so.</param>
public sealed record TechniqueSeen(string Technique, string Setting, string Because);
