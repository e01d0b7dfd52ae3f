using Engine.Linux;

namespace Harness.Measure;

/// <summary>Goes round the ring's places from the first on. Belongs to one thread.</summary>
internal sealed class RingCursor(FileDescriptor[] segments, int batchBytes, int batchesPerSegment)
{
    private int _segment;
    private int _batch;

    internal (FileDescriptor Segment, long Position) Next()
    {
        (FileDescriptor, long) place = (segments[_segment], (long)_batch * batchBytes);
        if (++_batch == batchesPerSegment)
        {
            _batch = 0;
            _segment = (_segment + 1) % segments.Length;
        }

        return place;
    }
}
