using Harness.Load;
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

    /// <summary>Bare answers, beside the trial of an open load.</summary>
    private const double SecondsOfAnswers = 2;

    /// <summary>The generator's ceilings.</summary>
    private const double SecondsOfVariant = 5;

    /// <summary>A trial that no ceiling is measured beside.</summary>
    private const double SecondsBesideBareTrial = 0.4;

    /// <summary>The start of a broker.</summary>
    private const double SecondsOfStart = 1;

    /// <summary>Of a record without key, beside its value: length, attributes, time, offset, key, value length, headers.</summary>
    private const int FramingBytes = 9;

    public static PlanCost Of(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ScenarioInfo[] trials = [.. plan.Trials().Select(trial => trial.Scenario)];
        return new PlanCost(
            Beside(plan) + trials.Sum(scenario => scenario.WarmupSeconds + During(scenario) + BesideTrial(scenario)),
            trials.Sum(Bytes),
            trials.Any(scenario => scenario.Load.Any(phase => phase.Shape is "saturate" or "keep_constant")),
            SpaceNeeded.Of(plan));
    }

    private static double BesideTrial(ScenarioInfo scenario) => !EachTrial(scenario) ? SecondsBesideBareTrial : SecondsBesideTrial + (AnswerProbe.IsFor(scenario) ? SecondsOfAnswers : 0);

    /// <summary>Starts of brokers; and the generator's ceilings, for each variant, for each point once, or not at all. Who replays batches has none.</summary>
    private static double Beside(RunPlan plan)
    {
        int starts = plan.Variants.Select(variant => variant.Target).Distinct().Count() * (plan.First.Starts ?? 1);
        int once = plan.Points.Count(point => point.Variants[0].Scenario.Ceilings == "once");
        int each = plan.Variants.Count(variant => EachTrial(variant.Scenario) && variant.Scenario.Producers.Client != "replay");
        return (SecondsOfVariant * (once + each)) + (SecondsOfStart * starts);
    }

    private static bool EachTrial(ScenarioInfo scenario) => scenario.Ceilings is null or "each-trial";

    private static double During(ScenarioInfo scenario) => scenario.Load.Sum(phase => phase.DuringSeconds);

    /// <summary>Warm-up included: it is of the first shape, a ramp at its final rate.</summary>
    private static double Bytes(ScenarioInfo scenario)
    {
        double messages = ((scenario.Load[0].RatePerSecond ?? 0) * scenario.WarmupSeconds)
            + scenario.Load.Sum(phase => (((phase.StartRatePerSecond ?? phase.RatePerSecond) + phase.RatePerSecond) / 2 ?? 0) * phase.DuringSeconds);
        return messages * (scenario.Message.SizeBytes + FramingBytes) * scenario.Topic.Replication;
    }
}
