using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Runs.Planning;
using Results;

namespace Harness.Cli;

/// <summary>A plan as <c>--dry-run</c> shows it.</summary>
internal static class PlanOutput
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    public static IEnumerable<string> Lines(RunPlan plan)
    {
        PlanCost cost = PlanCost.Of(plan);
        IReadOnlyList<PlannedTrial> trials = plan.Trials();
        yield return $"{plan.Name}{((plan.Title ?? plan.First.Title) is { } title ? $": {title}" : "")}";
        yield return $"  {Count(trials.Count, "trial")} in {Count(plan.Points.Sum(point => point.Repeat), "block")}, about {Duration(cost.Seconds)}";
        yield return $"  to be written: {Written(cost)}";
        yield return $"  free space needed: {Gigabytes(cost.Space.TotalBytes)} "
            + $"({Gigabytes(cost.Space.BrokerBytes)} for the broker's log, {Gigabytes(cost.Space.ProbeBytes)} for the bare pipeline)";
        foreach (PlannedTrial trial in trials)
        {
            ScenarioInfo scenario = trial.Scenario;
            string load = string.Join(", ", scenario.Load.Select(Phase));
            yield return $"  {trial.Index + 1,4}  block {trial.Block + 1}  {trial.Variant.Name}: warm-up {Duration(scenario.WarmupSeconds)}, {load}";
        }
    }

    public static string Json(IReadOnlyList<RunPlan> plans) =>
        new JsonObject { ["plans"] = new JsonArray([.. plans.Select(Json)]) }.ToJsonString(Indented) + "\n";

    private static JsonObject Json(RunPlan plan)
    {
        PlanCost cost = PlanCost.Of(plan);
        return new JsonObject
        {
            ["name"] = plan.Name,
            ["repeat"] = plan.Repeat,
            ["seconds"] = cost.Seconds,
            ["scheduledBytes"] = cost.ScheduledBytes,
            ["saturates"] = cost.Saturates,
            ["spaceBytes"] = cost.Space.TotalBytes,
            ["variants"] = new JsonArray([.. plan.Variants.Select(variant => JsonNode.Parse(ResultJson.Serialize(variant)))]),
            ["trials"] = new JsonArray([.. plan.Trials().Select(trial => new JsonObject
            {
                ["index"] = trial.Index,
                ["block"] = trial.Block,
                ["variant"] = trial.Variant.Name,
                ["warmupSeconds"] = trial.Scenario.WarmupSeconds,
            })]),
        };
    }

    private static string Written(PlanCost cost)
    {
        string scheduled = $"{Gigabytes(cost.ScheduledBytes)} by the schedules";
        const string saturating = "as much as the brokers take where the load saturates them";
        return !cost.Saturates ? scheduled : cost.ScheduledBytes > 0 ? $"{scheduled}, and {saturating}" : saturating;
    }

    private static string Phase(LoadPhaseInfo phase)
    {
        string rate = phase.RatePerSecond is { } perSecond ? $" {perSecond.ToString("#,0.###", CultureInfo.InvariantCulture)}/s" : "";
        string copies = phase.Copies is { } count ? $" {count} copies" : "";
        return $"{phase.Shape}{rate}{copies} {Duration(phase.DuringSeconds)}";
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Gigabytes(double bytes) => (bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " GB";

    private static string Duration(double seconds) => seconds switch
    {
        < 120 => seconds.ToString("0.###", CultureInfo.InvariantCulture) + " s",
        < 7200 => (seconds / 60).ToString("0.#", CultureInfo.InvariantCulture) + " min",
        _ => (seconds / 3600).ToString("0.#", CultureInfo.InvariantCulture) + " h",
    };
}
