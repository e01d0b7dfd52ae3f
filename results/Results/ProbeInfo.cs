namespace Results;

/// <summary>What a machine carries at best with nothing but the kernel in the way, part by part.</summary>
public sealed record ProbeInfo
{
    /// <summary>Of the way of measuring: figures of different versions are not comparable.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset MeasuredUtc { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>True: measured before, since the machine's last start, and not again for this document.</summary>
    public required bool Cached { get; init; }

    /// <summary>Where and how: pages recycled or fresh, sizes of ring and file, rounds.</summary>
    public required IReadOnlyList<string> Conditions { get; init; }

    public required IReadOnlyList<ProbeFigure> Figures { get; init; }
}

/// <summary>One thing measured, in several passes that are interleaved with those of the other figures.</summary>
public sealed record ProbeFigure
{
    /// <summary>Permanent name: <c>memory-copy</c>, <c>disk-sequential-write-direct</c>. With <see cref="BlockBytes"/> it names the figure.</summary>
    public required string Kind { get; init; }

    /// <summary>Which part of the machine: memory, CPU, socket, pipeline, disk.</summary>
    public required string Group { get; init; }

    /// <summary>What was measured, in a few words.</summary>
    public required string Name { get; init; }

    /// <summary>Carried by one call; null where there is no such thing.</summary>
    public int? BlockBytes { get; init; }
    public required ProbeUnit Unit { get; init; }

    /// <summary>Of the passes; null where not measurable.</summary>
    public double? Median { get; init; }

    /// <summary>Each pass in the order measured.</summary>
    public required IReadOnlyList<double> Passes { get; init; }

    /// <summary>CPU time of all threads of the probe for a gigabyte (10^9 bytes) carried, median; null where not measured.</summary>
    public double? CpuSecondsPerGigabyte { get; init; }

    /// <summary>Of the thread that serves from the page cache alone.</summary>
    public double? ServingCpuSecondsPerGigabyte { get; init; }

    /// <summary>Why it could not be measured here; null where it was.</summary>
    public string? NotMeasurable { get; init; }
}

public enum ProbeUnit
{
    BytesPerSecond,
    RecordsPerSecond,
    Nanoseconds,
}
