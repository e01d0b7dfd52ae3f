using Harness.Cli.Progress;
using Harness.Runs;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Cli;

/// <summary>
/// What all measuring verbs do: find and resolve the scenarios, run one after the other under a progress display, show what
/// came out. Nothing is started unless every scenario can be resolved.
/// </summary>
internal sealed class Measurement(Services services, bool json)
{
    /// <summary>Of the folder that holds what several runs came to.</summary>
    private const string SummaryName = "summary";

    /// <summary>What stands for the result on standard output with <c>--json</c>: result, its path, the report's; null for the document itself.</summary>
    public Func<RunResult, string, string, string>? JsonOf { get; init; }

    /// <summary>The brokers' CPU time is sampled.</summary>
    public bool Profile { get; init; }

    /// <param name="junit">Where the verdicts go as JUnit test cases; null for nowhere.</param>
    /// <param name="folder">In place of the folder under results/runs; with several scenarios, each gets one in it.</param>
    /// <returns>The exit code.</returns>
    public Task<int> Run(IReadOnlyList<string> names, PlanRequest request, string? folder, string command, string? junit = null) =>
        Run(Read(names, request), request.Quick, folder, command, junit);

    /// <inheritdoc cref="Run(IReadOnlyList{string}, PlanRequest, string?, string, string?)"/>
    public async Task<int> Run(IReadOnlyList<RunPlan> plans, bool quick, string? folder, string command, string? junit = null)
    {
        RunOutput output = new(services, json, junit) { JsonOf = JsonOf };
        using Interrupts interrupts = new(services.Error);
        foreach (RunPlan plan in plans)
        {
            if (interrupts.Token.IsCancellationRequested)
            {
                break;
            }

            string? chosen = folder is null || plans.Count == 1 ? folder : Path.Combine(folder, plan.Name);
            RunOptions options = new()
            {
                OutDirectory = chosen,
                RunsRoot = Path.Combine(services.RepositoryRoot, "results", "runs"),
                RepositoryRoot = services.RepositoryRoot,
                KafkaHome = Environment.GetEnvironmentVariable("KAFKA_HOME"),
                Quick = quick,
                Profile = Profile,
                Command = command,
            };
            (RunResult result, RunFolder place) = await ProgressDisplay.Show(
                services, progress => services.Run(plan, options, progress, interrupts.Token));
            output.Show(result, place);
        }

        output.Summarise(() => folder is null
            ? RunFolder.Create(Path.Combine(services.RepositoryRoot, "results", "runs"), DateTimeOffset.UtcNow, SummaryName)
            : RunFolder.At(folder, DateTimeOffset.UtcNow, SummaryName));
        return output.Finish(interrupts.Token.IsCancellationRequested);
    }

    /// <summary>Shows what would be run.</summary>
    /// <returns>The exit code.</returns>
    public int Show(IReadOnlyList<string> names, PlanRequest request) => Show(Read(names, request));

    /// <inheritdoc cref="Show(IReadOnlyList{string}, PlanRequest)"/>
    public int Show(IReadOnlyList<RunPlan> plans)
    {
        if (json)
        {
            services.Out.Write(PlanOutput.Json(plans));
            return ExitCodes.Passed;
        }

        foreach (string line in plans.SelectMany(PlanOutput.Lines))
        {
            services.Out.WriteLine(line);
        }

        return ExitCodes.Passed;
    }

    private List<RunPlan> Read(IReadOnlyList<string> names, PlanRequest request)
    {
        ScenarioCatalog catalog = new(services.RepositoryRoot);
        List<RunPlan> plans = [];
        List<string> problems = [];
        foreach (string name in names)
        {
            try
            {
                plans.Add(PlanReader.Read(catalog.Find(name), request, catalog));
            }
            catch (ScenarioException e)
            {
                problems.Add(e.Message);
            }
        }

        if (plans.GroupBy(plan => plan.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            problems.Add($"the scenario '{twice.Key}' is given twice");
        }

        return problems.Count == 0 ? plans : throw new ScenarioException(string.Join('\n', problems));
    }
}
