namespace Results;

/// <summary>What a process used in the counted window.</summary>
public sealed record ProcessUsage
{
    public required double UserSeconds { get; init; }
    public required double SystemSeconds { get; init; }

    /// <summary>Share of one CPU in use, averaged over the window: 1.5 is one and a half CPUs.</summary>
    public required double CpuShare { get; init; }

    /// <summary>Resident anonymous memory at its highest sample, and the whole resident set.</summary>
    public required long AnonymousPeakBytes { get; init; }
    public required long ResidentPeakBytes { get; init; }

    public required long VoluntarySwitches { get; init; }
    public required long InvoluntarySwitches { get; init; }
    public required long MinorFaults { get; init; }
    public required long MajorFaults { get; init; }

    /// <summary>From /proc/PID/io; null where it may not be read.</summary>
    public long? DeviceReadBytes { get; init; }
    public long? DeviceWriteBytes { get; init; }
    public long? CancelledWriteBytes { get; init; }

    /// <summary>Bytes allocated on the managed heap and collections, for .NET processes that tell; null otherwise.</summary>
    public long? AllocatedBytes { get; init; }
    public int? GcCount { get; init; }

    /// <summary>How long those collections stopped the process, all together; null where it does not tell.</summary>
    public double? GcPauseSeconds { get; init; }

    /// <summary>
    /// The longest of them was at most so long: the upper end of its place in a histogram of steps 1, 2, 5, or all pauses together where that is less. Null where it
    /// is not told.
    /// </summary>
    public double? GcLongestPauseSeconds { get; init; }
}
