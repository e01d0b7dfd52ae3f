namespace Results.Histograms;

public sealed class HistogramReadingTests
{
    private static HistogramReading Of(params (long Value, long Count)[] values) =>
        new([.. values.Select(v => new HistogramBucket(v.Value, v.Value, v.Count))]);

    [Fact]
    public void A_percentile_is_the_value_that_this_share_does_not_exceed()
    {
        HistogramReading reading = Of((10, 900), (20, 90), (30, 9), (40, 1));

        Assert.Equal(10, reading.ValueAtPercentile(0));
        Assert.Equal(10, reading.ValueAtPercentile(90));
        Assert.Equal(20, reading.ValueAtPercentile(90.01));
        Assert.Equal(20, reading.ValueAtPercentile(99));
        Assert.Equal(30, reading.ValueAtPercentile(99.9));
        Assert.Equal(40, reading.ValueAtPercentile(100));
    }

    [Fact]
    public void The_curve_rises_and_ends_at_the_largest_value()
    {
        IReadOnlyList<PercentilePoint> curve = Of((10, 900_000), (20, 90_000), (30, 9_999), (40, 1)).PercentileCurve(10);

        Assert.Equal(61, curve.Count);
        Assert.Equal(new PercentilePoint(0, 10), curve[0]);
        Assert.Equal(40, curve[^1].Value);
        Assert.Equal(99.9999, curve[^1].Percentile, 6);
        Assert.All(curve.Zip(curve.Skip(1)), pair =>
        {
            Assert.True(pair.Second.Percentile > pair.First.Percentile);
            Assert.True(pair.Second.Value >= pair.First.Value);
        });
    }

    [Fact]
    public void A_single_value_makes_a_curve_of_its_own()
    {
        Assert.Equal([7L, 7L], Of((7, 1)).PercentileCurve().Select(p => p.Value));
    }

    [Fact]
    public void Merging_adds_counts_instead_of_averaging_percentiles()
    {
        HistogramReading merged = HistogramReading.Merge([Of((10, 99), (1000, 1)), Of((10, 100))]);

        Assert.Equal([new(10, 10, 199), new(1000, 1000, 1)], merged.Buckets);
        Assert.Equal(10, merged.ValueAtPercentile(99.5));
        Assert.Equal(1000, merged.ValueAtPercentile(99.9));
    }
}
