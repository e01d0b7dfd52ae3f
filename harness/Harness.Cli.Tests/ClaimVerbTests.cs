using System.Runtime.CompilerServices;
using System.Text.Json;
using Harness.Runs;
using Harness.Runs.Planning;
using Results;

namespace Harness.Cli.Tests;

/// <summary>The verb claim from arguments to exit code, with the repository's scenarios and a run in place that measures nothing.</summary>
public sealed class ClaimVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harness claim ").FullName;
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private RunPlan? _plan;
    private RunOptions? _options;
    private VerdictKind _kind = VerdictKind.Reproduced;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _out.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("no claim 'C7'; there are C1, C2, C3, C4, C5, C6", "claim", "C7")]
    [InlineData("no claim 'headline'; there are C1, C2, C3, C4, C5, C6", "claim", "C1", "headline")]
    [InlineData("--target: 'redis' is not a target; allowed: engine | engine@REVISION | kafka, each with +key=value behind it | kafka://HOST:PORT", "claim", "--target", "redis")]
    [InlineData("--full and --quick ask for opposite things", "claim", "--full", "--quick")]
    [InlineData("unknown option '--fulll' (did you mean '--full'?)", "claim", "--fulll")]
    public async Task What_cannot_be_understood_is_one_line_and_exit_code_2(string expected, params string[] args)
    {
        Assert.Equal(ExitCodes.Usage, await Run(args));
        Assert.Equal(expected, _error.ToString().TrimEnd());
        Assert.Null(_plan);
    }

    [Fact]
    public async Task The_claims_named_run_in_one_plan_and_its_time_is_told_first()
    {
        Assert.Equal(0, await Run("claim", "c2", "C4"));
        Assert.Equal("claim-c2-c4", _plan!.Name);
        Assert.Equal(["C2", "C4"], _plan.Variants.Select(v => v.Scenario.Claim).Distinct());
        Assert.False(_options!.Quick);
        Assert.Equal("./run-bench.sh claim c2 C4 --out " + $"'{_folder}'", _options.Command);
        Assert.Matches(@"^\d+ trials in \d+ blocks, about [\d.]+ min$", _out.ToString().Split('\n')[0]);
    }

    [Fact]
    public async Task Json_is_one_document_with_a_verdict_a_claim_and_target()
    {
        Assert.Equal(0, await Run("claim", "C2", "--json"));
        JsonElement root = JsonDocument.Parse(_out.ToString()).RootElement;
        Assert.Equal(["claims", "result", "report"], root.EnumerateObject().Select(member => member.Name));
        JsonElement claim = Assert.Single(root.GetProperty("claims").EnumerateArray());
        Assert.Equal(["id", "target", "verdict", "sentence", "evidence", "notTested"], claim.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("C2", "engine", "reproduced"), (Text(claim, "id"), Text(claim, "target"), Text(claim, "verdict")));
        Assert.Equal("a figure", Assert.Single(claim.GetProperty("evidence").EnumerateArray()).GetString());
        Assert.Equal("disks with heads; it takes one", Assert.Single(claim.GetProperty("notTested").EnumerateArray()).GetString());
        Assert.EndsWith("report.html", root.GetProperty("report").GetString(), StringComparison.Ordinal);

        static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
    }

    [Theory]
    [InlineData(VerdictKind.Reproduced, 0)]
    [InlineData(VerdictKind.NotReproduced, 1)]
    [InlineData(VerdictKind.Inconclusive, 3)]
    [InlineData(VerdictKind.NotTestedHere, 0)]
    [InlineData(VerdictKind.Invalid, 4)]
    public async Task The_verdict_is_the_exit_code(VerdictKind kind, int expected)
    {
        _kind = kind;
        Assert.Equal(expected, await Run("claim", "C3"));
    }

    [Fact]
    public async Task A_dry_run_shows_the_plan_and_starts_nothing()
    {
        Assert.Equal(0, await Run("claim", "C5", "--dry-run"));
        Assert.StartsWith("claim-c5: Claim C5 on engine\n", _out.ToString(), StringComparison.Ordinal);
        Assert.Null(_plan);
    }

    private Task<int> Run(params string[] args)
    {
        string[] all = args[0] == "claim" && !args.Contains("--dry-run") ? [.. args, "--out", _folder] : args;
        return CommandLine.Run(all, new Services(_out, _error, Root(), Terminal: false, Ci: false, Execute));
    }

    private Task<(RunResult Result, RunFolder Folder)> Execute(
        RunPlan plan, RunOptions options, IRunProgress progress, CancellationToken cancellation)
    {
        (_plan, _options) = (plan, options);
        RunFolder folder = RunFolder.At(options.OutDirectory!, DateTimeOffset.UnixEpoch, plan.Name);
        Verdict verdict = new()
        {
            Id = plan.Variants.First().Scenario.Claim!,
            Target = "engine",
            Kind = _kind,
            Sentence = "so it is",
            Evidence = ["a figure", "not tested here: disks with heads; it takes one"],
        };
        RunResult result = MakeResult.Of(plan.First, folder.Id) with
        {
            Verdicts = [verdict],
            Outcome = new RunOutcome(RunStatus.Completed, ExitCodes.Of(_kind), null),
        };
        return Task.FromResult((result, folder));
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(thisFile, "../../.."));
}
