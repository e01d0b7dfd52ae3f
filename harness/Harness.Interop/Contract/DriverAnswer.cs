namespace Harness.Interop.Contract;

/// <summary>One line on a driver's standard output for each request: what was asked for, or why not.</summary>
internal sealed record DriverAnswer
{
    /// <summary>Null when it worked.</summary>
    public string? Error { get; init; }

    public IReadOnlyList<DriverRecord>? Records { get; init; }

    public IReadOnlyList<long>? Offsets { get; init; }
}
