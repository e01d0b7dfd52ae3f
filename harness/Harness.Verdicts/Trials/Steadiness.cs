using System.Globalization;
using Results;

namespace Harness.Verdicts.Trials;

/// <summary>
/// Whether the counted window was a steady state. The two halves of the window are compared: their means must differ by
/// no more than 5 %, or by no more than three standard errors of that difference, taken from how the seconds scatter
/// around the mean of their own half. A change under 5 % decides no verdict; one within the noise is no trend.
/// A fitted slope is not used because the usual disturbances (dirty throttling, a full cache) are steps.
/// </summary>
/// <param name="Trend">Relative change of throughput from the first to the second half; null where there are under four whole seconds.</param>
/// <param name="Sentence">The finding in words.</param>
public sealed record Steadiness(double? Trend, bool Steady, string Sentence)
{
    public const double TrendLimit = 0.05;
    public const double StandardErrorsLimit = 3;
    public const int FewestSeconds = 4;

    /// <summary>Samples shorter than this are the rests at the ends of a phase; their rate is mostly noise.</summary>
    private const double ShortestSampleSeconds = 0.5;

    /// <summary>Judges the counted seconds of a trial: what was consumed, or acknowledged where nothing consumes.</summary>
    public static Steadiness Of(IEnumerable<SecondSample> series)
    {
        SecondSample[] counted = [.. series.Where(s => s.Phase == TrialPhase.Counted && s.LengthSeconds >= ShortestSampleSeconds)];
        if (counted.Length < FewestSeconds)
        {
            return new Steadiness(null, true, $"steadiness unknown: the window has under {FewestSeconds} whole seconds");
        }

        bool consumes = counted.Any(s => s.ConsumedMessages > 0);
        double[] rates = [.. counted.Select(s => (consumes ? s.ConsumedMessages : s.AcknowledgedMessages) / s.LengthSeconds)];
        double[] first = rates[..(rates.Length / 2)];
        double[] second = rates[(rates.Length / 2)..];
        double start = first.Average();
        double change = second.Average() - start;
        if (start <= 0)
        {
            return new Steadiness(null, change == 0, change == 0 ? "nothing was carried" : "not steady: nothing was carried in the first half");
        }

        double trend = change / start;
        bool steady = Math.Abs(trend) <= TrendLimit || Math.Abs(change) <= StandardErrorsLimit * StandardError(first, second);
        string percent = (trend * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
        return new Steadiness(trend, steady, $"{(steady ? "steady" : "not steady")}: {percent} % from the first to the second half");
    }

    private static double StandardError(double[] first, double[] second)
    {
        double squares = Squares(first) + Squares(second);
        double variance = squares / (first.Length + second.Length - 2);
        return Math.Sqrt(variance * ((1.0 / first.Length) + (1.0 / second.Length)));
    }

    private static double Squares(double[] values)
    {
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean));
    }
}
