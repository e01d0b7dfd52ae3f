using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Harness.Targets;
using Harness.Verdicts.Expressions;
using Results;

namespace Harness.Runs.Claims;

/// <summary>
/// Puts the scenarios of claims together into one plan, so that one run, one result and one report hold every verdict. The scenarios are written for the
/// engine; on another broker its place is taken by that broker, and what only the engine's switches make possible is left out.
/// </summary>
public static class ClaimPlans
{
    private const string Engine = "engine";
    private const string Kafka = "kafka";

    /// <summary>The claims that there are.</summary>
    public static IReadOnlyList<string> Ids => ClaimPart.Claims;

    /// <exception cref="ScenarioException">An unknown claim, an impossible target, or a scenario that cannot be resolved.</exception>
    public static RunPlan Of(ClaimRequest request, ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(catalog);
        string[] ids = Known(request.Ids);
        TargetSpec target = Target(request.Target);
        bool beside = request.HasKafka && target.Kind == TargetKind.Engine;
        ClaimPart[] parts = [.. ClaimPart.All.Where(part => ids.Contains(part.Claim) && IsWanted(part, request.Full, beside))];
        string what = ids.Length == 1 ? $"Claim {ids[0]}" : ids.Length == Ids.Count ? $"Claims {ids[0]} to {ids[^1]}" : $"Claims {string.Join(", ", ids)}";
        return Together(parts, target, beside, request.Full, request.Quick, catalog) with
        {
            Name = ids.Length == Ids.Count ? "claims" : $"claim-{string.Join('-', ids).ToLowerInvariant()}",
            Title = $"{what} on {request.Target}",
        };
    }

    /// <summary>What a newcomer should see first: the headline claim and the ladder of techniques, in their quick forms.</summary>
    /// <exception cref="ScenarioException">A scenario cannot be resolved.</exception>
    public static RunPlan Headline(ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        RunPlan plan = Together(ClaimPart.Headline, Target(Engine), beside: false, full: false, quick: true, catalog);
        return plan with { Name = "headline", Title = plan.First.Title };
    }

    private static RunPlan Together(
        IReadOnlyList<ClaimPart> parts, TargetSpec target, bool beside, bool full, bool quick, ScenarioCatalog catalog)
    {
        List<PlanPoint> points = [];
        foreach (ClaimPart part in parts)
        {
            PlanRequest overrides = new() { Settings = full ? [] : part.Settings, Quick = quick };
            RunPlan plan = PlanReader.Read(catalog.Find(part.Scenario), overrides, catalog);
            points.AddRange(plan.Points.Select(point => On(target, beside, part, point)).Where(point => point.Variants.Count > 0));
        }

        return new RunPlan { Name = parts[0].Scenario, Repeat = points[0].Repeat, Points = [.. points.Select(Numbered)] };
    }

    private static bool IsWanted(ClaimPart part, bool full, bool beside) => part.When switch
    {
        PartOf.Full => full,
        PartOf.NotFull => !full,
        PartOf.BesideKafka => beside,
        _ => true,
    };

    private static string[] Known(IReadOnlyList<string> ids)
    {
        if (ids.FirstOrDefault(id => !Ids.Contains(id, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ScenarioException($"no claim '{Excerpt.Of(unknown)}'; there are {string.Join(", ", Ids)}");
        }

        return ids.Count == 0 ? [.. Ids] : [.. Ids.Where(id => ids.Contains(id, StringComparer.OrdinalIgnoreCase))];
    }

    private static TargetSpec Target(string text) => TargetSpec.TryParse(text, out TargetSpec? spec, out string problem)
        ? spec!
        : throw new ScenarioException($"--target: '{Excerpt.Of(text)}' {problem}; allowed: {TargetSpec.Allowed}");

    /// <summary>The point as the target can run it; without variants where it cannot.</summary>
    private static PlanPoint On(TargetSpec target, bool beside, ClaimPart part, PlanPoint point)
    {
        IEnumerable<VariantInfo> possible = target.Kind == TargetKind.Engine
            ? point.Variants.Where(variant => beside || !IsBeside(variant))
            : point.Variants.Where(variant => variant.Target == Engine && !(target.Kind == TargetKind.Address && variant.Scenario.Consumers.Mode == "cold"));
        Dictionary<string, string> settings = new() { ["scenario"] = part.Scenario };
        foreach ((string path, string value) in point.Settings)
        {
            settings.Add(path, value);
        }

        return point with
        {
            Settings = settings,
            Variants =
            [
                .. possible.Select(variant =>
                {
                    bool besides = IsBeside(variant);
                    string on = besides ? variant.Target : target.Text + variant.Target[Engine.Length..];
                    bool namedByTarget = variant.Label == variant.Target;
                    string label = namedByTarget ? on : variant.Label;
                    return variant with
                    {
                        // What only stands beside the target is measured, and is not itself on trial.
                        Scenario = variant.Scenario with { Targets = [on], Claim = besides || part.Claim.Length == 0 ? null : part.Claim, Expect = [] },
                        Target = on,
                        Label = label,
                        // The headline is what a reader means by the target's name.
                        Name = part.Scenario == ClaimPart.HeadlineScenario ? label : $"{part.Scenario}: {label}{variant.Name[variant.Label.Length..]}",
                        Settings = settings,
                    };
                }),
            ],
        };
    }

    /// <summary>True for what stands beside the engine, and is not in its place.</summary>
    private static bool IsBeside(VariantInfo variant) => variant.Target.StartsWith(Kafka, StringComparison.Ordinal);

    private static PlanPoint Numbered(PlanPoint point, int index) => point with
    {
        Index = index,
        Variants = [.. point.Variants.Select(variant => variant with { Point = index })],
    };
}
