using Results;

namespace Harness.Cli;

/// <summary>
/// What a measuring verb shows when a run is over: verdicts with their evidence and the paths of result and report, or the
/// result document itself with <c>--json</c>. The one place where results meet the terminal.
/// </summary>
internal sealed class RunOutput(Services services, bool json)
{
    private readonly List<RunResult> _results = [];

    /// <summary>Makes the folder, so that a place that cannot be written to is found before anything is measured.</summary>
    public RunFolder FolderFor(ScenarioInfo scenario, string? chosen)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return chosen is null
            ? RunFolder.Create(Path.Combine(services.RepositoryRoot, "results", "runs"), now, scenario.Name)
            : RunFolder.At(chosen, now, scenario.Name);
    }

    public void Show(RunResult result, RunFolder folder)
    {
        _results.Add(result);
        TextWriter text = json ? services.Error : services.Out;
        if (result.Outcome.Cause is { } cause)
        {
            services.Error.WriteLine(cause);
        }

        foreach (Verdict verdict in result.Verdicts)
        {
            text.WriteLine($"{verdict.Id}: {verdict.Sentence}");
            foreach (string line in verdict.Evidence)
            {
                text.WriteLine($"  {line}");
            }
        }

        foreach (string path in (string[])[folder.ResultPath, folder.ReportPath])
        {
            if (File.Exists(path))
            {
                text.WriteLine(path);
            }
        }
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
}
