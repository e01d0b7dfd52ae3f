using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Planning;

/// <summary>What carrying out a plan takes, as far as it is known before anything is measured.</summary>
/// <param name="Seconds">Roughly: drains and starts of brokers take what they take.</param>
/// <param name="ScheduledBytes">Written to the brokers' logs by loads that have a rate, over all trials.</param>
/// <param name="Saturates">True when some load has no rate of its own.</param>
/// <param name="Space">Needed at any one moment.</param>
public sealed record PlanCost(double Seconds, double ScheduledBytes, bool Saturates, SpaceNeeded Space)
{
    /// <summary>Topic, drain, verification; and the bare pipeline beside the trial.</summary>
    private const double SecondsBesideTrial = 5;

    /// <summary>The generator's ceilings.</summary>
    private const double SecondsOfVariant = 5;
    private const double SecondsOfStart = 3;

    /// <summary>Of a record without key, beside its value: length, attributes, time, offset, key, value length, headers.</summary>
    private const int FramingBytes = 9;

    public static PlanCost Of(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ScenarioInfo[] trials = [.. plan.Trials().Select(trial => trial.Variant.Scenario)];
        return new PlanCost(
            (SecondsOfVariant * plan.Variants.Count(variant => variant.Scenario.Producers.Client != "replay"))
                + (SecondsOfStart * plan.Variants.Select(variant => variant.Target).Distinct().Count() * (plan.First.Starts ?? 1)) + trials.Sum(scenario => scenario.WarmupSeconds + During(scenario) + SecondsBesideTrial),
            trials.Sum(Bytes),
            trials.Any(scenario => scenario.Load.Any(phase => phase.Shape is "saturate" or "keep_constant")),
            SpaceNeeded.Of(plan));
    }

    private static double During(ScenarioInfo scenario) => scenario.Load.Sum(phase => phase.DuringSeconds);

    /// <summary>Warm-up included: it is of the first shape, a ramp at its final rate.</summary>
    private static double Bytes(ScenarioInfo scenario)
    {
        double messages = ((scenario.Load[0].RatePerSecond ?? 0) * scenario.WarmupSeconds)
            + scenario.Load.Sum(phase => (((phase.StartRatePerSecond ?? phase.RatePerSecond) + phase.RatePerSecond) / 2 ?? 0) * phase.DuringSeconds);
        return messages * (scenario.Message.SizeBytes + FramingBytes) * scenario.Topic.Replication;
    }
}
