using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// A counted reference to bytes of a segment file, for sendfile or pread. The bytes stay readable until <see cref="Release"/>,
/// whatever becomes of the segment, the topic or the log meanwhile. To be released exactly once (copies of the struct are the same
/// reference); the empty slice refers to nothing and may be released or not.
/// </summary>
public readonly struct LogSlice
{
    private readonly LogSegment? _segment;

    internal LogSlice(LogSegment segment, int position, int length)
    {
        _segment = segment;
        Position = position;
        Length = length;
    }

    /// <summary>The segment's file; only of a slice that is not empty.</summary>
    public FileDescriptor File => Store.File;

    /// <summary>Where it begins in the segment, whose bytes need not lie in the file in this order: see <see cref="Piece"/>.</summary>
    public long Position { get; }

    /// <summary>Bytes; 0 for the empty slice.</summary>
    public int Length { get; }

    /// <summary>The segment's path, for messages.</summary>
    public string Path => _segment?.Path ?? "";

    /// <summary>True when the bytes can be sent without waiting for the device.</summary>
    /// <param name="from">The first of them, counted from the slice's start.</param>
    public bool IsResident(int from, int length) =>
        _segment is null || _segment.Store.IsResident((int)Position + from, length);

    /// <summary>True when every read waits for the device: none may be made by a thread that must not.</summary>
    public bool ReadsWait => _segment is not null && _segment.Store.ReadsWait;

    /// <summary>What follows in the log follows in the file.</summary>
    public bool IsInARow => _segment is null || _segment.Store.IsInARow;

    /// <summary>How many of the bytes lie in one piece of <see cref="File"/>, at least one, and where.</summary>
    /// <param name="from">The first of them, counted from the slice's start.</param>
    /// <param name="length">How many are wanted.</param>
    public int Piece(int from, int length, out long filePosition) => Store.Piece((int)Position + from, length, out filePosition);

    /// <summary>Reads until the span is full or the file ends.</summary>
    public int Read(Span<byte> into, int from) => Store.Read(into, (int)Position + from);

    /// <summary>Reads as much as fits into one buffer.</summary>
    /// <param name="start">Where in the buffer it begins.</param>
    public int ReadPiece(AlignedBuffer buffer, int from, int length, out int start) =>
        Store.ReadPiece(buffer, (int)Position + from, length, out start);

    /// <summary>The same reference, to no more than so many bytes.</summary>
    public LogSlice CutTo(int bytes) => _segment is null || bytes >= Length ? this : new LogSlice(_segment, (int)Position, bytes);

    /// <summary>A second reference to the same bytes, for another thread. The caller's own is not given back meanwhile.</summary>
    public LogSlice Share() => _segment is null || _segment.TryAcquire()
        ? this
        : throw new InvalidOperationException("the slice was released");

    /// <summary>
    /// Notes that bytes of it go out by sendfile. To be called before the slice is released, once for all that one reader is sent of a segment.
    /// </summary>
    public SegmentLoan Lend()
    {
        LogSegment segment = _segment ?? throw new InvalidOperationException("an empty slice has no bytes to lend");
        segment.BeginLoan();
        return new SegmentLoan(segment);
    }

    internal bool IsOf(LogSegment? segment) => _segment == segment;

    internal bool BeginsSegmentBehind(LogSegment segment) => _segment is not null && _segment.BaseOffset > segment.BaseOffset;

    private SegmentStore Store => _segment?.Store ?? throw new InvalidOperationException("an empty slice has no file");

    /// <summary>Gives the reference back. Any thread.</summary>
    public void Release() => _segment?.Release();
}
