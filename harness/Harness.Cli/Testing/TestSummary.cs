using System.Text.Json;
using System.Text.Json.Nodes;
using Results;

namespace Harness.Cli.Testing;

/// <summary>The outcome of all test programs.</summary>
internal sealed record TestSummary(IReadOnlyList<TestSuiteResult> Suites, bool Interrupted)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public TestCounts Total => Suites.Aggregate(TestCounts.None, (sum, suite) => sum + suite.Counts);

    public string Line => Total.ToString();

    /// <param name="ci">True: a skip fails, because what is skipped everywhere is tested nowhere.</param>
    public int ExitCode(bool ci)
    {
        if (Interrupted)
        {
            return ExitCodes.Interrupted;
        }

        bool bad = Total.Failed > 0 || Total.Ran == 0 || (ci && Total.Skipped > 0);
        return bad ? ExitCodes.Failed : ExitCodes.Passed;
    }

    public string ToJson() => new JsonObject
    {
        ["passed"] = Total.Passed,
        ["failed"] = Total.Failed,
        ["skipped"] = Total.Skipped,
        ["suites"] = new JsonArray([.. Suites.Select(suite => new JsonObject
        {
            ["name"] = suite.Name,
            ["passed"] = suite.Counts.Passed,
            ["failed"] = suite.Counts.Failed,
            ["skipped"] = suite.Counts.Skipped,
            ["seconds"] = Math.Round(suite.Seconds, 1),
            ["problem"] = suite.Problem,
        })]),
    }.ToJsonString(Indented);
}

/// <param name="Problem">One line: why the program counts as failed besides its tests; null otherwise.</param>
internal sealed record TestSuiteResult(string Name, TestCounts Counts, double Seconds, string? Problem);
