namespace Harness.Verdicts.Statistics;

/// <summary>What a comparison says of its candidate. "Not found worse" is none of them: without a proof either way it is inconclusive.</summary>
public enum BlockAnswer
{
    Better,
    Worse,
    Equivalent,
    Inconclusive,
}

/// <summary>
/// The three tests of one metric's blocks: is the candidate worse by more than the margin, better by more than it, or within it? Each p-value is
/// that of the opposite, so a small one proves what its name says.
/// </summary>
public sealed record BlockTest(double Worse, double Better, double Equivalent)
{
    /// <param name="logRatios">Candidate over baseline of each block, as natural logarithms.</param>
    /// <param name="margin">
    /// A share such as 0.02: a rate at 0.98 of the baseline's is just within it. To the other side it reaches as far on the logarithmic
    /// scale (1 / 0.98), so that candidate against baseline and baseline against candidate get mirrored answers.
    /// </param>
    /// <param name="moreIsBetter">True for rates, false for latencies and costs.</param>
    public static BlockTest Of(IReadOnlyList<double> logRatios, double margin, bool moreIsBetter)
    {
        ArgumentNullException.ThrowIfNull(logRatios);
        double[] losses = [.. logRatios.Select(log => moreIsBetter ? -log : log)];
        double limit = LogOf(margin);
        return new BlockTest(
            SignedRankTest.EffectAbove(losses, limit),
            SignedRankTest.EffectBelow(losses, -limit),
            SignedRankTest.EffectWithin(losses, limit));
    }

    /// <summary>How far a loss of this share lies from no change, as a natural logarithm: a rate of 0.95 for 0.05.</summary>
    internal static double LogOf(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        return -Math.Log(1 - share);
    }

    /// <summary>The tests of several metrics that stand or fall together, each of the three corrected over the metrics by <see cref="Statistics.Holm"/>.</summary>
    public static IReadOnlyList<BlockTest> Corrected(IReadOnlyList<BlockTest> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        double[] worse = Holm.Adjust([.. metrics.Select(m => m.Worse)]);
        double[] better = Holm.Adjust([.. metrics.Select(m => m.Better)]);
        double[] equivalent = Holm.Adjust([.. metrics.Select(m => m.Equivalent)]);
        return [.. metrics.Select((_, i) => new BlockTest(worse[i], better[i], equivalent[i]))];
    }

    /// <param name="alpha">The chance of a wrong answer that is accepted: 0.01 for a gate, divided by its looks.</param>
    public BlockAnswer Answer(double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(alpha, 0.5);
        if (Worse <= alpha) return BlockAnswer.Worse;
        if (Better <= alpha) return BlockAnswer.Better;
        return Equivalent <= alpha ? BlockAnswer.Equivalent : BlockAnswer.Inconclusive;
    }
}
