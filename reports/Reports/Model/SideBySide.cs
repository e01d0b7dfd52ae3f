using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>The variants of one point beside each other, with their ratios to the first one.</summary>
/// <param name="Title">The point of the matrix; empty without one.</param>
/// <param name="Remarks">What stands against taking a ratio at its word, and where the variants did not do the same work.</param>
public sealed record SideBySide(string Title, ReportTable Table, IReadOnlyList<string> Remarks)
{
    /// <summary>One for each point that has several variants.</summary>
    internal static IReadOnlyList<SideBySide> Of(RunResult run) =>
    [
        .. VariantNaming.Measured(run).GroupBy(v => v.Point).Where(point => point.Count() > 1).Select(point => Of(run, [.. point])),
    ];

    /// <summary>What the ratios are, in a sentence; null where there are none.</summary>
    internal static string? Statement(RunResult run) => run.Comparisons.Count == 0 ? null
        : run.Comparisons.Any(c => c.RatioLow is not null)
            ? "Medians over the trials. A ratio is to the first variant, from the blocks in which both ran: their Hodges–Lehmann estimate, "
                + "in brackets its 95 % interval."
            : "Medians over the trials. A ratio is to the first variant, from the blocks in which both ran; "
                + (run.Quick ? "quick: no interval." : "no interval, which takes at least six blocks.");

    private static SideBySide Of(RunResult run, VariantInfo[] variants)
    {
        VariantInfo first = variants[0];
        IReadOnlyList<Trial>[] trials = [.. variants.Select(v => RunVariants.TrialsOf(run, v))];
        Comparison[] comparisons = [.. run.Comparisons.Where(c => c.Point == first.Point && c.Baseline == first.Name)];
        bool[] compared = [.. variants.Select(v => comparisons.Any(c => c.Candidate == v.Name))];
        List<ReportColumn> columns = [new("Figure", Numeric: false)];
        for (int i = 0; i < variants.Length; i++)
        {
            string label = PlainText.OneLine(variants[i].Label);
            columns.Add(new ReportColumn(compared[i] ? "median" : label, compared[i] ? label : null));
            if (compared[i]) columns.Add(new ReportColumn("ratio", label));
        }

        List<IReadOnlyList<ReportCell>> rows = [];
        foreach (VariantFigure figure in VariantFigure.All)
        {
            double?[] medians = [.. trials.Select(figure.Median)];
            if (medians.All(m => m is null)) continue;
            List<ReportCell> row = [new(figure.Name)];
            for (int i = 0; i < variants.Length; i++)
            {
                row.Add(VariantCells.Figure(trials[i], medians[i], figure.Write));
                if (compared[i]) row.Add(VariantCells.Ratio(comparisons.FirstOrDefault(c => c.Candidate == variants[i].Name && c.Metric == figure.Metric)));
            }

            rows.Add(row);
        }

        rows.Add(Row("Ranked", VariantCells.Ranked));
        rows.Add(Row("Trials", VariantCells.Count));
        rows.Add(Row("Verified", VariantCells.Verified));
        return new SideBySide(VariantNaming.Point(first), new ReportTable(columns, rows), [.. Remark(run, variants, comparisons)]);

        List<ReportCell> Row(string name, Func<IReadOnlyList<Trial>, ReportCell> cell)
        {
            List<ReportCell> row = [new(name)];
            for (int i = 0; i < variants.Length; i++)
            {
                row.Add(cell(trials[i]));
                if (compared[i]) row.Add(new ReportCell(""));
            }

            return row;
        }
    }

    /// <summary>
    /// The whole sentence of each candidate's throughput, which names what differs, and once each what the other metrics have to be careful of.
    /// </summary>
    private static IEnumerable<string> Remark(RunResult run, VariantInfo[] variants, Comparison[] comparisons)
    {
        string rate = Flow.Headline(variants[0].Scenario).Metric + ".rate";
        foreach (VariantInfo candidate in variants.Skip(1))
        {
            Comparison[] own = [.. comparisons.Where(c => c.Candidate == candidate.Name)];
            if (own.FirstOrDefault(c => c.Metric == rate) is { } main) yield return PlainText.OneLine(main.Sentence) + ".";
            string? told = own.FirstOrDefault(c => c.Metric == rate)?.Caution;
            IEnumerable<IGrouping<string, Comparison>> cautions = own.Where(c => c.Caution is not null && c.Caution != told).GroupBy(c => c.Caution!);
            foreach (IGrouping<string, Comparison> caution in cautions)
            {
                yield return PlainText.OneLine($"{string.Join(", ", caution.Select(c => c.Metric))} of {candidate.Name}: {caution.Key}") + ".";
            }
        }
    }
}
