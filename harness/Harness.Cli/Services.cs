using Harness.Measure.Doctor;
using Harness.Runs;
using Harness.Runs.Planning;
using Results;

namespace Harness.Cli;

/// <summary>Runs one plan to its end, also a bad one: what was measured until then is in the result.</summary>
internal delegate Task<(RunResult Result, RunFolder Folder)> RunScenario(
    RunPlan plan, RunOptions options, IRunProgress progress, CancellationToken cancellation);

/// <summary>Measures the machine to the end, also a bad one: what was measured until then is in the result.</summary>
internal delegate Task<(RunResult Result, RunFolder Folder)> RunProbe(ProbeOptions options, IRunProgress progress, CancellationToken cancellation);

/// <summary>Looks at the machine and at the folder that will hold the broker's data; the worst finding first.</summary>
internal delegate Task<IReadOnlyList<Finding>> ExamineMachine(string dataDirectory, CancellationToken cancellation);

/// <summary>
/// What the verbs need of the world: streams, the repository, and what carries out a run. Tests give their own.
/// </summary>
/// <param name="Out">Results, and nothing else.</param>
/// <param name="Error">Progress, and one line for each error.</param>
/// <param name="RepositoryRoot">The folder of Harness.sln.</param>
/// <param name="Terminal">True: progress may be drawn over itself on <paramref name="Error"/>.</param>
/// <param name="Ci">True: a skipped test counts as a failure.</param>
internal sealed record Services(TextWriter Out, TextWriter Error, string RepositoryRoot, bool Terminal, bool Ci, RunScenario Run)
{
    private const int PlainColumns = 100;

    public RunProbe Probe { get; init; } = ProbeRun.ExecuteAsync;

    /// <summary>Width of what is printed: the terminal's, or 100 columns where there is none.</summary>
    public int Columns { get; init; } = PlainColumns;

    public ExamineMachine Examine { get; init; } = Examination.Examine;

    public static Services OfThisProcess() => new(
        Console.Out,
        Console.Error,
        Repository.Root(),
        Terminal: !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
        Ci: string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase),
        ScenarioRun.ExecuteAsync)
    {
        Columns = Console.IsOutputRedirected ? PlainColumns : Math.Clamp(Console.WindowWidth, 60, 160),
    };
}
