using Harness.Verdicts.Judging;
using Harness.Verdicts.Statistics;
using Harness.Verdicts.Trials;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Claim C1: one Kafka node handles close to 20 million messages a second at 600 MB/s. A message counts as handled when it
/// was acknowledged and consumed and verified, so a trial's rate is the smaller of what was acknowledged and what each
/// consumer group took. The median over the trials decides. Pure functions of the result.
/// </summary>
public static class ClaimC1
{
    public const string Id = "C1";
    public const double MessagesPerSecond = 20e6;
    public const double ValueBytesPerSecond = 600e6;

    /// <summary>
    /// A verdict for each target: its first variant is the headline and decides. What stood beside it in the same point, and the target's other
    /// combinations, are told with their figures.
    /// </summary>
    internal static IEnumerable<Verdict> JudgeAll(RunResult run, IReadOnlyList<VariantInfo> claiming)
    {
        // Variants of one point that a run names itself are each on trial; further points are combinations of the same headline.
        foreach (IGrouping<string, VariantInfo> target in claiming.GroupBy(variant => variant.Target))
        {
            VariantInfo[] own = [.. target];
            int headline = own[0].Point;
            foreach (VariantInfo variant in own.Where(variant => variant.Point == headline))
            {
                Verdict verdict = Judge(run, variant);
                string[] others = [.. C1Others.Lines(run, own.Where(other => other.Point != headline))];
                string? beside = C1Others.Beside(run, own);
                yield return verdict with
                {
                    Sentence = beside is null ? verdict.Sentence : $"{verdict.Sentence}; {beside}",
                    Evidence = [.. verdict.Evidence, .. others],
                };
            }
        }
    }

    /// <summary>The verdict for one of the run's variants.</summary>
    public static Verdict Judge(RunResult run, VariantInfo variant)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(variant);
        Trial[] trials = [.. RunVariants.TrialsOf(run, variant)];
        string conditions = $"conditions: {Conditions.Of(run, variant, trials)}";
        Obstacle? obstacle = Obstacle.Of(run, variant, trials) ?? Unverified(variant.Scenario);
        if (obstacle is not null)
        {
            string[] verification = trials.Length == 0 ? [] : [C1Evidence.Verification(trials)];
            return Answer(obstacle.Kind, variant, $"{obstacle.Cause}; {conditions}", verification);
        }

        CarriedRate[] carried = [.. trials.Select(trial => CarriedRate.Of(trial, variant.Scenario.Consumers.Groups))];
        LowerBounds messages = Bounds(trials, carried.Select(c => c.MessagesPerSecond));
        LowerBounds bytes = Bounds(trials, carried.Select(c => c.ValueBytesPerSecond));
        bool reached = messages.Carried >= MessagesPerSecond && bytes.Carried >= ValueBytesPerSecond;
        bool stillPossible = messages.Possible >= MessagesPerSecond && bytes.Possible >= ValueBytesPerSecond;
        VerdictKind kind = reached ? VerdictKind.Reproduced : stillPossible ? VerdictKind.Inconclusive : VerdictKind.NotReproduced;
        string why = kind == VerdictKind.Inconclusive
            ? $"the generator limited {messages.Limited} of {trials.Length} trials, so the broker may carry more than "
            : "";

        // The trial nearest to the median stands for all where a single one has to be quoted.
        Trial typical = trials[Median.IndexNearest([.. carried.Select(c => c.MessagesPerSecond)])];
        string sentence = $"{why}{Figure(messages.Carried, bytes.Carried)}{Pipeline(trials)}, {LimitedBy(typical)}; {conditions}";
        return Answer(kind, variant, sentence, C1Evidence.Lines(run, trials, carried));
    }

    private static string Figure(double messagesPerSecond, double bytesPerSecond)
    {
        double ofMessages = messagesPerSecond / MessagesPerSecond;
        double ofBytes = bytesPerSecond / ValueBytesPerSecond;
        string text = $"{Figures.Rate(messagesPerSecond)} at {Figures.ByteRate(bytesPerSecond)} of values, "
            + $"{Figures.Share(ofMessages)} of the claim's {MessagesPerSecond / 1e6:0} M msg/s";

        // At the claim's own 30 bytes a message both shares are the same.
        return Math.Abs(ofMessages - ofBytes) < 0.005 ? text : $"{text} and {Figures.Share(ofBytes)} of its {ValueBytesPerSecond / 1e6:0} MB/s";
    }

    private static string Pipeline(Trial[] trials)
    {
        double[] shares = [.. trials.Select(trial => trial.BarePipelineShare).OfType<double>()];
        return shares.Length == 0
            ? ", this machine's bare pipeline not measured"
            : $", {Figures.Share(Median.Of(shares))} of what this machine's bare pipeline carries";
    }

    private static string LimitedBy(Trial trial) => trial.LimitedBy.StartsWith(LimitingResource.Undecided, StringComparison.Ordinal)
        ? $"what limited it is {trial.LimitedBy}"
        : $"limited by {trial.LimitedBy}";

    private static Obstacle? Unverified(ScenarioInfo scenario)
    {
        VerifyInfo v = scenario.Verify;
        return v is { Loss: true, Duplicates: true, Order: true, Checksum: true } && scenario.Consumers.Mode != "none"
            ? null
            : new Obstacle(VerdictKind.Inconclusive, "not everything was verified, and unverified messages do not count");
    }

    private static LowerBounds Bounds(Trial[] trials, IEnumerable<double> rates) =>
        new([.. trials.Zip(rates, (trial, rate) => (rate, trial.GeneratorLimits.GeneratorLimited))]);

    private static Verdict Answer(VerdictKind kind, VariantInfo variant, string rest, IReadOnlyList<string> evidence)
    {
        string here = kind is VerdictKind.Reproduced or VerdictKind.NotReproduced ? " here" : "";
        return new Verdict
        {
            Id = Id,
            Target = variant.Target,
            Variant = variant.Name,
            Kind = kind,
            Sentence = $"{VerdictNames.Of(kind)}{here} ({VariantNames.Of(variant)}): {rest}",
            Evidence = evidence,
        };
    }
}
