namespace Engine.Storage;

/// <summary>
/// That bytes of a segment were lent to the kernel to be sent, by sendfile, and may not have been received yet: as long as that is so the file
/// must not be written again. Given back once by <see cref="GiveBack"/> when they are known to have arrived; never, when they may not have.
/// </summary>
public readonly struct SegmentLoan
{
    private readonly LogSegment? _segment;

    internal SegmentLoan(LogSegment segment) => _segment = segment;

    /// <summary>True when the slice's bytes are of the same segment.</summary>
    public bool Covers(in LogSlice slice) => slice.IsOf(_segment);

    /// <summary>True when the slice lies behind all of the segment, in the same log.</summary>
    public bool EndsBefore(in LogSlice slice) => _segment is not null && slice.BeginsSegmentBehind(_segment);

    /// <summary>All that was lent has been received.</summary>
    public void GiveBack() => _segment?.EndLoan();
}
