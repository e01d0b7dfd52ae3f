using Harness.Verdicts.Expressions;
using Harness.Verdicts.Judging;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>What an interval says of a ratio.</summary>
internal enum Side
{
    Above,
    Below,

    /// <summary>The interval holds the bound.</summary>
    Undecided,

    /// <summary>There is no interval.</summary>
    Unmeasured,
}

/// <summary>One figure of a candidate over that of a baseline, paired block by block, with its 95 % interval where there are blocks enough.</summary>
internal sealed record PairRatio(double? Ratio, double? Low, double? High, int Blocks, string? Obstacle, bool Quick)
{
    private const double Confidence = 0.95;

    public static PairRatio Of(RunResult run, Metric metric, VariantInfo baseline, VariantInfo candidate)
    {
        PairedTrials trials = PairedTrials.Of(run, baseline, candidate);
        double[] logs = trials.Void is null ? trials.LogRatios(metric) : [];
        string? obstacle = trials.Void ?? (logs.Length == 0 ? trials.Cautions(metric, 0).FirstOrDefault() : null);
        HodgesLehmann? estimate = HodgesLehmann.Of(logs, Confidence);
        bool interval = !run.Quick && estimate?.Low is not null;
        return new PairRatio(
            estimate is null ? null : Math.Exp(estimate.Estimate),
            interval ? Math.Exp(estimate!.Low!.Value) : null,
            interval ? Math.Exp(estimate!.High!.Value) : null,
            logs.Length,
            obstacle,
            run.Quick);
    }

    /// <summary>On which side of a bound the whole interval lies.</summary>
    public Side Against(double bound) => (Low, High) switch
    {
        (null, _) or (_, null) => Side.Unmeasured,
        ({ } low, _) when low > bound => Side.Above,
        (_, { } high) when high < bound => Side.Below,
        _ => Side.Undecided,
    };

    /// <summary><c>1.83 times (95 % interval 1.79 to 1.88, 6 blocks)</c>.</summary>
    public string Text => Ratio is not { } ratio
        ? $"not measured{(Obstacle is null ? "" : $" ({Obstacle})")}"
        : $"{Figures.Ratio(ratio)} times ({Certainty})";

    private string Certainty => Low is { } low && High is { } high
        ? $"95 % interval {Figures.Ratio(low)} to {Figures.Ratio(high)}, {Count(Blocks)}"
        : Quick ? "quick: no interval" : $"no interval: 95 % takes at least {HodgesLehmann.FewestForInterval(Confidence)} blocks, here {Count(Blocks)}";

    private static string Count(int blocks) => $"{blocks} block{(blocks == 1 ? "" : "s")}";
}
