using Harness.Verdicts.Judging;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// What a judge has before it: one claim, one target, the variants that put it to the test, and their trials. It gives the verdict its form, so that
/// judges only decide.
/// </summary>
internal sealed record ClaimCase(RunResult Run, string Id, string Target, IReadOnlyList<VariantInfo> Variants)
{
    /// <summary>The variants of each point, in the order of the plan.</summary>
    public IEnumerable<VariantInfo[]> Points => Variants.GroupBy(variant => variant.Point).Select(point => point.ToArray());

    /// <summary>What was seen from outside in some of its trials.</summary>
    public Func<IEnumerable<Trial>, OutsideProof> Proof { get; init; } = OutsideProof.Of;

    public bool CanSwitch => Techniques.CanSwitch(Target);

    public IReadOnlyList<Trial> Trials(VariantInfo variant) => RunVariants.TrialsOf(Run, variant);

    /// <summary>What voids or opens the whole claim: damage in any of its trials, a run that did not come to its end.</summary>
    public Obstacle? Obstacle()
    {
        Obstacle[] all = [.. Variants.Select(variant => Judging.Obstacle.Of(Run, variant, Trials(variant))).OfType<Obstacle>()];
        return Array.Find(all, obstacle => obstacle.Kind == VerdictKind.Invalid) ?? all.FirstOrDefault();
    }

    /// <summary>The median of a figure over a variant's trials that stand; null where none has it.</summary>
    public double? MedianOf(VariantInfo variant, Func<Trial, double?> figure)
    {
        double[] values = [.. Trials(variant).Where(trial => trial.Status == TrialStatus.Completed).Select(figure).OfType<double>()];
        return values.Length == 0 ? null : Median.Of(values);
    }

    /// <summary>The pairs of each point that differ in one respect and in no other technique: the candidate does without.</summary>
    public IEnumerable<(VariantInfo With, VariantInfo Without)> Pairs(Func<Techniques, bool> has, Func<Techniques, Techniques> without) =>
        Points.SelectMany(point => point
            .Where(one => has(Techniques.Of(one.Target)))
            .SelectMany(one => point
                .Where(other => Techniques.Of(other.Target) == without(Techniques.Of(one.Target)))
                .Take(1)
                .Select(other => (one, other))));

    /// <summary>What the point is about, for a line of evidence.</summary>
    public static string Where(VariantInfo variant)
    {
        string[] settings = [.. variant.Settings.Where(s => s.Key != "scenario").Select(s => $"{s.Key} {s.Value}")];
        return settings.Length == 0 ? $"{variant.Scenario.Message.SizeBytes} B messages" : string.Join(", ", settings);
    }

    /// <summary>How long its trials were.</summary>
    private string Lengths
    {
        get
        {
            Trial[] all = [.. Variants.SelectMany(Trials)];
            return all.Length == 0 ? "no trial ran" : $"{all.Length} trials of {Figures.Duration(Median.Of(all.Select(trial => trial.WindowSeconds)))} (median)";
        }
    }

    public Verdict Answer(VerdictKind kind, string sentence, IEnumerable<string> evidence)
    {
        string here = kind is VerdictKind.Reproduced or VerdictKind.NotReproduced ? " here" : "";
        return new Verdict
        {
            Id = Id,
            Target = Target,
            Kind = kind,
            Sentence = $"{VerdictNames.Of(kind)}{here} ({Target}): {sentence}",
            Evidence = [.. evidence, $"conditions: {Conditions.Of(Run, Variants[0], [.. Trials(Variants[0])])}; {Lengths}"],
        };
    }
}
