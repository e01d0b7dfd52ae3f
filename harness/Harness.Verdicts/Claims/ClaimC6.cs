using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Claim C6: the four techniques together make the throughput; each applies in some conditions and not in others. A ladder from none to all, and each
/// left out of all, for each point. Decided by all four against none in every point; what each step and each one left out is worth
/// is said with its interval, and undecided where the interval holds 1.
/// </summary>
internal static class ClaimC6
{
    public const string Id = "C6";

    private static readonly (string Step, Techniques From, Techniques To)[] Ladder =
    [
        ("batching", Techniques.None, new Techniques(true, false, false, false)),
        ("sequential log", new Techniques(true, false, false, false), new Techniques(true, true, false, false)),
        ("page cache", new Techniques(true, true, false, false), new Techniques(true, true, true, false)),
        ("sendfile", new Techniques(true, true, true, false), Techniques.All),
    ];

    private static readonly (string Left, Techniques Without)[] LeaveOneOut =
    [
        ("batching", Techniques.All with { Batching = false }),
        ("sequential log", Techniques.All with { Log = false }),
        ("page cache and sendfile", Techniques.All with { Cache = false, Transfer = false }),
        ("sendfile", Techniques.All with { Transfer = false }),
    ];

    public static Verdict Judge(ClaimCase claim)
    {
        if (!claim.CanSwitch)
        {
            return claim.Answer(
                VerdictKind.NotTestedHere, "the techniques of this broker cannot be switched off one by one", [NotTested.Line("what each technique is worth", "--target engine")]);
        }

        Rung[] points = [.. claim.Points.Select(point => Rung.Of(claim, point))];
        List<string> evidence = [.. points.SelectMany(point => point.Lines())];
        return Judge(claim, points, evidence) with { Techniques = [.. points.SelectMany(point => point.Cases())] };
    }

    private static Verdict Judge(ClaimCase claim, Rung[] points, List<string> evidence)
    {
        if (claim.Obstacle() is { } obstacle)
        {
            return claim.Answer(obstacle.Kind, obstacle.Cause, evidence);
        }

        PairRatio?[] all = [.. points.Select(point => point.AllOverNone)];
        if (points.Length == 0 || all.Any(ratio => ratio is null))
        {
            return claim.Answer(VerdictKind.Inconclusive, "all four and none of them were not measured in turns", evidence);
        }

        string figure = string.Join("; ", points.Select(point => $"at {point.Where} all four carry {point.AllOverNone!.Text} what none carries"))
            + Limited(claim);
        Side[] sides = [.. all.Select(ratio => ratio!.Against(1))];
        VerdictKind kind = sides.All(side => side == Side.Above) ? VerdictKind.Reproduced
            : sides.Contains(Side.Below) ? VerdictKind.NotReproduced
            : VerdictKind.Inconclusive;
        return claim.Answer(kind, figure, evidence);
    }

    /// <summary>A ratio in which the generator held the faster side back is a lower bound of it.</summary>
    private static string Limited(ClaimCase claim)
    {
        int limited = claim.Variants.SelectMany(claim.Trials).Count(trial => trial.GeneratorLimits.GeneratorLimited);
        return limited == 0 ? "" : $"; the generator limited {limited} trial{(limited == 1 ? "" : "s")}, so ratios above 1 may be larger";
    }

    /// <summary>The ladder at one point.</summary>
    private sealed record Rung(string Where, PairRatio? AllOverNone, IReadOnlyList<(string Step, PairRatio Ratio)> Steps, IReadOnlyDictionary<string, PairRatio> Left)
    {
        public static Rung Of(ClaimCase claim, VariantInfo[] point)
        {
            VariantInfo? Find(Techniques wanted) => Array.Find(point, variant => Techniques.Of(variant.Target) == wanted);
            PairRatio? Ratio(Techniques from, Techniques to) =>
                Find(from) is { } baseline && Find(to) is { } candidate ? PairRatio.Of(claim.Run, Costs.Carried, baseline, candidate) : null;
            return new Rung(
                ClaimCase.Where(point[0]),
                Ratio(Techniques.None, Techniques.All),
                [.. Ladder.Select(step => (step.Step, Ratio: Ratio(step.From, step.To))).Where(step => step.Ratio is not null).Select(step => (step.Step, step.Ratio!))],
                LeaveOneOut.Select(left => (left.Left, Ratio: Ratio(Techniques.All, left.Without))).Where(left => left.Ratio is not null)
                    .ToDictionary(left => left.Left, left => left.Ratio!));
        }

        public IEnumerable<string> Lines() =>
        [
            .. Steps.Select(step => $"{Where}: adding {step.Step} carries {step.Ratio.Text}{Undecided(step.Ratio)}"),
            .. Left.Select(left => $"{Where}: all without {left.Key} carry {left.Value.Text}{Undecided(left.Value)}"),
        ];

        /// <summary>When it applies, when it does not.</summary>
        public IEnumerable<TechniqueCase> Cases() => Left.Select(left => new TechniqueCase
        {
            Technique = left.Key,
            Where = Where,
            Ratio = left.Value.Ratio,
            Low = left.Value.Low,
            High = left.Value.High,
            Answer = left.Value.Against(1) switch
            {
                Side.Below => TechniqueAnswer.Applies,
                Side.Above => TechniqueAnswer.Costs,
                Side.Undecided => TechniqueAnswer.Undecided,
                _ => TechniqueAnswer.NoInterval,
            },
        });

        private static string Undecided(PairRatio ratio) => ratio.Against(1) == Side.Undecided ? ": undecided" : "";
    }
}
