using Harness.Runs.Planning;
using Results;

namespace Harness.Runs.Scenarios;

/// <summary>
/// The short form of a scenario: fewer and shorter trials, everything else alike. Sized so that the headline's trials end
/// within a minute; three trials are the fewest of which a median ignores one outlier, and no interval is given for them.
/// </summary>
public static class QuickForm
{
    public const int RepeatLimit = 3;
    public const double WarmupSecondsLimit = 4;
    public const double WindowSecondsLimit = 12;

    /// <summary>Of several variants that are interleaved, each of which runs twice in a block.</summary>
    public const int BlocksLimit = 2;

    /// <summary>Never lengthens: what is shorter already stays as it is.</summary>
    public static RunPlan Of(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        int limit = plan.Points.Any(point => point.Variants.Count > 1) ? BlocksLimit : RepeatLimit;
        int repeat = Math.Min(plan.Repeat, limit);
        return plan with { Repeat = repeat, Points = [.. plan.Points.Select(point => Of(point, repeat))] };
    }

    private static PlanPoint Of(PlanPoint point, int repeat) => point with
    {
        Variants = [.. point.Variants.Select(variant => variant with { Scenario = Of(variant.Scenario, repeat) })],
    };

    private static ScenarioInfo Of(ScenarioInfo scenario, int repeat)
    {
        double whole = scenario.Load.Sum(phase => phase.DuringSeconds);
        double scale = whole > WindowSecondsLimit ? WindowSecondsLimit / whole : 1;
        return scenario with
        {
            Repeat = repeat,
            WarmupSeconds = Math.Min(scenario.WarmupSeconds, WarmupSecondsLimit),
            Load = [.. scenario.Load.Select(phase => phase with { DuringSeconds = phase.DuringSeconds * scale })],
        };
    }
}
