namespace Results;

/// <summary>
/// The machine's fingerprint: what a reader needs to know of it to repeat or doubt a figure.
/// Holds no host name, user or absolute path. A value that could not be read is null, and a note of the run says why.
/// </summary>
public sealed record MachineInfo
{
    public required CpuInfo Cpu { get; init; }
    public required MemoryInfo Memory { get; init; }
    public required DiskInfo Disk { get; init; }
    public required KernelInfo Kernel { get; init; }

    /// <summary>A short digest of the facts above that do not change between runs: equal for runs that may be compared directly.</summary>
    public required string Fingerprint { get; init; }
}

public sealed record CpuInfo
{
    public required string Model { get; init; }

    /// <summary>Processors this process may use.</summary>
    public required int Count { get; init; }

    public int? Sockets { get; init; }
    public int? NumaNodes { get; init; }
    public long? L1DataBytes { get; init; }
    public long? L2Bytes { get; init; }
    public long? L3Bytes { get; init; }
    public string? Governor { get; init; }
    public string? Virtualisation { get; init; }

    /// <summary>CPUs' worth of quota set by a cgroup; null where there is none.</summary>
    public double? QuotaCpus { get; init; }
}

public sealed record MemoryInfo
{
    public required long TotalBytes { get; init; }
    public required long AvailableBytes { get; init; }
    public required long SwapBytes { get; init; }
    public string? TransparentHugePages { get; init; }

    /// <summary>The dirty limits in force, in bytes, ratios resolved against available memory.</summary>
    public required long DirtyBackgroundBytes { get; init; }
    public required long DirtyLimitBytes { get; init; }
    public required double DirtyExpireSeconds { get; init; }
}

public sealed record DiskInfo
{
    /// <summary>Of the filesystem that holds the broker's data.</summary>
    public required string Filesystem { get; init; }

    public required string MountOptions { get; init; }
    public required long FreeBytes { get; init; }
    public string? Device { get; init; }
    public bool? Rotational { get; init; }
    public string? Scheduler { get; init; }
}

public sealed record KernelInfo
{
    public required string Release { get; init; }
    public required string Architecture { get; init; }
    public string? ClockSource { get; init; }

    /// <summary>Of TCP connections that do not choose for themselves, such as <c>cubic</c>; one that paces (<c>bbr</c>) does so over loopback too.</summary>
    public string? CongestionControl { get; init; }

    /// <summary>Other load when the run began: the one-minute load average.</summary>
    public required double LoadAverage { get; init; }

    public required long OpenFilesLimit { get; init; }
}
