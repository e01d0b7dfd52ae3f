using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>What a variant's trials amount to, a cell each.</summary>
internal static class VariantCells
{
    private static readonly ReportCell Missing = new(Format.None, CellMark.Muted);

    /// <summary>A figure stands only where every trial of the variant was verified.</summary>
    public static ReportCell Figure(IReadOnlyList<Trial> trials, double? value, Func<double, string> write) => value is { } known
        ? new ReportCell(write(known), trials.Any(t => t.Verification.Violated) ? CellMark.Void : CellMark.None)
        : Missing;

    /// <summary><c>0.931 (0.912 to 0.950)</c>; what has a caution is muted, since the remarks below take something back.</summary>
    public static ReportCell Ratio(Comparison? comparison)
    {
        if (comparison?.Ratio is not { } ratio) return Missing;
        string interval = comparison is { RatioLow: { } low, RatioHigh: { } high } ? $" ({Format.Ratio(low)} to {Format.Ratio(high)})" : "";
        return new ReportCell(Format.Ratio(ratio) + interval, comparison.Caution is null ? CellMark.None : CellMark.Muted);
    }

    /// <summary>A generator at its limit says nothing of the broker: such a variant has no place in a ranking.</summary>
    public static ReportCell Ranked(IReadOnlyList<Trial> trials)
    {
        int limited = trials.Count(t => t.GeneratorLimits.GeneratorLimited);
        return limited == 0 ? new ReportCell("yes") : new ReportCell($"no: generator, {Number(limited)} of {Number(trials.Count)}", CellMark.Bad);
    }

    public static ReportCell Count(IReadOnlyList<Trial> trials) => new(Number(trials.Count));

    /// <summary>Whether every trial was; else what became of them.</summary>
    public static ReportCell Verified(IReadOnlyList<Trial> trials)
    {
        if (trials.Any(t => t.Verification.Violated)) return new ReportCell("violated", CellMark.Bad);
        int passed = trials.Count(t => t.Verification.Passed);
        return passed == trials.Count ? new ReportCell("yes", CellMark.Good) : new ReportCell($"{Number(passed)} of {Number(trials.Count)}", CellMark.Bad);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
