using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// A ring of preallocated places of one batch each, spread over segment files that are overwritten in place lap after lap:
/// after the first lap every write meets pages that are in the page cache already. The files lose their names as soon as they are open, so that the
/// kernel takes them back however the process ends.
/// </summary>
internal sealed class RingFiles : IDisposable
{
    private readonly string _folder;
    private readonly FileDescriptor[] _segments;
    private readonly int _batchBytes;
    private readonly int _batchesPerSegment;
    private long _written;
    private volatile bool _warm;

    /// <param name="open">How a segment's file is opened, given its path; a test hands in a full device.</param>
    internal RingFiles(BarePipelineOptions options, Func<string, FileDescriptor> open)
    {
        _batchBytes = options.BatchBytes;
        _batchesPerSegment = (int)(options.SegmentBytes / options.BatchBytes);
        _folder = Path.Combine(options.Directory, $"bare-pipeline-{Environment.ProcessId}");
        _segments = new FileDescriptor[options.RingBytes / options.SegmentBytes];
        try
        {
            Directory.CreateDirectory(_folder);
            for (int i = 0; i < _segments.Length; i++)
            {
                _segments[i] = open(Path.Combine(_folder, $"{i:D4}.ring"));
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw new LinuxException("mkdir", Errno.EACCES, _folder);
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            RemoveFolder();
        }
    }

    internal long Bytes => BatchesPerLap * _batchBytes;

    /// <summary>True once every place was written: from then on no page is fresh.</summary>
    internal bool Warm => _warm;

    internal long BatchesPerLap => (long)_segments.Length * _batchesPerSegment;

    internal static FileDescriptor Create(string path) =>
        Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate);

    /// <summary>The ring's places from the first on, round and round.</summary>
    internal RingCursor Begin() => new(_segments, _batchBytes, _batchesPerSegment);

    /// <summary>A further place was written.</summary>
    internal void Written()
    {
        if (++_written == BatchesPerLap)
        {
            _warm = true;
        }
    }

    public void Dispose()
    {
        foreach (FileDescriptor? segment in _segments)
        {
            segment?.Dispose();
        }
    }

    private void RemoveFolder()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
