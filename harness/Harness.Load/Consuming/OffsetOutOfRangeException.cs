namespace Harness.Load;

/// <summary>The broker does not hold the offset asked for. The consumer asks what it does hold and reports that.</summary>
internal sealed class OffsetOutOfRangeException(int partition, long offset) : Exception($"offset {offset} of partition {partition} is out of range")
{
    public int Partition => partition;

    public long Offset => offset;
}
