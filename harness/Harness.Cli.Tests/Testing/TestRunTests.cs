using System.Runtime.Versioning;
using Harness.Cli.Testing;
using Results;

namespace Harness.Cli.Tests.Testing;

[SupportedOSPlatform("linux")]
public sealed class TestRunTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("harness tests ").FullName;
    private readonly StringWriter _lines = new();
    private readonly StringWriter _details = new();

    [Fact]
    public async Task Every_test_program_of_the_solution_runs_and_is_counted_from_its_report()
    {
        Program("A.Tests", Report(5, 0, 1), exitCode: 0, prints: "noise");
        Program("B.Tests", Report(2, 1, 0), exitCode: 2, prints: "failed B.Tests.X\\n\\nTest run summary: Failed!\\n  total: 3");
        Solution("A.Tests", "A", "B.Tests");
        TestSummary summary = await Run();

        Assert.Equal("7 passed, 1 failed, 1 skipped", summary.Line);
        Assert.Equal(["A.Tests", "B.Tests"], summary.Suites.Select(suite => suite.Name));
        Assert.Equal(
            ["A.Tests: 5 passed, 0 failed, 1 skipped", "B.Tests: 2 passed, 1 failed, 0 skipped"],
            Printed(_lines).Select(line => line[..line.LastIndexOf(',')]).Order());
        Assert.Equal(["failed B.Tests.X", "noise"], Printed(_details).Order());
    }

    [Fact]
    public async Task Two_run_side_by_side_and_what_one_printed_stays_together()
    {
        // Each ends only when the other has begun.
        foreach ((string name, string other) in new[] { ("A.Tests", "B.Tests"), ("B.Tests", "A.Tests") })
        {
            Program(name, Report(1, 0, 0), exitCode: 0, prints: $"{name} 1\\n{name} 2", awaits: other);
        }

        Solution("A.Tests", "B.Tests");
        Assert.Equal("2 passed, 0 failed, 0 skipped", (await Run()).Line);
        string[] printed = Printed(_details);
        Assert.Equal([printed[0].Replace('1', '2'), printed[2].Replace('1', '2')], [printed[1], printed[3]]);
    }

    [Fact]
    public async Task What_measures_runs_alone_and_last()
    {
        string[] measuring = ["Harness.Load.Tests", "Harness.Runs.Tests"];
        Program("Z.Tests", Report(1, 0, 0), exitCode: 0, prints: "Z.Tests");
        foreach (string name in measuring)
        {
            Program(name, Report(1, 0, 0), exitCode: 0, prints: $"$(ls '{_root}' | grep -c started)");
        }

        Solution("Harness.Load.Tests", "Harness.Runs.Tests", "Z.Tests");
        await Run();
        Assert.Equal(["Z.Tests", "1", "2"], Printed(_details));
    }

    [Fact]
    public async Task Long_tests_are_left_out_unless_asked_for()
    {
        Program("A.Tests", Report(1, 0, 0), exitCode: 0, prints: "$*");
        Solution("A.Tests");
        await Run();
        Assert.Contains("--filter-not-trait Category=Long", _details.ToString(), StringComparison.Ordinal);
        _details.GetStringBuilder().Clear();
        await Run(longToo: true);
        Assert.DoesNotContain("--filter", _details.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_was_not_built_fails()
    {
        Solution("A.Tests");
        TestSummary summary = await Run();
        Assert.Equal("0 passed, 1 failed, 0 skipped", summary.Line);
        Assert.Equal("it has not been built", Assert.Single(summary.Suites).Problem);
    }

    [Fact]
    public async Task A_program_that_dies_without_a_report_fails()
    {
        Program("A.Tests", report: null, exitCode: 134, prints: "Aborted");
        Solution("A.Tests");
        TestSuiteResult suite = Assert.Single((await Run()).Suites);
        Assert.Equal(new TestCounts(0, 1, 0), suite.Counts);
        Assert.Equal("it ended with exit code 134 and left no report", suite.Problem);
    }

    [Theory]
    [InlineData(5, 0, 0, null)]
    [InlineData(5, 1, 2, null)]
    [InlineData(0, 0, 8, null)]
    [InlineData(5, 0, 7, "it ended with exit code 7 though no test failed")]
    [InlineData(5, 0, 8, "it ended with exit code 8 though no test failed")]
    public void An_exit_code_that_the_report_does_not_explain_is_a_failure(int passed, int failed, int exitCode, string? problem)
    {
        TestSuiteResult result = TestRun.Judge("A", new TestCounts(passed, failed, 0), exitCode, 1);
        Assert.Equal(problem, result.Problem);
        Assert.Equal(failed + (problem is null ? 0 : 1), result.Counts.Failed);
    }

    [Theory]
    [InlineData(1, 0, 0, false, ExitCodes.Passed)]
    [InlineData(1, 1, 0, false, ExitCodes.Failed)]
    [InlineData(1, 0, 1, false, ExitCodes.Passed)]
    [InlineData(1, 0, 1, true, ExitCodes.Failed)]
    [InlineData(0, 0, 0, false, ExitCodes.Failed)]
    [InlineData(0, 0, 3, false, ExitCodes.Failed)]
    public void A_failure_no_test_at_all_and_in_CI_a_skip_fail_the_whole(int passed, int failed, int skipped, bool ci, int expected) =>
        Assert.Equal(expected, new TestSummary([new TestSuiteResult("A", new TestCounts(passed, failed, skipped), 1, null)], false).ExitCode(ci));

    [Fact]
    public void An_interrupted_test_run_ends_with_130() => Assert.Equal(ExitCodes.Interrupted, new TestSummary([], true).ExitCode(false));

    [Fact]
    public async Task An_interrupt_ends_the_program_that_runs_and_starts_no_other()
    {
        Solution("A.Tests", "Harness.Runs.Tests");
        Program("A.Tests", report: null, exitCode: 0, prints: "started", sleepSeconds: 600);
        Program("Harness.Runs.Tests", Report(1, 0, 0), exitCode: 0, prints: "second");
        using CancellationTokenSource cancellation = new();
        Task<TestSummary> run = Run(interrupt: cancellation);
        string marker = Path.Combine(_root, "A.Tests.started");
        while (!File.Exists(marker))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await cancellation.CancelAsync();
        TestSummary summary = await run;
        Assert.True(summary.Interrupted);
        Assert.Equal("A.Tests", Assert.Single(summary.Suites).Name);
        Assert.DoesNotContain("second", _details.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"results\": {}}")]
    [InlineData("{\"results\": {\"summary\": {\"passed\": \"many\"}}}")]
    public async Task A_report_that_cannot_be_read_is_none(string text)
    {
        string path = Path.Combine(_root, "r.json");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        Assert.Null(CtrfReport.Read(path));
    }

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        _lines.Dispose();
        _details.Dispose();
    }

    private Task<TestSummary> Run(bool longToo = false, CancellationTokenSource? interrupt = null) =>
        new TestRun(_root, _lines, _details).Execute(longToo, interrupt?.Token ?? TestContext.Current.CancellationToken);

    private static string[] Printed(StringWriter writer) => writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Report(int passed, int failed, int skipped) =>
        $"{{\"results\":{{\"summary\":{{\"passed\":{passed},\"failed\":{failed},\"skipped\":{skipped},\"pending\":0,\"other\":0}}}}}}";

    private void Solution(params string[] projects) => File.WriteAllLines(
        Path.Combine(_root, "Harness.sln"),
        projects.Select(name => $"Project(\"{{GUID}}\") = \"{name}\", \"harness\\{name}\\{name}.csproj\", \"{{GUID}}\""));

    /// <summary>A shell script that stands for a test program: it prints, leaves a report where it is told to, and ends.</summary>
    private void Program(string name, string? report, int exitCode, string prints, int sleepSeconds = 0, string? awaits = null)
    {
        string folder = Path.Combine(_root, "artifacts", "bin", name, "release");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name);
        string write = report is null ? ":" : $"printf '%s' '{report}' > \"$2/$1\"";
        string sleep = sleepSeconds > 0 ? $"exec sleep {sleepSeconds}" : ":";
        string await = awaits is null ? ":" : $"until [ -e '{_root}/{awaits}.started' ]; do sleep 0.01; done";
        File.WriteAllText(path, $$"""
            #!/bin/sh
            printf '%b\n' "{{prints}}"
            while [ $# -gt 0 ]; do
              case $1 in
                --report-ctrf-filename) file=$2 ;;
                --results-directory) folder=$2 ;;
              esac
              shift
            done
            set -- "$file" "$folder"
            {{write}}
            : > '{{_root}}/{{name}}.started'
            {{sleep}}
            {{await}}
            exit {{exitCode}}
            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
