using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Harness.Cli.Testing;

/// <summary>
/// Runs the solution's test programs one after the other: they measure and bind ports, and must not disturb each other.
/// Failures are shown as they happen; counts come from each program's report, never from its prose.
/// </summary>
/// <param name="lines">One line a program.</param>
/// <param name="details">What the programs print.</param>
internal sealed partial class TestRun(string repositoryRoot, TextWriter lines, TextWriter details)
{
    /// <summary>The runner's exit code when a filter left nothing to run.</summary>
    private const int ZeroTestsRan = 8;

    private const string LongTrait = "Category=Long";

    public async Task<TestSummary> Execute(bool longToo, CancellationToken cancellation)
    {
        List<TestSuiteResult> results = [];
        foreach (string name in Names())
        {
            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            TestSuiteResult result = await Execute(name, longToo, cancellation);
            string seconds = result.Seconds.ToString("0.0", CultureInfo.InvariantCulture);
            await lines.WriteLineAsync($"{name}: {result.Counts}, {seconds} s{(result.Problem is null ? "" : $"; {result.Problem}")}");
            results.Add(result);
        }

        return new TestSummary(results, cancellation.IsCancellationRequested);
    }

    /// <summary>Test projects by the solution, not by what happens to lie in the outputs: there, programs outlive their projects.</summary>
    private IEnumerable<string> Names() => TestProject()
        .Matches(File.ReadAllText(Path.Combine(repositoryRoot, "Harness.sln")))
        .Select(match => match.Groups["name"].Value)
        .Distinct()
        .Order(StringComparer.Ordinal);

    private async Task<TestSuiteResult> Execute(string name, bool longToo, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string program = Path.Combine(repositoryRoot, "artifacts", "bin", name, "release", name);
        if (!File.Exists(program))
        {
            return new TestSuiteResult(name, new TestCounts(0, 1, 0), 0, "it has not been built");
        }

        string reports = Directory.CreateTempSubdirectory("harness-tests-").FullName;
        try
        {
            int exitCode = await Run(program, reports, longToo, cancellation);
            TestCounts? counts = CtrfReport.Read(Path.Combine(reports, ReportName));
            return Judge(name, counts, exitCode, watch.Elapsed.TotalSeconds);
        }
        finally
        {
            Directory.Delete(reports, recursive: true);
        }
    }

    private const string ReportName = "report.json";

    /// <summary>A program that died, or failed outside its tests, is a failure that no test of it has counted.</summary>
    internal static TestSuiteResult Judge(string name, TestCounts? counts, int exitCode, double seconds)
    {
        if (counts is null)
        {
            return new TestSuiteResult(name, new TestCounts(0, 1, 0), seconds, $"it ended with exit code {exitCode} and left no report");
        }

        bool explained = exitCode == 0 || counts.Failed > 0 || (exitCode == ZeroTestsRan && counts.Ran == 0);
        return explained
            ? new TestSuiteResult(name, counts, seconds, null)
            : new TestSuiteResult(name, counts + new TestCounts(0, 1, 0), seconds, $"it ended with exit code {exitCode} though no test failed");
    }

    private async Task<int> Run(string program, string reports, bool longToo, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(program)
        {
            WorkingDirectory = repositoryRoot,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "--no-ansi", "--no-progress", "--report-ctrf", "--report-ctrf-filename", ReportName, "--results-directory", reports,
            .. longToo ? (string[])[] : ["--filter-not-trait", LongTrait],
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = new() { StartInfo = start };
        OutputFilter filter = new(details);
        process.OutputDataReceived += (_, e) => filter.Line(e.Data);
        process.ErrorDataReceived += (_, e) => filter.Error(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return process.ExitCode;
    }

    [GeneratedRegex("""^Project\(.*\) = "(?<name>[\w.]+\.Tests)",""", RegexOptions.Multiline)]
    private static partial Regex TestProject();
}
