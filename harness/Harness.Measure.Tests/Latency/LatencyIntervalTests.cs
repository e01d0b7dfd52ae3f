namespace Harness.Measure.Tests.Latency;

public sealed class LatencyIntervalTests
{
    [Fact]
    public void A_percentile_is_of_what_came_since_the_last_look_over_all_recorders()
    {
        LatencyRecorder one = new();
        LatencyRecorder other = new();
        LatencyInterval interval = new();
        one.Record(1_000, 99);
        other.Record(9, 1);
        Assert.Equal(1_000, interval.Next([one, other], 99));
        Assert.Null(interval.Next([one, other], 99));

        other.Record(50, 98);
        one.Record(70, 2);
        Assert.Equal(70, interval.Next([one, other], 99));
        Assert.Equal(1_000, one.Percentile(50));
    }
}
