using Reports.Formatting;
using Reports.Model;
using Results;

namespace Reports.Markdown;

/// <summary>
/// A run as a comment under a change: the verdicts, the variants beside each other, and the trials folded away. GitHub's Markdown, in which
/// figures that do not stand are struck out. A pure function of the result.
/// </summary>
public static class MarkdownReport
{
    public static string Write(RunResult run)
    {
        RunReport report = RunReport.Of(run);
        List<string> lines = [$"## {MarkdownText.Escape(report.Title)}"];
        foreach (Banner banner in report.Banners) Paragraph(lines, $"> **{MarkdownText.Escape(banner.Label)}:** {MarkdownText.Escape(banner.Text)}");
        foreach (Verdict verdict in report.Verdicts) AddVerdict(lines, verdict);
        if (report.Techniques is { } techniques)
        {
            Paragraph(lines, $"### {TechniquesTable.Title}");
            AddTable(lines, techniques);
        }

        AddComparison(lines, report);
        AddTrials(lines, report);
        AddProfiles(lines, report);
        if (report.Probe.Rows.Count > 0) AddTable(lines, report.Probe);
        if (run.Notes.Count > 0) lines.Add("");
        lines.AddRange(run.Notes.Select(note => $"- Note: {MarkdownText.Escape(note)}"));
        AddFolded(lines, "Conditions", Facts([.. report.Conditions, .. report.Machine]));
        Paragraph(lines, "Again:");
        lines.Add("");
        lines.AddRange(MarkdownText.Code(run.Command));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The end of several runs: one table of all that was expected of them.</summary>
    public static string Write(RunsSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        List<string> lines = [$"## {RunsSummary.Title}"];
        if (summary.Machine is { } machine) Paragraph(lines, MarkdownText.Escape(machine));
        AddTable(lines, summary.Table);
        if (summary.Counts.Length > 0) Paragraph(lines, $"**{MarkdownText.Escape(summary.Counts)}**");
        if (summary.Reasons.Count > 0) lines.Add("");
        lines.AddRange(summary.Reasons.Select(reason => $"- {MarkdownText.Escape(reason)}"));
        return string.Join('\n', lines) + "\n";
    }

    private static void AddVerdict(List<string> lines, Verdict verdict)
    {
        Paragraph(lines, $"**{Wording.Of(verdict.Kind).ToUpperInvariant()}: {MarkdownText.Escape(VariantNaming.About(verdict))}**");
        Paragraph(lines, MarkdownText.Escape(verdict.Sentence));
        if (verdict.Evidence.Count == 0) return;
        lines.Add("");
        lines.AddRange(verdict.Evidence.Select(line => $"- {MarkdownText.Escape(line)}"));
    }

    private static void AddComparison(List<string> lines, RunReport report)
    {
        if (!report.ComparesVariants) return;
        Paragraph(lines, report.Matrix is null ? "### Side by side" : "### Over the points");
        if (report.ComparisonStatement is { } statement) Paragraph(lines, MarkdownText.Escape(statement));
        if (report.Matrix is { } matrix) AddTable(lines, matrix);
        foreach (SideBySide point in report.SideBySide)
        {
            if (report.Matrix is null)
            {
                AddTable(lines, point.Table);
                Remarks(lines, point);
            }
            else
            {
                AddFolded(lines, point.Title, [.. MarkdownTable.Render(point.Table), "", .. point.Remarks.Select(remark => $"- {MarkdownText.Escape(remark)}")]);
            }
        }

        if (report.LatencyStatement is { } latency) Paragraph(lines, MarkdownText.Escape(latency));
    }

    private static void Remarks(List<string> lines, SideBySide point)
    {
        if (point.Remarks.Count > 0) lines.Add("");
        lines.AddRange(point.Remarks.Select(remark => $"- {MarkdownText.Escape(remark)}"));
    }

    /// <summary>Open where they are all there is to see.</summary>
    private static void AddTrials(List<string> lines, RunReport report)
    {
        if (report.Run.Trials.Count == 0) return;
        string[] body =
        [
            "Throughput in the counted window", "",
            .. MarkdownTable.Render(report.Throughput), "",
            .. report.ComparesVariants || report.LatencyStatement is null ? [] : (string[])[MarkdownText.Escape(report.LatencyStatement), ""],
            .. MarkdownTable.Render(report.Latency),
            .. report.SealedLatency.Rows.Count > 0 ? (string[])["", MarkdownText.Escape(Wording.SealedLatency), "", .. MarkdownTable.Render(report.SealedLatency)] : [],
            .. report.BareAnswers.Rows.Count > 0 ? (string[])["", MarkdownText.Escape(Wording.BareAnswers), "", .. MarkdownTable.Render(report.BareAnswers)] : [],
            .. report.Evidence.Rows.Count > 0 ? (string[])["", "Seen of the broker from outside", "", .. MarkdownTable.Render(report.Evidence)] : [],
            .. report.Calls.Rows.Count > 0 ? (string[])["", "System calls of the broker, counted in part of the window", "", .. MarkdownTable.Render(report.Calls), ""] : [],
            .. report.Collections.Rows.Count > 0 ? (string[])["", "The broker's managed heap in the counted window", "", .. MarkdownTable.Render(report.Collections), ""] : [],
            .. report.NotMeasured.Select(missing => $"- Not measurable here: {MarkdownText.Escape(missing)}"),
        ];
        if (report.ComparesVariants) AddFolded(lines, $"{report.Run.Trials.Count} trials", body);
        else Paragraph(lines, string.Join('\n', body));
        if (report.Violations.Rows.Count == 0) return;
        Paragraph(lines, "### Verification");
        AddTable(lines, report.Verification);
        AddTable(lines, report.Violations);
    }

    private static void AddProfiles(List<string> lines, RunReport report)
    {
        if (report.ProfileShares.Rows.Count == 0) return;
        Paragraph(lines, $"### {ProfileTables.Title}");
        AddTable(lines, report.ProfileShares);
        if (report.ProfileNotMeasured.Count > 0) lines.Add("");
        lines.AddRange(report.ProfileNotMeasured.Select(missing => $"- Not measurable here: {MarkdownText.Escape(missing)}"));
        if (report.ProfileSymbols.Rows.Count > 0) AddFolded(lines, "In which functions", [.. MarkdownTable.Render(report.ProfileSymbols)]);
    }

    private static IReadOnlyList<string> Facts(IEnumerable<Fact> facts) =>
        [.. MarkdownTable.Render(new ReportTable(
            [new("Condition", Numeric: false), new("Value", Numeric: false)],
            [.. facts.Select(f => (IReadOnlyList<ReportCell>)[new ReportCell(f.Name), new ReportCell(f.Value)])]))];

    private static void AddTable(List<string> lines, ReportTable table)
    {
        lines.Add("");
        lines.AddRange(MarkdownTable.Render(table));
    }

    /// <summary>An empty line on either side, or what is inside is taken for HTML.</summary>
    private static void AddFolded(List<string> lines, string title, IReadOnlyList<string> body)
    {
        Paragraph(lines, $"<details><summary>{System.Net.WebUtility.HtmlEncode(PlainText.OneLine(title))}</summary>");
        lines.Add("");
        lines.AddRange(body);
        Paragraph(lines, "</details>");
    }

    private static void Paragraph(List<string> lines, string text)
    {
        lines.Add("");
        lines.Add(text);
    }
}
