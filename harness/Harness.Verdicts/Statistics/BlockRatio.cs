namespace Harness.Verdicts.Statistics;

/// <summary>
/// One interleaved block (A B B A) as one number: the logarithm of candidate over baseline. Whatever drifts in a straight line over the block
/// falls on both alike and cancels; logarithms make twice as fast and half as fast equally far from no change, and a mean of
/// logarithms is the geometric mean of the figures.
/// </summary>
public static class BlockRatio
{
    /// <summary>
    /// The mean logarithm of the candidate's trials less that of the baseline's; null unless both have figures, all of them above zero.
    /// </summary>
    /// <param name="candidate">The figure of each of the candidate's trials in the block; null where a trial has none that stands.</param>
    /// <param name="baseline">The same of the baseline.</param>
    public static double? Of(IReadOnlyCollection<double?> candidate, IReadOnlyCollection<double?> baseline)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(baseline);
        return MeanLog(candidate) - MeanLog(baseline);
    }

    private static double? MeanLog(IReadOnlyCollection<double?> figures) =>
        figures.Count > 0 && figures.All(figure => figure is > 0 && double.IsFinite(figure.Value)) ? figures.Average(figure => Math.Log(figure!.Value)) : null;
}
