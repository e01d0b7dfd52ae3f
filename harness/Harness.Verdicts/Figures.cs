using System.Globalization;
using Harness.Verdicts.Expressions;

namespace Harness.Verdicts;

/// <summary>Figures as sentences write them: three significant digits and a unit.</summary>
public static class Figures
{
    private static readonly (double Factor, string Prefix)[] Decimal = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")];

    public static string Rate(double perSecond) => Scaled(perSecond, "msg/s", thousand: "k");

    public static string ByteRate(double bytesPerSecond) => Scaled(bytesPerSecond, "B/s", thousand: "K", joined: true);

    public static string Bytes(double bytes) => Scaled(bytes, "B", thousand: "K", joined: true);

    public static string Duration(double seconds) => seconds switch
    {
        < 1e-3 => Significant(seconds * 1e6) + " us",
        < 1 => Significant(seconds * 1e3) + " ms",
        _ => Significant(seconds) + " s",
    };

    /// <summary><c>0.412 s/GB</c>: a cost is often well under one, and is told by its ratio to another.</summary>
    public static string CpuCost(double secondsPerGigabyte) =>
        secondsPerGigabyte.ToString(secondsPerGigabyte < 0.9995 ? "0.000" : "0.00", CultureInfo.InvariantCulture) + " s/GB";

    /// <summary>A candidate over its baseline: <c>0.931</c>, <c>1.012</c>, <c>12.4</c>. Just above one as fine as just below it.</summary>
    public static string Ratio(double ratio) => ratio.ToString(ratio < 9.9995 ? "0.000" : ratio < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture);

    public static string Of(QuantityKind kind, double value) => kind switch
    {
        QuantityKind.Rate => Rate(value),
        QuantityKind.ByteRate => ByteRate(value),
        QuantityKind.Bytes => Bytes(value),
        QuantityKind.Duration => Duration(value),
        QuantityKind.CpuCost => CpuCost(value),
        QuantityKind.Share => Share(value),
        QuantityKind.Ratio => Ratio(value) + "x",
        QuantityKind.Count => value.ToString("#,0.##", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Percent, cut rather than rounded near the whole: what falls short must not read as 100 %.</summary>
    public static string Share(double share)
    {
        double percent = share * 100;
        double shown = percent is >= 99 and < 100 ? Math.Floor(percent * 10) / 10 : Math.Round(percent, percent < 10 ? 1 : 0);
        return shown.ToString("0.#", CultureInfo.InvariantCulture) + " %";
    }

    public static string Cpus(double cpus) => cpus.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A quantity with a space before its unit: <c>512 KiB</c>.</summary>
    public static string Spaced(Quantity quantity)
    {
        string text = quantity.ToString();
        int unit = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        return $"{text[..unit]} {text[unit..]}";
    }

    private static string Scaled(double value, string unit, string thousand, bool joined = false)
    {
        (double factor, string prefix) = Decimal.FirstOrDefault(d => Math.Abs(value) >= d.Factor, Decimal[^1]);
        string shown = prefix == "k" ? thousand : prefix;
        string between = joined || shown.Length == 0 ? "" : " ";
        return $"{Significant(value / factor)} {shown}{between}{unit}";
    }

    private static string Significant(double value)
    {
        double size = Math.Abs(value);
        string format = size switch { >= 99.95 => "0", >= 9.995 => "0.0", _ => "0.00" };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
