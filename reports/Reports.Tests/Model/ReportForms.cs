using Reports.Html;
using Reports.Markdown;
using Reports.Terminal;
using Results;

namespace Reports.Model;

/// <summary>A run's report in every form, as a reader has it.</summary>
internal static class ReportForms
{
    /// <summary>Wide enough for every table.</summary>
    private const int TerminalColumns = 200;

    /// <summary>The text of the page's body, the Markdown, and the terminal's lines; spaces that do not break as plain ones.</summary>
    internal static string[] All(RunResult run) => [.. Pages(run), Plain(string.Join('\n', TerminalReport.Render(run, TerminalColumns)))];

    /// <summary>The page and the Markdown.</summary>
    internal static string[] Pages(RunResult run) => [Plain(ParsedPage.Parse(HtmlReport.Render(run)).Body()), Plain(MarkdownReport.Write(run))];

    private static string Plain(string text) => text.Replace('\u00a0', ' ');
}
