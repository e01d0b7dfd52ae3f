using Reports.Html;
using Reports.Terminal;
using Results;

namespace Harness.Cli;

/// <summary>
/// What a measuring verb shows when a run is over: verdicts with their evidence and the paths of result and report, or the
/// result document itself with <c>--json</c>. The one place where results meet the terminal.
/// </summary>
internal sealed class RunOutput(Services services, bool json)
{
    private readonly List<RunResult> _results = [];

    /// <summary>Writes the report beside the result, and shows what a reader wants first: verdicts, figures, conditions, the two paths.</summary>
    public void Show(RunResult result, RunFolder folder)
    {
        _results.Add(result);
        AtomicFile.WriteText(folder.ReportPath, HtmlReport.Render(result));
        TextWriter text = json ? services.Error : services.Out;
        foreach (string line in TerminalReport.Render(result, services.Columns))
        {
            text.WriteLine(line);
        }

        text.WriteLine($"result: {Shown(folder.ResultPath)}");
        text.WriteLine($"report: {Shown(folder.ReportPath)}");
    }

    /// <summary>Writes the JSON document where one is wanted, and says how all the runs went together.</summary>
    public int Finish(bool interrupted)
    {
        if (json)
        {
            services.Out.Write(_results is [RunResult only]
                ? ResultJson.Serialize(only)
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
