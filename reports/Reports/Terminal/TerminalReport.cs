using Reports.Formatting;
using Reports.Model;
using Results;

namespace Reports.Terminal;

/// <summary>
/// A run in plain lines: no colours, no control sequences, so that it reads the same on a terminal, in a log and in a mail.
/// Holds what decides; the page holds the rest.
/// </summary>
public static class TerminalReport
{
    private const int WidthMin = 20;

    /// <summary>Of more trials, what their variants amount to is told, and the page tells the rest.</summary>
    private const int TrialsLimit = 8;

    /// <param name="width">No line is longer, in characters; below 20 it is taken as 20.</param>
    public static IReadOnlyList<string> Render(RunResult run, int width)
    {
        RunReport report = RunReport.Of(run);
        width = Math.Max(WidthMin, width);
        List<string> lines = [];
        Wrap(lines, report.Title, width);
        lines.Add(new string('─', Math.Min(width, report.Title.Length)));
        foreach (Banner banner in report.Banners) Wrap(lines, $"{banner.Label.ToUpperInvariant()}: {banner.Text}", width, indent: 2);
        Verdicts(lines, report, width);
        Comparison(lines, report, width);
        bool eachTrial = !report.ComparesVariants || run.Trials.Count <= TrialsLimit;
        if (eachTrial) Table(lines, "Throughput in the counted window", report.Throughput, width);
        if (run.Trials.Any(t => t.Verification.Violated)) Wrap(lines, "Figures in brackets are void.", width);
        if (eachTrial) Table(lines, Latency(run), report.Latency, width);
        if (eachTrial) Table(lines, "Latency behind the seal of the batch", report.SealedLatency, width);
        if (eachTrial) Table(lines, "Publish latency where a thread only answers, beside each trial", report.BareAnswers, width);
        if (report.Violations.Rows.Count > 0)
        {
            Table(lines, "Verification", report.Verification, width);
            foreach (Trial trial in run.Trials)
            {
                foreach (Violation violation in trial.Verification.Violations) Wrap(lines, Violation(trial, violation), width, indent: 4);
            }
        }

        Table(lines, "Ceilings of this machine, same run", report.Ceilings, width);
        if (eachTrial) Table(lines, "Seen of the broker from outside", report.Evidence, width);
        if (!report.ComparesVariants) Table(lines, "System calls of the broker, counted in part of the window", report.Calls, width);
        if (!report.ComparesVariants && eachTrial) Table(lines, "The broker's managed heap in the counted window", report.Collections, width);
        foreach (string missing in report.NotMeasured) Wrap(lines, "Not measurable here: " + missing, width, indent: 2);
        Table(lines, ProfileTables.Title, report.ProfileShares, width);
        if (!report.ComparesVariants) Table(lines, "In which functions", report.ProfileSymbols, width);
        foreach (string missing in report.ProfileNotMeasured) Wrap(lines, "Not measurable here: " + missing, width, indent: 2);
        Table(lines, "What this machine carries with nothing but the kernel in the way", report.Probe, width);
        if (!report.ForVerdicts) Facts(lines, "Conditions", report.Conditions, width);
        if (run.Notes.Count > 0) lines.Add("");
        foreach (string note in run.Notes) Wrap(lines, "Note: " + note, width, indent: 2);
        lines.Add("");
        Wrap(lines, "Again: " + run.Command, width, indent: 2);
        return lines;
    }

    /// <summary>The end of several runs: one table of all that was expected of them.</summary>
    /// <inheritdoc cref="Render(RunResult, int)"/>
    public static IReadOnlyList<string> Render(RunsSummary summary, int width)
    {
        ArgumentNullException.ThrowIfNull(summary);
        width = Math.Max(WidthMin, width);
        List<string> lines = [];
        Table(lines, RunsSummary.Title, summary.Table, width);
        lines.Add("");
        if (summary.Counts.Length > 0) Wrap(lines, summary.Counts, width);
        foreach (string reason in summary.Reasons) Wrap(lines, "- " + reason, width, indent: 2);
        return lines;
    }

    private static void Verdicts(List<string> lines, RunReport report, int width)
    {
        foreach (Verdict verdict in report.Verdicts)
        {
            lines.Add("");
            Wrap(lines, $"{Wording.Of(verdict.Kind).ToUpperInvariant()}: {VariantNaming.About(verdict)}", width);
            foreach (string line in PlainText.Wrap(verdict.Sentence, width - 2)) lines.Add("  " + line);
            foreach (string evidence in verdict.Evidence) Wrap(lines, "  - " + evidence, width, indent: 4);
        }

        if (report.Techniques is { } techniques) Table(lines, TechniquesTable.Title, techniques, width);
    }

    private static void Comparison(List<string> lines, RunReport report, int width)
    {
        if (report.ForVerdicts)
        {
            if (report.BesideVerdicts is { } beside) Table(lines, "Measured beside it", beside, width);
            if (report.BesideVerdicts is not null && report.ComparisonStatement is { } ratios) Wrap(lines, ratios, width);
            return;
        }

        string latency = report.Run.Trials.Any(t => t.Latency.ClosedLoop) ? "; latency is closed-loop time" : "";
        if (report.Matrix is { } matrix) Table(lines, "Over the points" + latency, matrix, width);
        foreach (SideBySide point in report.SideBySide)
        {
            if (report.Matrix is null) Table(lines, "Side by side" + latency, point.Table, width);
            foreach (string remark in point.Remarks) Wrap(lines, "- " + remark, width, indent: 2);
        }

        if (report.ComparisonStatement is { } statement) Wrap(lines, statement, width);
    }

    private static string Violation(Trial trial, Violation v)
    {
        string offset = v.Offset is { } known ? $"offset {known}" : "no offset";
        return $"  - trial {trial.Index + 1}, {v.Kind}: partition {v.Partition}, {offset}, producer {v.Producer}, sequence {v.Sequence}, "
            + $"messages {Format.Count(v.Count)}: {v.Detail}";
    }

    private static string Latency(RunResult run) =>
        run.Trials.Any(t => t.Latency.ClosedLoop) ? "Latency, closed-loop time (a stall delays the next message unseen)" : "Latency from the intended send time";

    private static void Table(List<string> lines, string title, ReportTable table, int width)
    {
        if (table.Rows.Count == 0) return;
        lines.Add("");
        Wrap(lines, title, width);
        lines.AddRange(TextTable.Render(table, width));
    }

    private static void Facts(List<string> lines, string title, IReadOnlyList<Fact> facts, int width)
    {
        lines.Add("");
        lines.Add(title);
        int names = facts.Max(f => f.Name.Length);
        // Beside each other where a readable column is left for the values, else one after the other.
        bool aligned = width - names - 4 >= 30;
        foreach (Fact fact in facts)
            Wrap(lines, aligned ? fact.Value : $"{fact.Name}: {fact.Value}", width, aligned ? names + 4 : 2, aligned ? "  " + fact.Name.PadRight(names + 2) : "");
    }

    /// <param name="indent">Of every line but the first.</param>
    /// <param name="lead">Stands before the first line, as wide as the indent.</param>
    private static void Wrap(List<string> lines, string text, int width, int indent = 0, string lead = "")
    {
        int spaces = text.TakeWhile(c => c == ' ').Count();
        string first = lead.Length > 0 ? lead : new string(' ', spaces);
        IReadOnlyList<string> wrapped = PlainText.Wrap(text, width - Math.Max(indent, first.Length));
        for (int i = 0; i < wrapped.Count; i++) lines.Add(((i == 0 ? first : new string(' ', indent)) + wrapped[i]).TrimEnd());
    }
}
