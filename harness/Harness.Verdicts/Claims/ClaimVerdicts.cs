using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// The verdict of every claim that a run puts to the test, for each target: a pure function of the result. What belongs to a claim is said by the
/// scenarios of its variants; what differs between them is read from their targets and scenarios, so that a scenario of one's own is judged
/// like those that are shipped.
/// </summary>
public static class ClaimVerdicts
{
    private static readonly Dictionary<string, Func<ClaimCase, Verdict>> Judges = new()
    {
        [ClaimC2.Id] = ClaimC2.Judge,
        [ClaimC3.Id] = ClaimC3.Judge,
        [ClaimC4.Id] = ClaimC4.Judge,
        [ClaimC5.Id] = ClaimC5.Judge,
        [ClaimC6.Id] = ClaimC6.Judge,
    };

    public static IReadOnlyList<Verdict> Judge(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        VariantInfo[] claiming = [.. RunVariants.Of(run).Where(variant => variant.Scenario.Claim is not null)];
        return
        [
            .. claiming.Select(variant => variant.Scenario.Claim!).Distinct().Order(StringComparer.Ordinal).SelectMany(id =>
                Of(run, id, [.. claiming.Where(variant => variant.Scenario.Claim == id)])),
        ];
    }

    private static IEnumerable<Verdict> Of(RunResult run, string id, VariantInfo[] variants)
    {
        if (id == ClaimC1.Id)
        {
            return ClaimC1.JudgeAll(run, variants);
        }

        return Judges.TryGetValue(id, out Func<ClaimCase, Verdict>? judge)
            ? variants.GroupBy(variant => Techniques.BaseOf(variant.Target)).Select(target => judge(new ClaimCase(run, id, target.Key, [.. target])))
            : [];
    }
}
