namespace Harness.Verdicts.Statistics;

/// <summary>The standard normal distribution, to the precision that a decision between trials can use.</summary>
internal static class Normal
{
    /// <summary>
    /// The chance of a value above <paramref name="z"/>. Abramowitz and Stegun, <i>Handbook of Mathematical Functions</i>, 26.2.17: absolute
    /// error under 7.5e-8.
    /// </summary>
    public static double Above(double z)
    {
        if (z < 0) return 1 - Above(-z);
        double t = 1 / (1 + (0.2316419 * z));
        double polynomial = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * polynomial;
    }

    /// <summary>The value that is exceeded with the chance <paramref name="chance"/>, by halving the range that holds it.</summary>
    public static double Quantile(double chance)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chance);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chance, 1);
        double low = -10;
        double high = 10;
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            if (Above(middle) > chance) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}
