namespace Harness.Verdicts.Expressions;

/// <summary>
/// A unit as written in scenario files. Decimal and binary prefixes are told apart (KB is 1000, KiB is 1024), and case
/// matters, because <c>m</c> is a minute and <c>M</c> a million.
/// </summary>
/// <param name="Symbol">As written behind the number: <c>KiB</c>, <c>ms</c>, <c>M/s</c>.</param>
/// <param name="Factor">How many base units one of it is.</param>
public sealed record Unit(string Symbol, QuantityKind Kind, decimal Factor)
{
    private const decimal Kibi = 1024m;

    /// <summary>Every unit, each kind from small to large.</summary>
    public static IReadOnlyList<Unit> All { get; } =
    [
        new("B", QuantityKind.Bytes, 1m),
        new("KB", QuantityKind.Bytes, 1e3m),
        new("MB", QuantityKind.Bytes, 1e6m),
        new("GB", QuantityKind.Bytes, 1e9m),
        new("KiB", QuantityKind.Bytes, Kibi),
        new("MiB", QuantityKind.Bytes, Kibi * Kibi),
        new("GiB", QuantityKind.Bytes, Kibi * Kibi * Kibi),
        new("us", QuantityKind.Duration, 1e-6m),
        new("ms", QuantityKind.Duration, 1e-3m),
        new("s", QuantityKind.Duration, 1m),
        new("m", QuantityKind.Duration, 60m),
        new("h", QuantityKind.Duration, 3600m),
        new("/s", QuantityKind.Rate, 1m),
        new("k/s", QuantityKind.Rate, 1e3m),
        new("M/s", QuantityKind.Rate, 1e6m),
        new("G/s", QuantityKind.Rate, 1e9m),
        new("B/s", QuantityKind.ByteRate, 1m),
        new("KB/s", QuantityKind.ByteRate, 1e3m),
        new("MB/s", QuantityKind.ByteRate, 1e6m),
        new("GB/s", QuantityKind.ByteRate, 1e9m),
        new("KiB/s", QuantityKind.ByteRate, Kibi),
        new("MiB/s", QuantityKind.ByteRate, Kibi * Kibi),
        new("GiB/s", QuantityKind.ByteRate, Kibi * Kibi * Kibi),
        new("ms/GB", QuantityKind.CpuCost, 1e-3m),
        new("s/GB", QuantityKind.CpuCost, 1m),
        new("%", QuantityKind.Share, 0.01m),
        new("x", QuantityKind.Ratio, 1m),
        new("", QuantityKind.Count, 1m),
    ];

    /// <summary>The symbols of a kind, as a sentence lists them: <c>B, KB, MB, GB, KiB, MiB or GiB</c>.</summary>
    public static string Symbols(QuantityKind kind)
    {
        string[] symbols = [.. All.Where(unit => unit.Kind == kind).Select(unit => unit.Symbol)];
        return symbols.Length == 1 ? symbols[0] : $"{string.Join(", ", symbols[..^1])} or {symbols[^1]}";
    }

    /// <summary>The kind with its article: <c>a size</c>.</summary>
    public static string Noun(QuantityKind kind) => kind switch
    {
        QuantityKind.Bytes => "a size",
        QuantityKind.Duration => "a duration",
        QuantityKind.Rate => "a rate",
        QuantityKind.ByteRate => "a byte rate",
        QuantityKind.CpuCost => "a CPU cost",
        QuantityKind.Share => "a share",
        QuantityKind.Ratio => "a ratio",
        QuantityKind.Count => "a count",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
