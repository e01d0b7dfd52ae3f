using System.Globalization;

namespace Reports.Formatting;

/// <summary>
/// Quantities in words, the same in every kind of report: three significant digits, SI prefixes with a space before them,
/// one culture. A figure that reads "20.9 M" in the terminal must not read "20,912,345" in the page.
/// </summary>
public static class Format
{
    /// <summary>Stands where a value was not measured.</summary>
    public const string None = "–";

    private static readonly (double Factor, string Prefix)[] Decimal = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    private static readonly (long Factor, string Unit)[] Binary = [(1L << 40, "TiB"), (1L << 30, "GiB"), (1L << 20, "MiB"), (1L << 10, "KiB")];

    /// <summary><c>20.9 M</c>, <c>3.85 k</c>, <c>42</c>.</summary>
    public static string Si(double value) => Scaled(value, "", trim: false).TrimEnd();

    /// <summary><c>20.9 M msg/s</c>.</summary>
    public static string Rate(double messagesPerSecond) => Si(messagesPerSecond) + " msg/s";

    /// <summary>A rate that somebody wrote down, without the zeros of a measurement: <c>20 M msg/s</c>, <c>600 MB/s</c>.</summary>
    public static string Wanted(double perSecond, bool inBytes) =>
        inBytes ? Tick(perSecond, Quantity.BytesPerSecond) : Tick(perSecond, Quantity.MessagesPerSecond) + " msg/s";

    /// <summary>Powers of ten: <c>626 MB</c>, <c>23.8 GB</c>.</summary>
    public static string Bytes(double bytes) => Scaled(bytes, "B", trim: false);

    /// <summary><c>626 MB/s</c>.</summary>
    public static string BytesPerSecond(double bytesPerSecond) => Scaled(bytesPerSecond, "B/s", trim: false);

    /// <summary>A size that somebody chose: <c>512 KiB</c>, <c>30 B</c>, <c>1000 B</c>; exact, so that it can be typed again.</summary>
    public static string Size(long bytes)
    {
        foreach ((long factor, string unit) in Binary)
        {
            if (bytes >= factor && bytes % factor == 0) return Invariant($"{bytes / factor} {unit}");
        }

        return Invariant($"{bytes} B");
    }

    /// <summary><c>850 µs</c>, <c>1.35 ms</c>, <c>2.05 s</c>.</summary>
    public static string Micros(double micros)
    {
        double rounded = Round(micros);
        if (Math.Abs(rounded) < 1e3) return Digits(rounded, trim: true) + " µs";
        return Math.Abs(rounded) < 1e6 ? Digits(rounded / 1e3, trim: false) + " ms" : Digits(rounded / 1e6, trim: false) + " s";
    }

    /// <summary>A duration that somebody waits for: <c>5 ms</c>, <c>30 s</c>, <c>1 min 8 s</c>, <c>2 h 5 min</c>.</summary>
    public static string Seconds(double seconds)
    {
        if (seconds < 0) return "-" + Seconds(-seconds);
        if (seconds < 1) return seconds == 0 ? "0 s" : Micros(seconds * 1e6).Replace(".00 ", " ", StringComparison.Ordinal);
        if (seconds < 59.95) return Digits(Round(seconds), trim: true) + " s";
        long whole = (long)Math.Round(seconds);
        if (whole < 3600) return Invariant($"{whole / 60} min") + (whole % 60 == 0 ? "" : Invariant($" {whole % 60} s"));
        long minutes = (whole + 30) / 60;
        return Invariant($"{minutes / 60} h") + (minutes % 60 == 0 ? "" : Invariant($" {minutes % 60} min"));
    }

    /// <summary>A share of 1: <c>53 %</c>, <c>1.3 %</c>, <c>104 %</c>.</summary>
    public static string Percent(double share)
    {
        double percent = share * 100;
        return percent.ToString(Math.Abs(percent) < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>A change: <c>+1.2 %</c>, <c>−1.2 %</c>.</summary>
    public static string Change(double share)
    {
        string percent = Percent(Math.Abs(share));
        return share < 0 ? "−" + percent : "+" + percent;
    }

    /// <summary>Every digit, in groups of three: <c>731,500,000</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>CPUs' worth of time: <c>1.31</c>.</summary>
    public static string Cpus(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>CPU seconds for a gigabyte, the unit being in the name of the figure: <c>0.412</c>.</summary>
    public static string Cost(double secondsPerGigabyte) =>
        secondsPerGigabyte < 0.9995 ? secondsPerGigabyte.ToString("0.000", CultureInfo.InvariantCulture) : Digits(Round(secondsPerGigabyte), trim: false);

    /// <summary>One figure over another: <c>0.931</c>, <c>1.012</c>, <c>12.4</c>. Just above one as fine as just below it.</summary>
    public static string Ratio(double ratio) => ratio.ToString(ratio < 9.9995 ? "0.000" : ratio < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A figure, or <see cref="None"/> where there is none.</summary>
    public static string OrNone(double? value, Func<double, string> format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return value is { } known ? format(known) : None;
    }

    /// <summary>The label of a tick: as short as it can be without lying.</summary>
    public static string Tick(double value, Quantity unit) => unit switch
    {
        Quantity.MessagesPerSecond => Scaled(value, "", trim: true).TrimEnd(),
        Quantity.BytesPerSecond => Scaled(value, "B/s", trim: true),
        Quantity.Micros => TickMicros(value),
        Quantity.Share => Digits(Round(value * 100), trim: true) + " %",
        Quantity.Number or Quantity.Seconds => Digits(value, trim: true),
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null),
    };

    private static string TickMicros(double micros) => Math.Abs(micros) switch
    {
        < 1e3 => Digits(micros, trim: true) + " µs",
        < 1e6 => Digits(micros / 1e3, trim: true) + " ms",
        _ => Digits(micros / 1e6, trim: true) + " s",
    };

    private static string Scaled(double value, string unit, bool trim)
    {
        // Rounded first: 999.6 k is 1.00 M.
        double rounded = Round(value);
        foreach ((double factor, string prefix) in Decimal)
        {
            if (Math.Abs(rounded) >= factor) return $"{Digits(rounded / factor, trim)} {prefix}{unit}";
        }

        return $"{Digits(rounded, trim: true)} {unit}";
    }

    /// <summary>To three significant digits.</summary>
    private static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return value;
        int decimals = 2 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (decimals >= 0) return Math.Round(value, Math.Min(decimals, 15));
        double step = Math.Pow(10, -decimals);
        return Math.Round(value / step) * step;
    }

    private static string Digits(double value, bool trim)
    {
        double size = Math.Abs(value);
        string format = size >= 99.95 ? "0" : size >= 9.995 ? (trim ? "0.#" : "0.0") : trim ? (size < 0.095 ? "0.####" : "0.##") : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
