namespace Reports.Model;

/// <summary>The same figure of several trials: its median, and how far they lie apart. No interval is claimed.</summary>
public sealed record Spread(double Median, double Min, double Max, int Count)
{
    /// <returns>Null for no values.</returns>
    public static Spread? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) return null;
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1], sorted.Length);
    }
}
