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
    public FileDescriptor File => _segment is null ? throw new InvalidOperationException("an empty slice has no file") : _segment.File;

    public long Position { get; }

    /// <summary>Bytes; 0 for the empty slice.</summary>
    public int Length { get; }

    /// <summary>Gives the reference back. Any thread.</summary>
    public void Release() => _segment?.Release();
}
