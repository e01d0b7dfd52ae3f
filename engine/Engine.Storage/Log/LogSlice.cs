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

    /// <summary>The segment's path, for messages.</summary>
    public string Path => _segment?.Path ?? "";

    /// <summary>True when the bytes can be sent without waiting for the device.</summary>
    /// <param name="from">The first of them, counted from the slice's start.</param>
    public bool IsResident(int from, int length) =>
        _segment is null || PageCache.IsResident(_segment.File, Position + from, length);

    /// <summary>A second reference to the same bytes, for another thread. The caller's own is not given back meanwhile.</summary>
    public LogSlice Share() => _segment is null || _segment.TryAcquire()
        ? this
        : throw new InvalidOperationException("the slice was released");

    /// <summary>Gives the reference back. Any thread.</summary>
    public void Release() => _segment?.Release();
}
