using System.Text.Json;
using System.Xml.Linq;
using Harness.Runs;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Cli.Tests;

/// <summary>The command line from arguments to exit code, with a run in place that measures nothing.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("harness cli ").FullName;
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly List<(RunPlan Plan, RunOptions Options)> _runs = [];
    private readonly List<ProbeOptions> _probes = [];
    private Func<RunResult, RunResult> _outcome = result => result;

    public CommandLineTests()
    {
        WriteScenario("claims/kafka-20m");
        WriteScenario("techniques/ladder");
        WriteScenario("other");
    }

    [Theory]
    [InlineData("unknown verb 'rnu' (did you mean 'run'?)", "rnu")]
    [InlineData("unknown verb 'frobnicate'", "frobnicate")]
    [InlineData("unknown verb '[suggest]'", "[suggest]")]
    [InlineData("unknown verb '@file'", "@file")]
    [InlineData("unknown option '--frobnicate'", "--frobnicate")]
    [InlineData("unknown option '--qiuck' (did you mean '--quick'?)", "run", "other", "--qiuck")]
    [InlineData("unknown option '--ot=x' (did you mean '--out'?)", "run", "--ot=x", "other")]
    [InlineData("unknown option '--jsno' (did you mean '--json'?)", "test", "--jsno")]
    [InlineData("'test' takes no argument 'foo'", "test", "foo")]
    [InlineData("'--out' belongs behind the verb 'run', if it takes it", "--out", "x", "run", "other")]
    [InlineData("no scenario 'othr' (did you mean 'other'?)", "run", "othr")]
    [InlineData("no scenario ''", "run", "")]
    [InlineData("the scenario 'other' is given twice", "run", "other", "other")]
    [InlineData("--out needs the name of a folder", "run", "other", "--out", "")]
    [InlineData("--set message.sise=5B: unknown key 'sise' in 'message' (did you mean 'size'?)", "run", "other", "--set", "message.sise=5B")]
    [InlineData("Required argument missing for command: 'run'.", "run")]
    [InlineData("Required argument missing for option: '--out'.", "run", "other", "--out")]
    [InlineData("--data needs the name of a folder", "probe", "--data", "")]
    [InlineData("unknown option '--profile'", "claim", "--profile")]
    [InlineData("unknown option '--profile'", "probe", "--profile")]
    [InlineData("no scenario 'much'", "run", "other", "--profile=much")]
    [InlineData("'probe' takes no argument 'disk'", "probe", "disk")]
    [InlineData("unknown option '--frsh' (did you mean '--fresh'?)", "probe", "--frsh")]
    public async Task What_cannot_be_understood_is_one_line_and_exit_code_2(string expected, params string[] args)
    {
        Assert.Equal(ExitCodes.Usage, await Run(args));
        Assert.Equal(expected, Assert.Single(Lines(_error)));
        Assert.Empty(_out.ToString());
        Assert.Empty(_runs);
    }

    [Fact]
    public async Task All_problems_of_all_scenarios_are_told_before_anything_starts()
    {
        string bad = Path.Combine(_root, "bad.yaml");
        await File.WriteAllTextAsync(bad, "name: x\nmessage: {size: 30}\nload: []", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Usage, await Run("run", "other", bad, "nosuch"));
        string[] lines = Lines(_error);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith($"{bad}:2:17: message.size: '30' has no unit", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{bad}:3:7: load: empty", lines[1], StringComparison.Ordinal);
        Assert.Equal("no scenario 'nosuch'", lines[2]);
        Assert.Empty(_runs);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("run", "--version")]
    [InlineData("test", "--version")]
    [InlineData("--json", "--version")]
    public async Task The_version_can_be_asked_for_anywhere(params string[] args)
    {
        Assert.Equal(0, await Run(args));
        Assert.Matches(@"^harness \d+\.\d+\.\d+( \(commit [0-9a-f]{7,}\))?\n$", _out.ToString());
        Assert.Empty(_runs);
    }

    [Theory]
    [InlineData("serve", "--help")]
    [InlineData("--quick", "run", "--help")]
    [InlineData("--long", "test", "--help")]
    public async Task Help_can_be_asked_for_anywhere(string expected, params string[] args)
    {
        // The verb serve hands all its words on to the engine, so its own line stands in the list of verbs.
        Assert.Equal(0, await Run(args[0] == "--help" ? ["--help"] : args));
        Assert.Contains(expected, _out.ToString(), StringComparison.Ordinal);
        Assert.Empty(_runs);
    }

    [Fact]
    public async Task Without_a_verb_the_headline_and_the_ladder_run_in_their_quick_forms()
    {
        Assert.Equal(0, await Run());
        (RunPlan plan, RunOptions options) = Assert.Single(_runs);
        Assert.Equal("headline", plan.Name);
        Assert.Equal(["kafka-20m", "ladder"], plan.Variants.Select(variant => variant.Scenario.Name));
        Assert.Equal(3, plan.Repeat);
        Assert.True(options.Quick);
        Assert.Null(options.OutDirectory);
        Assert.Equal("./run-bench.sh", options.Command);
        Assert.Equal(Path.Combine(_root, "results", "runs"), options.RunsRoot);
    }

    [Fact]
    public async Task Run_takes_scenarios_whole_unless_told_to_be_quick()
    {
        Assert.Equal(0, await Run("run", "other", "--out", Path.Combine(_root, "my results")));
        (RunPlan plan, RunOptions options) = Assert.Single(_runs);
        Assert.Equal(5, plan.Repeat);
        Assert.False(options.Quick);
        Assert.Equal("scenarios/other.yaml", plan.First.File);
        Assert.Equal($"./run-bench.sh run other --out '{Path.Combine(_root, "my results")}'", options.Command);
        Assert.Equal(Path.Combine(_root, "my results"), options.OutDirectory);
    }

    [Fact]
    public async Task Run_changes_the_scenario_as_it_is_told()
    {
        Assert.Equal(0, await Run("run", "other", "--set", "message.size=100B", "--set", "seed=7", "--repeat", "2", "--target", "engine"));
        (RunPlan plan, RunOptions options) = Assert.Single(_runs);
        Assert.Equal((100, 7L, 2), (plan.First.Message.SizeBytes, plan.First.Seed, plan.Repeat));
        Assert.Equal("./run-bench.sh run other --set message.size=100B --set seed=7 --repeat 2 --target engine", options.Command);
    }

    [Fact]
    public async Task A_profile_is_taken_only_when_asked_for_and_drawn_beside_the_result()
    {
        string folder = Path.Combine(_root, "o");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "profile-engine.folded"), "engine;a_[k] 2\n", TestContext.Current.CancellationToken);
        CpuProfile profile = new()
        {
            Variant = "engine",
            Trials = 1,
            Hertz = 499,
            Samples = 2,
            CpuSeconds = 0.004,
            Categories = [new(CpuCategory.KernelOther, 2)],
            Symbols = [],
            FoldedFile = "profile-engine.folded",
            NotMeasured = [],
        };
        _outcome = result => result with { Profiles = [profile, profile with { Variant = "kafka", FoldedFile = null }] };
        Assert.Equal(0, await Run("run", "other", "--profile", "--out", folder));
        Assert.True(Assert.Single(_runs).Options.Profile);
        Assert.Equal("svg", XDocument.Load(Path.Combine(folder, "profile-engine.svg")).Root!.Name.LocalName);
        Assert.EndsWith(Path.Combine("o", "profile-engine.svg"), Assert.Single(Lines(_out), line => line.StartsWith("profile: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        _outcome = result => result;
        Assert.Equal(0, await Run("run", "other"));
        Assert.False(_runs[^1].Options.Profile);
    }

    [Fact]
    public async Task A_dry_run_shows_every_trial_and_what_they_need_and_starts_nothing()
    {
        Assert.Equal(0, await Run("run", "other", "--dry-run", "--set", "compare={a: {}, b: {seed: 7}}", "--repeat", "1"));
        Assert.Empty(_runs);
        string[] lines = Lines(_out);
        Assert.Equal("other", lines[0]);
        Assert.Equal("  4 trials in 1 block, about 2.9 min", lines[1]);
        Assert.Equal(["a", "b", "b", "a"], lines[^4..].Select(line => line.Split("  ")[^1].Split(':')[0]));
        Assert.Contains(lines, line => line.StartsWith("  free space needed: 5.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_as_json_is_one_document()
    {
        Assert.Equal(0, await Run("run", "other", "kafka-20m", "--dry-run", "--json"));
        JsonElement plans = JsonDocument.Parse(_out.ToString()).RootElement.GetProperty("plans");
        Assert.Equal(["other", "kafka-20m"], plans.EnumerateArray().Select(plan => plan.GetProperty("name").GetString()));
        Assert.Equal("engine", plans[0].GetProperty("variants")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Several_scenarios_run_in_order_each_with_a_folder_of_its_own()
    {
        Assert.Equal(0, await Run("run", "other", "kafka-20m", "--quick", "--out", Path.Combine(_root, "o")));
        Assert.Equal(["other", "kafka-20m"], _runs.Select(run => run.Plan.Name));
        Assert.Equal([Path.Combine(_root, "o", "other"), Path.Combine(_root, "o", "kafka-20m")], _runs.Select(run => run.Options.OutDirectory));
    }

    [Fact]
    public async Task Page_Markdown_and_JUnit_lie_where_they_were_wanted()
    {
        string junit = Path.Combine(_root, "ci", "junit.xml");
        Assert.Equal(0, await Run("run", "other", "kafka-20m", "--out", Path.Combine(_root, "o"), "--junit", junit));
        Assert.StartsWith("#", await File.ReadAllTextAsync(Path.Combine(_root, "o", "other", "report.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_root, "o", "other", "report.html")));
        Assert.Equal("testsuites", XDocument.Load(junit).Root!.Name.LocalName);
        Assert.True(File.Exists(Path.Combine(_root, "ci", "junit-kafka-20m.xml")));
    }

    [Fact]
    public async Task The_exit_code_of_several_runs_is_that_of_the_worst()
    {
        _outcome = result => result with { Outcome = new RunOutcome(RunStatus.Completed, result.Name == "other" ? ExitCodes.Invalid : ExitCodes.Failed, null) };
        Assert.Equal(ExitCodes.Invalid, await Run("run", "kafka-20m", "other"));
    }

    [Fact]
    public async Task Json_is_one_document_alone_on_standard_output()
    {
        Assert.Equal(0, await Run("run", "other", "--json"));
        Assert.Equal("other", JsonDocument.Parse(_out.ToString()).RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Json_of_several_runs_is_one_document_too()
    {
        Assert.Equal(0, await Run("run", "other", "kafka-20m", "--json"));
        JsonElement runs = JsonDocument.Parse(_out.ToString()).RootElement.GetProperty("runs");
        Assert.Equal(["other", "kafka-20m"], runs.EnumerateArray().Select(run => run.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_probe_measures_where_the_brokers_data_go_unless_told_otherwise()
    {
        Assert.Equal(0, await Run("probe"));
        Assert.Equal(0, await Run("probe", "--fresh", "--data", "/x y", "--out", Path.Combine(_root, "p"), "--json"));
        Assert.Equal(
            [(Path.Combine(_root, "results", "runs"), false, "./run-bench.sh probe"), ("/x y", true, $"./run-bench.sh probe --fresh --data '/x y' --out '{Path.Combine(_root, "p")}' --json")],
            _probes.Select(options => (options.DataDirectory, options.Fresh, options.Command)));
        Assert.True(File.Exists(Path.Combine(_root, "p", "report.html")));
        Assert.True(Directory.Exists(Path.Combine(_root, "results", "runs")));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_measured_is_one_line_and_exit_code_5()
    {
        Assert.Equal(ExitCodes.Environment, await CommandLine.Run(
            ["probe", "--data", Path.Combine(_root, "none")], new Services(_out, _error, _root, Terminal: false, Ci: false, Execute)));
        Assert.Equal($"{Path.Combine(_root, "none")}: no such folder; the disk is measured in a folder that exists", Lines(_error)[^1]);
        Assert.Empty(_out.ToString());
        Assert.Equal(ExitCodes.Environment, await CommandLine.Run(
            ["probe", "--fresh", "--data", "/proc"], new Services(_out, _error, _root, Terminal: false, Ci: false, Execute)));
    }

    [Fact]
    public async Task What_the_environment_denies_is_one_line_and_exit_code_5()
    {
        _outcome = _ => throw new UnauthorizedAccessException("Access to the path '/x' is denied.");
        Assert.Equal(ExitCodes.Environment, await Run("run", "other"));
        Assert.Equal("Access to the path '/x' is denied.", Lines(_error)[^1]);
    }

    [Fact]
    public async Task A_cancelled_run_ends_with_130()
    {
        _outcome = _ => throw new OperationCanceledException();
        Assert.Equal(ExitCodes.Interrupted, await Run("run", "other"));
        Assert.Equal("interrupted", Lines(_error)[^1]);
    }

    [Fact]
    public async Task A_defect_is_not_dressed_up_as_an_error_of_the_user()
    {
        _outcome = _ => throw new InvalidOperationException("defect");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run("run", "other"));
    }

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        _out.Dispose();
        _error.Dispose();
    }

    private Task<int> Run(params string[] args) =>
        CommandLine.Run(args, new Services(_out, _error, _root, Terminal: false, Ci: false, Execute) { Probe = ExecuteProbe });

    private Task<(RunResult Result, RunFolder Folder)> ExecuteProbe(ProbeOptions options, IRunProgress progress, CancellationToken cancellation)
    {
        _probes.Add(options);
        RunFolder folder = RunFolder.At(options.OutDirectory ?? Path.Combine(_root, "o"), DateTimeOffset.UnixEpoch, "probe");
        RunPlan plan = PlanReader.Read(
            new ScenarioCatalog(_root).Find("other"), new PlanRequest(), new ScenarioCatalog(_root));
        return Task.FromResult((MakeResult.Of(plan.First, folder.Id), folder));
    }

    private Task<(RunResult Result, RunFolder Folder)> Execute(
        RunPlan plan, RunOptions options, IRunProgress progress, CancellationToken cancellation)
    {
        _runs.Add((plan, options));
        RunFolder folder = RunFolder.At(options.OutDirectory ?? Path.Combine(_root, "o"), DateTimeOffset.UnixEpoch, plan.Name);
        return Task.FromResult((_outcome(MakeResult.Of(plan.First, folder.Id)), folder));
    }

    private void WriteScenario(string path)
    {
        string file = Path.Combine(_root, "scenarios", path + ".yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"name: {Path.GetFileName(path)}\nmessage: {{size: 30B}}\nload: [{{saturate: {{during: 30s}}}}]\n");
    }

    private static string[] Lines(StringWriter writer) => writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
