using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>Where the brokers' CPU time went, of runs that sampled it.</summary>
internal static class ProfileTables
{
    public const string Title = "Where the broker's CPU went";

    /// <summary>Columns that stand only where there is something in them.</summary>
    private static readonly CpuCategory[] Rare = [CpuCategory.KernelUnnamed, CpuCategory.Unknown];

    /// <summary>A row a variant, the kinds of code as columns.</summary>
    public static ReportTable Shares(RunResult run)
    {
        CpuCategory[] kinds =
        [
            .. Enum.GetValues<CpuCategory>().Where(kind => !Rare.Contains(kind) || run.Profiles.Any(profile => profile.Categories.Any(c => c.Category == kind))),
        ];
        return new ReportTable(
            [
                Who(run),
                new("samples"),
                new("CPU time seen", Drop: 1),
                .. kinds.Select(kind => new ReportColumn(Wording.Of(kind), "Share of the samples")),
            ],
            [.. run.Profiles.Select(profile => Row(profile, kinds))]);
    }

    /// <summary>The functions in which most samples were.</summary>
    public static ReportTable Symbols(RunResult run) => new(
        [Who(run), new("Function or library", Numeric: false), new("Kind", Numeric: false), new("samples"), new("share")],
        [.. run.Profiles.SelectMany(profile => profile.Symbols.Select(symbol => Row(profile, symbol)))]);

    /// <summary>What could not be sampled, each with the command that would allow it.</summary>
    public static IReadOnlyList<string> NotMeasured(RunResult run) => [.. run.Profiles.SelectMany(profile => profile.NotMeasured).Distinct()];

    private static IReadOnlyList<ReportCell> Row(CpuProfile profile, CpuCategory[] kinds) =>
    [
        new(PlainText.OneLine(profile.Variant)),
        new(Format.Count(profile.Samples)),
        Share(profile.Samples, profile.CpuSeconds * profile.Hertz),
        .. kinds.Select(kind => Share(profile.Categories.FirstOrDefault(c => c.Category == kind)?.Samples ?? 0, profile.Samples)),
    ];

    private static IReadOnlyList<ReportCell> Row(CpuProfile profile, SymbolSamples symbol) =>
    [
        new(PlainText.OneLine(profile.Variant)),
        new(PlainText.OneLine(CpuFrames.Plain(symbol.Name))),
        new(Wording.Of(symbol.Category)),
        new(Format.Count(symbol.Samples)),
        Share(symbol.Samples, profile.Samples),
    ];

    private static ReportCell Share(double part, double whole) => part > 0 && whole > 0 ? new(Format.Percent(part / whole)) : new(Format.None, CellMark.Muted);

    private static ReportColumn Who(RunResult run) => new(run.Variants.Count > 0 ? "Variant" : "Target", Numeric: false);
}
