using Harness.Verdicts.Statistics;

namespace Harness.Verdicts.Judging;

/// <summary>The line of evidence that says how sure a median is.</summary>
internal static class IntervalLine
{
    public static string Of(bool quick, IReadOnlyList<double> values, Func<double, string> format)
    {
        if (quick)
        {
            return "quick: no interval";
        }

        return Median.Interval(values) is { } interval
            ? $"95 % interval of the median: {format(interval.Low)} to {format(interval.High)}"
            : $"no interval: {values.Count} trial{(values.Count == 1 ? "" : "s")}, and 95 % takes at least {Median.FewestForInterval}";
    }
}
