using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Harness.Cli.Testing;

/// <summary>
/// Runs the solution's test programs: two at a time where they mostly wait for the processes they start, then those that measure, each with the machine to itself.
/// What a program printed is shown when it has ended; counts come from its report, never from its prose.
/// </summary>
/// <param name="lines">One line a program.</param>
/// <param name="details">What the programs print.</param>
internal sealed partial class TestRun(string repositoryRoot, TextWriter lines, TextWriter details)
{
    /// <summary>The runner's exit code when a filter left nothing to run.</summary>
    private const int ZeroTestsRan = 8;

    private const string LongTrait = "Category=Long";

    /// <summary>Side by side as many as a small machine has processors.</summary>
    private const int Lanes = 2;

    /// <summary>They hold time and memory to account, of themselves or of the machine.</summary>
    private static readonly string[] Alone = ["Harness.Load.Tests", "Harness.Measure.Tests", "Harness.Runs.Tests"];

    /// <summary>What takes long goes first, so that the lanes end together; all else follows by name.</summary>
    private static readonly string[] LongestFirst = ["Engine.Server.Tests", "Harness.Interop.Tests", "Harness.Targets.Tests", "Engine.Storage.Tests"];

    private readonly Lock _lock = new();
    private readonly List<TestSuiteResult> _results = [];

    public async Task<TestSummary> Execute(bool longToo, CancellationToken cancellation)
    {
        string[] names = [.. Names()];
        Queue<string> sideBySide = new([.. LongestFirst.Intersect(names), .. names.Except(LongestFirst).Except(Alone)]);
        Queue<string> alone = new(names.Intersect(Alone));
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Lane(sideBySide, longToo, cancellation)));
        await Lane(alone, longToo, cancellation);
        return new TestSummary([.. _results.OrderBy(result => result.Name, StringComparer.Ordinal)], cancellation.IsCancellationRequested);
    }

    /// <summary>Takes programs from the queue, which other lanes may share, until it is empty.</summary>
    private async Task Lane(Queue<string> names, bool longToo, CancellationToken cancellation)
    {
        while (Next(names) is { } name && !cancellation.IsCancellationRequested)
        {
            using StringWriter printed = new();
            TestSuiteResult result = await Execute(name, new OutputFilter(printed), longToo, cancellation);
            string seconds = result.Seconds.ToString("0.0", CultureInfo.InvariantCulture);
            lock (_lock)
            {
                details.Write(printed);
                lines.WriteLine($"{name}: {result.Counts}, {seconds} s{(result.Problem is null ? "" : $"; {result.Problem}")}");
                _results.Add(result);
            }
        }
    }

    private string? Next(Queue<string> names)
    {
        lock (_lock)
        {
            return names.TryDequeue(out string? name) ? name : null;
        }
    }

    /// <summary>Test projects by the solution, not by what happens to lie in the outputs: there, programs outlive their projects.</summary>
    private IEnumerable<string> Names() => TestProject()
        .Matches(File.ReadAllText(Path.Combine(repositoryRoot, "Harness.sln")))
        .Select(match => match.Groups["name"].Value)
        .Distinct()
        .Order(StringComparer.Ordinal);

    private async Task<TestSuiteResult> Execute(string name, OutputFilter printed, bool longToo, CancellationToken cancellation)
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
            int exitCode = await Run(program, reports, printed, longToo, cancellation);
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

    private async Task<int> Run(string program, string reports, OutputFilter filter, bool longToo, CancellationToken cancellation)
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
