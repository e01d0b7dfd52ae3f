using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>All points of a matrix in one table, a row for each variant of each point.</summary>
internal static class MatrixTable
{
    private static readonly (string Header, string? Group, string Metric, int Drop)[] Figures =
    [
        ("p50", "publish", "publish.p50", 1),
        ("p99", "publish", "publish.p99", 4),
        ("p50", "end to end", "e2e.p50", 1),
        ("p99", "end to end", "e2e.p99", 0),
        ("CPU s/GB", "broker", "broker.cpu-per-gb", 0),
        ("memory", "broker", "broker.memory", 3),
    ];

    /// <returns>Null without a matrix.</returns>
    public static ReportTable? Of(RunResult run)
    {
        IReadOnlyList<VariantInfo> variants = VariantNaming.Measured(run);
        return variants.Select(v => v.Point).Distinct().Count() < 2
            ? null
            : Of(run, variants, [.. variants.SelectMany(v => v.Settings.Keys).Distinct()]);
    }

    /// <returns>The points in which nothing is put to the test, where other points are; null where there are none.</returns>
    public static ReportTable? Besides(RunResult run)
    {
        VariantInfo[] besides =
        [
            .. VariantNaming.Measured(run).GroupBy(v => v.Point).Where(point => point.All(v => v.Scenario is { Claim: null, Expect.Count: 0 })).SelectMany(point => point),
        ];
        return besides.Length == 0 || besides.Length == run.Variants.Count ? null : Of(run, besides, []);
    }

    private static ReportTable Of(RunResult run, IReadOnlyList<VariantInfo> variants, string[] keys)
    {
        // Where all may be ranked nobody misses the column.
        bool limited = run.Trials.Any(t => t.GeneratorLimits.GeneratorLimited);
        bool several = variants.GroupBy(v => v.Point).Any(point => point.Count() > 1);
        return new ReportTable(
            [
                .. keys.Select(key => new ReportColumn(PlainText.OneLine(key))),
                .. several ? [new ReportColumn("Variant", Numeric: false)] : Array.Empty<ReportColumn>(),
                new("msg/s"),
                new("values/s", Drop: 5),
                .. several ? [new ReportColumn("ratio")] : Array.Empty<ReportColumn>(),
                .. limited ? [new ReportColumn("Ranked", Numeric: false)] : Array.Empty<ReportColumn>(),
                new("Verified", Numeric: false),
                .. Figures.Select(f => new ReportColumn(f.Header, f.Group, Drop: f.Drop)),
            ],
            [.. variants.Select(v => Row(run, v, keys, several, limited))]);
    }

    private static List<ReportCell> Row(RunResult run, VariantInfo variant, string[] keys, bool several, bool limited)
    {
        IReadOnlyList<Trial> trials = RunVariants.TrialsOf(run, variant);
        Flow flow = Flow.Headline(variant.Scenario);
        List<ReportCell> row = [.. keys.Select(key => new ReportCell(PlainText.OneLine(variant.Settings.GetValueOrDefault(key, Format.None))))];
        if (several) row.Add(new ReportCell(PlainText.OneLine(variant.Label)));
        row.Add(VariantCells.Figure(trials, Median(trials, flow.MessagesPerSecond), Format.Si));
        row.Add(VariantCells.Figure(trials, Median(trials, flow.ValueBytesPerSecond), Format.BytesPerSecond));
        if (several)
        {
            bool isBaseline = run.Comparisons.Any(c => c.Baseline == variant.Name);
            Comparison? ratio = run.Comparisons.FirstOrDefault(c => c.Candidate == variant.Name && c.Metric == flow.Metric + ".rate");
            row.Add(isBaseline ? new ReportCell("1", CellMark.Muted) : VariantCells.Ratio(ratio));
        }

        if (limited) row.Add(VariantCells.Ranked(trials));
        row.Add(VariantCells.Verified(trials));
        foreach ((_, _, string metric, _) in Figures)
        {
            VariantFigure figure = VariantFigure.Named(metric);
            row.Add(VariantCells.Figure(trials, figure.Median(trials), figure.Write));
        }

        return row;
    }

    private static double? Median(IReadOnlyList<Trial> trials, Func<Trial, double?> of) =>
        new VariantFigure("", null, of, Format.Si).Median(trials);
}
