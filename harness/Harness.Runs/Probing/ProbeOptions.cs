namespace Harness.Runs;

/// <summary>How the machine's ceilings are to be measured.</summary>
public sealed record ProbeOptions
{
    /// <summary>Of the filesystem whose disk is measured, and where the ring lies.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where result and report go; null makes a folder of its own under <see cref="RunsRoot"/>.</summary>
    public string? OutDirectory { get; init; }

    /// <summary>The folder of all runs: <c>results/runs</c> of the repository.</summary>
    public required string RunsRoot { get; init; }

    /// <summary>Where figures are kept until the machine starts again.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Measures also where the cache has figures.</summary>
    public bool Fresh { get; init; }

    /// <summary>Measures by fio and iperf3 too, in turns, and says how far apart the figures are. Never from the cache.</summary>
    public bool AgainstTools { get; init; }

    /// <summary>The command that repeats this, from the repository's root.</summary>
    public required string Command { get; init; }

    public ProbePlan Plan { get; init; } = new();
}

/// <summary>Sizes and times. The defaults are those of every comparable probe, and take about 40 seconds; only tests take others.</summary>
public sealed record ProbePlan
{
    /// <summary>Passes of every figure; one round measures all of them once.</summary>
    public int Rounds { get; init; } = 3;

    public int BatchBytes { get; init; } = 512 << 10;
    public int ValueBytes { get; init; } = 30;
    public long RingBytes { get; init; } = 512 << 20;
    public long SegmentBytes { get; init; } = 128 << 20;
    public long DiskFileBytes { get; init; } = 256 << 20;
    public int MemoryBytes { get; init; } = 128 << 20;
    public double MemorySeconds { get; init; } = 0.2;
    public double StageWarmupSeconds { get; init; } = 0.2;
    public double StageSeconds { get; init; } = 0.7;
    public double DiskSeconds { get; init; } = 0.25;

    /// <summary>Of each run of another tool, which know whole seconds only.</summary>
    public int ToolSeconds { get; init; } = 1;

    /// <summary>Ring and file never exist at the same time.</summary>
    internal long SpaceBytes => Math.Max(RingBytes, DiskFileBytes + (64 << 20));

    /// <summary>fio has a file of its own where one grows.</summary>
    internal long SpaceBytesWithTools => SpaceBytes + DiskFileBytes;
}
