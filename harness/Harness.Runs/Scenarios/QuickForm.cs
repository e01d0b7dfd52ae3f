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

    /// <summary>Never lengthens: a scenario that is shorter already stays as it is.</summary>
    public static ScenarioInfo Of(ScenarioInfo scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        double whole = scenario.Load.Sum(phase => phase.DuringSeconds);
        double scale = whole > WindowSecondsLimit ? WindowSecondsLimit / whole : 1;
        return scenario with
        {
            Repeat = Math.Min(scenario.Repeat, RepeatLimit),
            WarmupSeconds = Math.Min(scenario.WarmupSeconds, WarmupSecondsLimit),
            Load = [.. scenario.Load.Select(phase => phase with { DuringSeconds = phase.DuringSeconds * scale })],
        };
    }
}
