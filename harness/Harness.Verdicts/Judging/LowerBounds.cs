using Harness.Verdicts.Statistics;

namespace Harness.Verdicts.Judging;

/// <summary>
/// Rates of several trials, of which some are only lower bounds because the generator limited them. The median says what
/// was carried; the highest median that is still possible says whether a miss is proved.
/// </summary>
internal sealed record LowerBounds(IReadOnlyList<(double Value, bool IsLowerBound)> Trials)
{
    public double Carried => Median.Of(Trials.Select(t => t.Value));

    /// <summary>With every lower bound taken for as high as one likes: infinite where they are the majority.</summary>
    public double Possible => Median.Of(Trials.Select(t => t.IsLowerBound ? double.PositiveInfinity : t.Value));

    public int Limited => Trials.Count(t => t.IsLowerBound);
}
