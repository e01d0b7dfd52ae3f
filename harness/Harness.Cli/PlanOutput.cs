using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Runs.Planning;
using Results;

namespace Harness.Cli;

/// <summary>A plan as <c>--dry-run</c> shows it.</summary>
internal static class PlanOutput
{
    public static IEnumerable<string> Lines(RunPlan plan)
    {
        PlanCost cost = PlanCost.Of(plan);
        IReadOnlyList<PlannedTrial> trials = plan.Trials();
        yield return $"{plan.Name}{(plan.First.Title is { } title ? $": {title}" : "")}";
        yield return $"  {Count(trials.Count, "trial")} in {Count(plan.Points.Count * plan.Repeat, "block")}, about {Duration(cost.Seconds)}";
        yield return $"  to be written: {Written(cost)}";
        yield return $"  free space needed: {Gigabytes(cost.Space.TotalBytes)} "
            + $"({Gigabytes(cost.Space.BrokerBytes)} for the broker's log, {Gigabytes(cost.Space.ProbeBytes)} for the bare pipeline)";
        foreach (PlannedTrial trial in trials)
        {
            ScenarioInfo scenario = trial.Variant.Scenario;
            string load = string.Join(", ", scenario.Load.Select(Phase));
            yield return $"  {trial.Index + 1,4}  block {trial.Block + 1}  {trial.Variant.Name}: warm-up {Duration(scenario.WarmupSeconds)}, {load}";
        }
    }

    public static string Json(IReadOnlyList<RunPlan> plans)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("plans");
            foreach (RunPlan plan in plans)
            {
                Write(json, plan);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, RunPlan plan)
    {
        PlanCost cost = PlanCost.Of(plan);
        json.WriteStartObject();
        json.WriteString("name", plan.Name);
        json.WriteNumber("repeat", plan.Repeat);
        json.WriteNumber("seconds", cost.Seconds);
        json.WriteNumber("scheduledBytes", cost.ScheduledBytes);
        json.WriteBoolean("saturates", cost.Saturates);
        json.WriteNumber("spaceBytes", cost.Space.TotalBytes);
        json.WriteStartArray("variants");
        foreach (VariantInfo variant in plan.Variants)
        {
            json.WriteRawValue(ResultJson.Serialize(variant));
        }

        json.WriteEndArray();
        json.WriteStartArray("trials");
        foreach (PlannedTrial trial in plan.Trials())
        {
            json.WriteStartObject();
            json.WriteNumber("index", trial.Index);
            json.WriteNumber("block", trial.Block);
            json.WriteString("variant", trial.Variant.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
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
