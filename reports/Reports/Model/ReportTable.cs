namespace Reports.Model;

/// <summary>
/// A table as every renderer understands it: formatted text and what the text means, no markup. Each kind of report draws the
/// same tables, so that a page and a terminal cannot disagree.
/// </summary>
public sealed record ReportTable(IReadOnlyList<ReportColumn> Columns, IReadOnlyList<IReadOnlyList<ReportCell>> Rows);

/// <param name="Group">Stands above neighbouring columns of the same group; null for none.</param>
/// <param name="Numeric">Aligned right.</param>
/// <param name="Drop">Where the line is too short for all columns, those with 1 are left out first, then those with 2 …; 0: never.</param>
public sealed record ReportColumn(string Header, string? Group = null, bool Numeric = true, int Drop = 0);

public sealed record ReportCell(string Text, CellMark Mark = CellMark.None);

public enum CellMark
{
    None,

    /// <summary>A figure that does not stand: verification failed.</summary>
    Void,
    Good,
    Bad,
    Muted,
}
