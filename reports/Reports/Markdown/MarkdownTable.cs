using Reports.Model;

namespace Reports.Markdown;

/// <summary>Draws a <see cref="ReportTable"/> as GitHub does: one line of headers, so the group stands in each of its columns.</summary>
internal static class MarkdownTable
{
    public static IEnumerable<string> Render(ReportTable table)
    {
        yield return Line(table.Columns.Select(Header));
        yield return Line(table.Columns.Select(c => c.Numeric ? "---:" : "---"));
        foreach (IReadOnlyList<ReportCell> row in table.Rows) yield return Line(row.Select(Cell));
    }

    private static string Header(ReportColumn column) =>
        MarkdownText.Escape(column.Group is null ? column.Header : $"{column.Group} {column.Header}");

    private static string Cell(ReportCell cell)
    {
        string text = MarkdownText.Escape(cell.Text);
        return text.Length == 0 ? text : cell.Mark switch
        {
            CellMark.Void => $"~~{text}~~",
            CellMark.Bad => $"**{text}**",
            _ => text,
        };
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
