namespace Harness.Verdicts.Statistics;

/// <summary>
/// Holm's step-down correction (<i>A simple sequentially rejective multiple test procedure</i>, 1979): with several tests at once the chance that
/// even one of them rejects wrongly stays within α, whatever hangs together among them. Never weaker than Bonferroni's.
/// </summary>
public static class Holm
{
    /// <summary>p-values to be held against the uncorrected α, in the order given.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        double[] adjusted = new double[pValues.Count];
        double highest = 0;
        int left = pValues.Count;
        foreach (int i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
        {
            // A test after one that did not reject must not reject either: the corrected values never fall.
            highest = Math.Max(highest, Math.Min(1, pValues[i] * left--));
            adjusted[i] = highest;
        }

        return adjusted;
    }
}
