using System.Text;
using Reports.Model;

namespace Reports.Terminal;

/// <summary>
/// Draws a <see cref="ReportTable"/> in columns of characters. What is wider than the line is told row by row as "name: value"
/// instead: a table that wraps is not a table.
/// </summary>
internal static class TextTable
{
    private const int GapCharacters = 2;

    public static IReadOnlyList<string> Render(ReportTable table, int width)
    {
        if (table.Rows.Count == 0) return [];
        int[] drops = [0, .. table.Columns.Select(c => c.Drop).Where(d => d > 0).Distinct().Order()];
        foreach (int drop in drops)
        {
            ReportTable fewer = Without(table, drop);
            if (Fits(fewer, width) is { } widths) return Columns(fewer, widths);
        }

        return Records(table, width);
    }

    /// <returns>The width of each column; null where the line is too short for them.</returns>
    private static int[]? Fits(ReportTable table, int width)
    {
        int[] widths = [.. table.Columns.Select((c, i) => table.Rows.Select(r => Text(r[i]).Length).Append(c.Header.Length).Max())];
        foreach ((int from, int to, string group) in Groups(table.Columns)) Widen(widths, from, to, group.Length);
        int total = widths.Sum() + (GapCharacters * (widths.Length - 1));
        return total <= width ? widths : null;
    }

    /// <summary>Without the columns that may be left out at this step or before.</summary>
    private static ReportTable Without(ReportTable table, int drop)
    {
        int[] kept = [.. Enumerable.Range(0, table.Columns.Count).Where(i => table.Columns[i].Drop == 0 || table.Columns[i].Drop > drop)];
        return new ReportTable([.. kept.Select(i => table.Columns[i])], [.. table.Rows.Select(r => (IReadOnlyList<ReportCell>)[.. kept.Select(i => r[i])])]);
    }

    /// <summary>A void figure stands in brackets, since a terminal may not strike out.</summary>
    private static string Text(ReportCell cell) => cell.Mark == CellMark.Void ? $"({cell.Text})" : cell.Text;

    private static List<string> Columns(ReportTable table, int[] widths)
    {
        List<string> lines = [];
        if (table.Columns.Any(c => c.Group is not null)) lines.Add(GroupLine(table.Columns, widths));
        lines.Add(Line([.. table.Columns.Select(c => c.Header)], table.Columns, widths));
        lines.AddRange(table.Rows.Select(r => Line([.. r.Select(Text)], table.Columns, widths)));
        return lines;
    }

    private static string Line(IReadOnlyList<string> cells, IReadOnlyList<ReportColumn> columns, int[] widths)
    {
        IEnumerable<string> padded = cells.Select((cell, i) => columns[i].Numeric ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
        return string.Join(new string(' ', GapCharacters), padded).TrimEnd();
    }

    private static string GroupLine(IReadOnlyList<ReportColumn> columns, int[] widths)
    {
        StringBuilder line = new();
        foreach ((int from, int to, string group) in Groups(columns))
        {
            int start = widths[..from].Sum(w => w + GapCharacters);
            int span = widths[from..to].Sum() + (GapCharacters * (to - from - 1));
            int before = (span - group.Length) / 2;
            line.Append(' ', start - line.Length);
            // A rule over the columns shows how far the group reaches.
            line.Append(before > 1 ? new string('─', before - 1) + " " : new string(' ', before)).Append(group);
            int after = start + span - line.Length;
            line.Append(after > 1 ? " " + new string('─', after - 1) : new string(' ', after));
        }

        return line.ToString().TrimEnd();
    }

    private static List<string> Records(ReportTable table, int width)
    {
        List<string> lines = [];
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            IEnumerable<string> parts = table.Columns.Select((c, i) => $"{(c.Group is null ? "" : c.Group + " ")}{c.Header} {Text(row[i])}");
            lines.AddRange(Formatting.PlainText.Wrap(string.Join(", ", parts), width));
        }

        return lines;
    }

    private static IEnumerable<(int From, int To, string Group)> Groups(IReadOnlyList<ReportColumn> columns)
    {
        for (int from = 0; from < columns.Count;)
        {
            int to = from + 1;
            while (to < columns.Count && columns[to].Group == columns[from].Group) to++;
            if (columns[from].Group is { } group) yield return (from, to, group);
            from = to;
        }
    }

    private static void Widen(int[] widths, int from, int to, int needed)
    {
        int span = widths[from..to].Sum() + (GapCharacters * (to - from - 1));
        if (needed > span) widths[from] += needed - span;
    }
}
