using Harness.Runs.Planning;
using Results;

namespace Harness.Runs.Scenarios;

/// <summary>
/// The short form of a scenario: fewer trials with shorter counted windows, everything else alike; also the warm-up, without which something
/// else is measured (a ring of files has to be written once). Sized so that the headline's trials end within a minute; three trials are the
/// fewest of which a median ignores one outlier, and no interval is given for them.
/// </summary>
public static class QuickForm
{
    public const int RepeatLimit = 3;
    public const double WindowSecondsLimit = 12;

    /// <summary>Of several variants that are interleaved, each of which runs twice in a block.</summary>
    public const int BlocksLimit = 2;

    /// <summary>Of replayed batches, of which many more are sent.</summary>
    public const double ReplayWindowSecondsLimit = 2;
    public const int ReplayBlocksLimit = 1;

    /// <summary>Never lengthens: what is shorter already stays as it is.</summary>
    public static RunPlan Of(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        bool compares = plan.Points.Any(point => point.Variants.Count > 1);
        int limit = !compares ? RepeatLimit : plan.Variants.All(variant => Replays(variant.Scenario)) ? ReplayBlocksLimit : BlocksLimit;
        int repeat = Math.Min(plan.Repeat, limit);
        return plan with { Repeat = repeat, Points = [.. plan.Points.Select(point => Of(point, repeat))] };
    }

    private static bool Replays(ScenarioInfo scenario) => scenario.Producers.Client == "replay";

    private static PlanPoint Of(PlanPoint point, int repeat) => point with
    {
        Variants = [.. point.Variants.Select(variant => variant with { Scenario = Of(variant.Scenario, repeat) })],
    };

    private static ScenarioInfo Of(ScenarioInfo scenario, int repeat)
    {
        double whole = scenario.Load.Sum(phase => phase.DuringSeconds);
        double windowLimit = Replays(scenario) ? ReplayWindowSecondsLimit : WindowSecondsLimit;
        double scale = whole > windowLimit ? windowLimit / whole : 1;
        return scenario with
        {
            Repeat = repeat,
            Load = [.. scenario.Load.Select(phase => phase with { DuringSeconds = phase.DuringSeconds * scale })],
        };
    }
}
