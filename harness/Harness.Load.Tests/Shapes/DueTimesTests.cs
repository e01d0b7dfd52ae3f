namespace Harness.Load.Tests;

public class DueTimesTests
{
    private const long NanosPerSecond = 1_000_000_000;

    [Theory]
    [InlineData(200_000)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(33_333)]
    [InlineData(999_983)]
    public void Every_second_has_its_rate_exactly(int rate)
    {
        EvenDueTimes times = new(rate, 0, 1);
        for (long second = 0; second < 3; second++)
        {
            int count = 0;
            for (; times.NextNanos < (second + 1) * NanosPerSecond; times.MoveNext())
            {
                count++;
            }

            Assert.Equal(rate, count);
        }
    }

    [Theory]
    [InlineData(200_000, 1)]
    [InlineData(1_000_000, 7)]
    [InlineData(999_983, 3)]
    [InlineData(33_333.333, 2)]
    [InlineData(1e9, 1)]
    public void Nothing_drifts_over_ten_thousand_million_messages(double rate, int producers)
    {
        const long Messages = 10_000_000_000;
        EvenDueTimes times = new(rate, producers - 1, producers);
        times.MoveTo(Messages);
        EvenDueTimes stepped = new(rate, producers - 1, producers);
        stepped.MoveTo(Messages - 100_000);
        for (int i = 0; i < 100_000; i++)
        {
            stepped.MoveNext();
        }

        // In decimal, whose 28 digits are more than there are nanoseconds here; a fraction is not quite what its double is.
        decimal exact = decimal.Floor(((Messages * producers) + producers - 1) * 1e9m / (decimal)rate);
        decimal tolerance = rate == Math.Floor(rate) ? 0 : 1 + (exact * 1e-16m);
        Assert.InRange(times.NextNanos, exact - tolerance, exact + tolerance);
        Assert.Equal(times.NextNanos, stepped.NextNanos);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.3)]
    [InlineData(12_345.678)]
    [InlineData(1e9)]
    public void Steps_and_jumps_come_to_the_same_time(double rate)
    {
        EvenDueTimes stepped = new(rate, 2, 5);
        EvenDueTimes jumped = new(rate, 2, 5);
        for (int i = 0; i < 1_000; i++)
        {
            jumped.MoveTo(i);
            Assert.Equal(stepped.NextNanos, jumped.NextNanos);
            stepped.MoveNext();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void The_shares_of_several_producers_make_one_even_schedule(int producers)
    {
        List<long> all = [];
        for (int producer = 0; producer < producers; producer++)
        {
            EvenDueTimes times = new(700, producer, producers);
            for (; times.NextNanos < NanosPerSecond; times.MoveNext())
            {
                all.Add(times.NextNanos);
            }
        }

        Assert.Equal(Enumerable.Range(0, 700).Select(static g => g * NanosPerSecond / 700), all.Order());
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(100_000, 0)]
    [InlineData(0.5, 7)]
    [InlineData(20_000, 20_000)]
    [InlineData(20_000, 20_000.000_001)]
    [InlineData(100_000, 99_999)]
    [InlineData(1, 250_000)]
    public void A_ramp_comes_to_the_area_under_it(double start, double end)
    {
        const double Seconds = 3;
        long length = (long)(Seconds * NanosPerSecond);
        List<long> all = [];
        for (int producer = 0; producer < 3; producer++)
        {
            RampDueTimes times = new(start, end, length, producer, 3);
            for (long last = -1; times.NextNanos < length; times.MoveNext())
            {
                Assert.True(times.NextNanos >= last);
                last = times.NextNanos;
                all.Add(last);
            }
        }

        Assert.Equal((start + end) / 2 * Seconds, all.Count, 1.0);
        all.Sort();
        for (int g = 0; g < all.Count; g += Math.Max(1, all.Count / 1000))
        {
            // Until a message is due, as many are due as come before it.
            double t = all[g] / 1e9;
            double area = (start * t) + ((end - start) / Seconds * t * t / 2);
            double perNano = Math.Max(start, end) / 1e9;
            Assert.Equal(g, area, (2 * perNano) + (1e-9 * all.Count));
        }
    }

    [Fact]
    public void A_ramp_of_an_hour_is_right_to_the_end()
    {
        const long Hour = 3600 * NanosPerSecond;
        RampDueTimes falling = new(1_000_000, 0, Hour, 0, 1_000_000);
        long last = 0;
        for (; falling.NextNanos < Hour; falling.MoveNext())
        {
            Assert.True(falling.NextNanos >= last);
            last = falling.NextNanos;
        }

        // 1.8e9 messages, of which every millionth is seen: before the last a million are left, which take √(2 · 10⁶ / a) seconds, a = 10⁶ / 3600.
        Assert.Equal(3600 - Math.Sqrt(2 * 3600), last / 1e9, 1e-6);
    }

    [Fact]
    public void A_rate_that_is_none_is_refused()
    {
        foreach (double rate in (double[])[0, -1, 0.0009, 1.1e9, double.NaN, double.PositiveInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new EvenDueTimes(rate, 0, 1));
        }
    }
}
