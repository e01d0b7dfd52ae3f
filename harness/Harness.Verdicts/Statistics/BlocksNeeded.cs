using System.Globalization;

namespace Harness.Verdicts.Statistics;

/// <summary>
/// How many interleaved blocks a comparison takes: enough that its test can reject at all, and enough that it finds the wanted effect
/// through the measured noise.
/// </summary>
public static class BlocksNeeded
{
    /// <summary>Beyond this many blocks a comparison is no plan but a wish.</summary>
    public const int Limit = 1000;

    /// <summary>The efficiency of the signed-rank test against the t-test under normal noise is 3/π (Hollander and Wolfe, section 3.1).</summary>
    private const double Efficiency = 3 / Math.PI;

    /// <summary>Up to here the power is simulated; above, the normal approximation is as good.</summary>
    private const int SimulatedLimit = 60;
    private const int Simulations = 10_000;

    /// <summary>The fewest blocks with which a test can reject: all of n blocks on one side have the chance 2⁻ⁿ, which must be within the corrected α.</summary>
    /// <param name="alpha">Of the whole gate.</param>
    /// <param name="metrics">Holm's first step divides α by the metrics gated together.</param>
    /// <param name="looks">Times that the data are looked at, which share α.</param>
    public static int Fewest(double alpha, int metrics = 1, int looks = 1)
    {
        double corrected = Corrected(alpha, metrics, looks);
        int blocks = 1;
        while (Math.Pow(2, -blocks) > corrected) blocks++;
        return blocks;
    }

    /// <summary>The standard deviation of the log ratios of blocks, to be given to the functions below; null with fewer than two.</summary>
    public static double? Noise(IReadOnlyCollection<double> logRatios)
    {
        ArgumentNullException.ThrowIfNull(logRatios);
        if (logRatios.Count < 2) return null;
        double mean = logRatios.Average();
        return Math.Sqrt(logRatios.Sum(log => (log - mean) * (log - mean)) / (logRatios.Count - 1));
    }

    /// <summary>The chance to find a candidate worse that is worse by <paramref name="effect"/>, with normal noise.</summary>
    /// <param name="noise">Standard deviation of a block's log ratio.</param>
    /// <param name="effect">A share: 0.05 is a rate of 0.95 of the baseline's.</param>
    /// <param name="margin">The share that does not count as worse.</param>
    /// <param name="alpha">Of this one test, corrected already.</param>
    public static double Power(int blocks, double noise, double effect, double margin, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(noise);
        double shift = BlockTest.LogOf(effect) - BlockTest.LogOf(margin);
        if (Math.Pow(2, -blocks) > alpha) return 0;
        if (noise == 0) return shift > 0 ? 1 : 0;
        return blocks <= SimulatedLimit ? Simulated(blocks, shift / noise, alpha) : Approximate(blocks, shift / noise, alpha);
    }

    /// <summary>The fewest blocks that find the effect with the wanted power.</summary>
    /// <param name="problem">Why there is no such number, in a sentence; empty on success.</param>
    public static int? ForPower(
        double noise, double effect, double margin, out string problem, double alpha = 0.01, int metrics = 1, int looks = 1, double power = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(noise);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(power);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(power, 1);
        double corrected = Corrected(alpha, metrics, looks);
        if (effect <= margin)
        {
            problem = effect == margin
                ? $"a margin of {Percent(margin)} equal to the wanted effect leaves a power of {Percent(alpha)}, however many blocks run: "
                    + "a candidate exactly at the margin is not worse by more than it"
                : $"the wanted effect of {Percent(effect)} lies within the margin of {Percent(margin)}, which is not worse";
            return null;
        }

        problem = "";
        int fewest = Fewest(alpha, metrics, looks);
        double standardized = (BlockTest.LogOf(effect) - BlockTest.LogOf(margin)) / noise;
        double wanted = Math.Pow((Normal.Quantile(corrected) + Normal.Quantile(1 - power)) / standardized, 2) / Efficiency;
        if (wanted <= Limit)
        {
            // The approximation lies a few blocks low where they are few: it is where to begin to look.
            int blocks = Math.Max(fewest, (int)Math.Ceiling(wanted));
            while (blocks <= SimulatedLimit && Power(blocks, noise, effect, margin, corrected) < power) blocks++;
            return blocks;
        }

        problem = $"an effect of {Percent(effect)} against a margin of {Percent(margin)} would take over {Limit} blocks: "
            + $"the measured noise of a block is {Percent(noise)}";
        return null;
    }

    private static double Corrected(double alpha, int metrics, int looks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(alpha, 0.5);
        ArgumentOutOfRangeException.ThrowIfLessThan(metrics, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(looks, 1);
        return alpha / metrics / looks;
    }

    /// <summary>
    /// By playing it through: the normal approximation is off by several blocks where there are only a dozen. The same numbers for every call, from a
    /// generator of our own (Steele, Lea and Flood's SplitMix64), so that a plan is the same on every machine and runtime.
    /// </summary>
    private static double Simulated(int blocks, double standardized, double alpha)
    {
        SignFlipDistribution distribution = SignFlipDistribution.Untied(blocks);
        int critical = Enumerable.Range(0, (blocks * (blocks + 1) / 2) + 1).First(sum => distribution.AtLeast(2L * sum) <= alpha);
        double[] values = new double[blocks];
        double[] sizes = new double[blocks];
        ulong state = 1;
        int rejected = 0;
        for (int round = 0; round < Simulations; round++)
        {
            for (int i = 0; i < blocks; i++)
            {
                values[i] = standardized + Gauss(ref state);
                sizes[i] = Math.Abs(values[i]);
            }

            Array.Sort(sizes, values);
            int sum = 0;
            for (int i = 0; i < blocks; i++) sum += values[i] > 0 ? i + 1 : 0;
            rejected += sum >= critical ? 1 : 0;
        }

        return (double)rejected / Simulations;
    }

    private static double Approximate(int blocks, double standardized, double alpha) =>
        Normal.Above(Normal.Quantile(alpha) - (standardized * Math.Sqrt(blocks * Efficiency)));

    /// <summary>Box and Muller's transform, of which the second value is not used.</summary>
    private static double Gauss(ref ulong state) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(ref state))) * Math.Cos(2 * Math.PI * Uniform(ref state));

    private static double Uniform(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";
}
