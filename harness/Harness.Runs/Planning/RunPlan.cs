using Results;

namespace Harness.Runs.Planning;

/// <summary>
/// A scenario resolved into what will be run. Points of a matrix follow one another; the variants of a point are interleaved in blocks,
/// so that what drifts in the machine meets all of them alike.
/// </summary>
public sealed record RunPlan
{
    public required string Name { get; init; }

    /// <summary>What it shows, for its readers; null where the first scenario's own title says it.</summary>
    public string? Title { get; init; }

    /// <summary>Blocks of the first point; several scenarios in one plan have each their own (<see cref="PlanPoint.Repeat"/>).</summary>
    public required int Repeat { get; init; }

    /// <summary>At least one, each with at least one variant.</summary>
    public required IReadOnlyList<PlanPoint> Points { get; init; }

    /// <summary>The first variant's scenario: what is alike in all is read here.</summary>
    public ScenarioInfo First => Points[0].Variants[0].Scenario;

    public IEnumerable<VariantInfo> Variants => Points.SelectMany(point => point.Variants);

    /// <summary>Everything in the order in which it runs. A target's process lives through all of them, and is new in its first.</summary>
    public IReadOnlyList<PlannedTrial> Trials()
    {
        List<PlannedTrial> trials = [];
        foreach (PlanPoint point in Points)
        {
            for (int block = 0; block < point.Repeat; block++)
            {
                trials.AddRange(point.Block().Select(variant => new PlannedTrial(0, block, variant, variant.Scenario)));
            }
        }

        HashSet<string> met = [];
        return [.. trials.Select((trial, index) => trial with
        {
            Index = index,
            Scenario = met.Add(trial.Variant.Target) && trial.Scenario.FirstWarmupSeconds is { } first ? trial.Scenario with { WarmupSeconds = first } : trial.Scenario,
        })];
    }
}

/// <summary>One point of the matrix; without a matrix the only one.</summary>
public sealed record PlanPoint(int Index, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<VariantInfo> Variants)
{
    /// <summary>Blocks of this point.</summary>
    public int Repeat => Variants[0].Scenario.Repeat;

    /// <summary>
    /// The order of a block: A B B A, with more variants A B C C B A. Each runs as often as any other, and on the average at the same time. A
    /// single variant is compared with nothing, and one trial is a block.
    /// </summary>
    public IEnumerable<VariantInfo> Block() => RunVariants.TrialsInBlock(Variants.Count) == 1 ? Variants : Variants.Concat(Variants.Reverse());
}

/// <param name="Index">In the order of running, from 0.</param>
/// <param name="Block">Within its point, from 0.</param>
/// <param name="Scenario">What it does: the variant's, with the warm-up that this trial has.</param>
public sealed record PlannedTrial(int Index, int Block, VariantInfo Variant, ScenarioInfo Scenario);
