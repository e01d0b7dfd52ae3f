using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>When each technique applies and when it does not, as far as verdicts speak of it.</summary>
internal static class TechniquesTable
{
    public const string Title = "When it applies, when it does not";

    /// <summary>A row for each technique and condition, techniques together; null where no verdict speaks of them.</summary>
    public static ReportTable? Of(RunResult run)
    {
        TechniqueCase[] cases = [.. run.Verdicts.SelectMany(verdict => verdict.Techniques ?? [])];
        return cases.Length == 0 ? null : new ReportTable(
            [
                new("Technique", Numeric: false),
                new("At", Numeric: false),
                new("carried without it"),
                new("95 % interval"),
                new("So it", Numeric: false),
            ],
            [.. cases.GroupBy(found => found.Technique).SelectMany(technique => technique.Select(Row))]);
    }

    private static IReadOnlyList<ReportCell> Row(TechniqueCase found) =>
    [
        new(found.Technique),
        new(found.Where),
        new(found.Ratio is { } ratio ? Format.Ratio(ratio) : "–"),
        new(found is { Low: { } low, High: { } high } ? $"{Format.Ratio(low)} to {Format.Ratio(high)}" : "–"),
        found.Answer switch
        {
            TechniqueAnswer.Applies => new("applies", CellMark.Good),
            TechniqueAnswer.Costs => new("does not apply: costs", CellMark.Bad),
            TechniqueAnswer.Undecided => new("undecided", CellMark.Muted),
            _ => new("no interval", CellMark.Muted),
        },
    ];
}
