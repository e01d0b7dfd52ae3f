namespace Harness.Measure;

/// <param name="Directory">Where the ring's files are made, and removed again: the filesystem that holds the broker's data.</param>
/// <param name="BatchBytes">Carried by one recv, one write and one sendfile: the batch of the scenario.</param>
/// <param name="RingBytes">Size of the ring of files: the retention of the scenario.</param>
/// <param name="SegmentBytes">Size of one file of the ring.</param>
/// <param name="WarmupSeconds">Not counted; longer if the first lap of the ring takes longer.</param>
/// <param name="PassSeconds">Counted in one pass.</param>
public sealed record BarePipelineOptions(
    string Directory, int BatchBytes, long RingBytes, long SegmentBytes, double WarmupSeconds, double PassSeconds)
{
    /// <summary>How many connections a stage that only serves has, each with its own thread at both ends.</summary>
    public int Connections { get; init; } = 1;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Connections, 1);
        ArgumentException.ThrowIfNullOrEmpty(Directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, BatchBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(RingBytes, SegmentBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(WarmupSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PassSeconds);
    }
}

/// <summary>One pass of the probe.</summary>
/// <param name="CpuSecondsPerGigabyte">CPU time of its three threads for 10^9 bytes.</param>
/// <param name="RingWarm">False when the first lap was not over when its time was, so that fresh pages were counted too.</param>
public sealed record BarePipelinePass(double BytesPerSecond, double CpuSecondsPerGigabyte, bool RingWarm)
{
    /// <summary>The same of the threads in the broker's place alone; null of a stage that has none.</summary>
    public double? BrokerCpuSecondsPerGigabyte { get; init; }
}
