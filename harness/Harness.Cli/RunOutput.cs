using Reports.Charts;
using Reports.Html;
using Reports.JUnit;
using Reports.Markdown;
using Reports.Model;
using Reports.Terminal;
using Results;

namespace Harness.Cli;

/// <summary>
/// What a measuring verb shows when a run is over: verdicts with their evidence and the paths of result and report, or the
/// result document itself with <c>--json</c>. The one place where results meet the terminal.
/// </summary>
internal sealed class RunOutput(Services services, bool json, string? junit = null)
{
    private readonly List<RunResult> _results = [];
    private readonly List<RunFolder> _folders = [];

    /// <summary>What stands for a single result on standard output; null for the document itself.</summary>
    public Func<RunResult, string, string, string>? JsonOf { get; init; }

    /// <summary>Writes the report beside the result, and shows what a reader wants first: verdicts, figures, conditions, the two paths.</summary>
    public void Show(RunResult result, RunFolder folder)
    {
        _results.Add(result);
        _folders.Add(folder);
        AtomicFile.WriteText(folder.ReportPath, HtmlReport.Render(result));
        AtomicFile.WriteText(folder.MarkdownPath, MarkdownReport.Write(result));
        WriteFlameGraphs(result, folder);
        WriteJUnit(result);
        TextWriter text = json ? services.Error : services.Out;
        foreach (string line in TerminalReport.Render(result, services.Columns))
        {
            text.WriteLine(line);
        }

        text.WriteLine($"result: {Shown(folder.ResultPath)}");
        text.WriteLine($"report: {Shown(folder.ReportPath)}");
        foreach (string folded in result.Profiles.Select(profile => profile.FoldedFile).OfType<string>())
        {
            text.WriteLine($"profile: {Shown(Path.Combine(folder.FolderPath, RunFolder.FlameGraphOf(folded)))}");
        }
    }

    /// <summary>The stacks that the run has written, as pictures beside them.</summary>
    private static void WriteFlameGraphs(RunResult result, RunFolder folder)
    {
        foreach (CpuProfile profile in result.Profiles)
        {
            if (profile.FoldedFile is { } folded)
            {
                string stacks = Path.Combine(folder.FolderPath, folded);
                AtomicFile.WriteText(RunFolder.FlameGraphOf(stacks), FlameGraph.Render($"Where the CPU time of {profile.Variant} went: {profile.Samples} samples", File.ReadAllText(stacks)));
            }
        }
    }

    /// <summary>One run is one file of test cases; of several, all but the first go beside it under their names.</summary>
    private void WriteJUnit(RunResult result)
    {
        if (junit is null)
        {
            return;
        }

        string path = _results.Count == 1
            ? junit
            : Path.Combine(Path.GetDirectoryName(junit) ?? "", $"{Path.GetFileNameWithoutExtension(junit)}-{result.Name}{Path.GetExtension(junit)}");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteText(path, JUnitReport.Write(result));
    }

    /// <summary>
    /// After several runs: one table of all that was expected of them, last, where it is seen; and as page and Markdown in a folder of its own.
    /// Nothing where nothing was expected.
    /// </summary>
    /// <param name="place">Where the folder of the summary is made.</param>
    public void Summarise(Func<RunFolder> place)
    {
        if (_results.Count < 2 || _results.All(result => result.Verdicts.Count == 0))
        {
            return;
        }

        RunsSummary summary = RunsSummary.Of(_results);
        RunFolder folder = place();
        AtomicFile.WriteText(folder.ReportPath, HtmlReport.Render(summary));
        AtomicFile.WriteText(folder.MarkdownPath, MarkdownReport.Write(summary));
        TextWriter text = json ? services.Error : services.Out;
        foreach (string line in TerminalReport.Render(summary, services.Columns))
        {
            text.WriteLine(line);
        }

        text.WriteLine($"summary: {Shown(folder.ReportPath)}");
    }

    /// <summary>Writes the JSON document where one is wanted, and says how all the runs went together.</summary>
    public int Finish(bool interrupted)
    {
        if (json)
        {
            services.Out.Write(_results is [RunResult only]
                ? JsonOf?.Invoke(only, Shown(_folders[0].ResultPath), Shown(_folders[0].ReportPath)) ?? ResultJson.Serialize(only)
                : $"{{\"runs\": [\n{string.Join(",\n", _results.Select(result => ResultJson.Serialize(result).TrimEnd()))}\n]}}\n");
        }

        IEnumerable<int> codes = _results.Select(result => result.Outcome.ExitCode);
        return ExitCodes.Worst(interrupted ? codes.Append(ExitCodes.Interrupted) : codes);
    }

    /// <summary>Relative to where the user is, unless it lies elsewhere.</summary>
    private static string Shown(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path) : relative;
    }
}
