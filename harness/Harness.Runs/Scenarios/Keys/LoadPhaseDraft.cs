using Results;

namespace Harness.Runs.Scenarios.Keys;

/// <summary>One phase of the load while it is being read.</summary>
internal sealed class LoadPhaseDraft(string shape)
{
    public string Shape => shape;
    public double DuringSeconds { get; set; }
    public double? RatePerSecond { get; set; }
    public int? Copies { get; set; }

    /// <summary>The phase, as it follows on another: a ramp begins at the rate at which that one ended.</summary>
    public LoadPhaseInfo After(LoadPhaseInfo? before) => new(shape, DuringSeconds, RatePerSecond)
    {
        StartRatePerSecond = shape == ScenarioKeys.Ramp ? before?.RatePerSecond ?? 0 : null,
        Copies = Copies,
    };
}
