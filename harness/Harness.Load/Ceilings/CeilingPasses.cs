using Results;

namespace Harness.Load;

/// <summary>How long a ceiling is measured. The ceiling is the median of its passes.</summary>
public sealed record CeilingOptions
{
    public int Passes { get; init; } = 3;

    public TimeSpan PassLength { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>Before the first pass, not counted: code is compiled and buffers are touched.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(400);
}

/// <summary>What one pass carried.</summary>
internal readonly record struct CeilingPass(double Seconds, long Messages, long WireBytes)
{
    public double BytesPerSecond => WireBytes / Seconds;

    public double MessagesPerSecond => Messages / Seconds;

    public static Ceiling ToCeiling(string kind, string description, IReadOnlyList<CeilingPass> passes)
    {
        CeilingPass[] sorted = [.. passes.OrderBy(static pass => pass.BytesPerSecond)];
        double bytes = Median(sorted, static pass => pass.BytesPerSecond);
        return new Ceiling
        {
            Kind = kind,
            Description = description,
            BytesPerSecond = bytes,
            MessagesPerSecond = Median(sorted, static pass => pass.MessagesPerSecond),
            PassesBytesPerSecond = [.. passes.Select(static pass => pass.BytesPerSecond)],
        };
    }

    private static double Median(CeilingPass[] sorted, Func<CeilingPass, double> figure) =>
        (figure(sorted[(sorted.Length - 1) / 2]) + figure(sorted[sorted.Length / 2])) / 2;
}
