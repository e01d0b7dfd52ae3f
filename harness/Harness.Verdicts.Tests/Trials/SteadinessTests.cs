using Harness.Verdicts.Trials;
using Results;

namespace Harness.Verdicts.Tests.Trials;

public sealed class SteadinessTests
{
    [Fact]
    public void A_level_series_is_steady()
    {
        Steadiness steadiness = Steadiness.Of(Series(100, 101, 99, 100, 100, 101, 99, 100));
        Assert.True(steadiness.Steady);
        Assert.Equal(0, steadiness.Trend!.Value, 2);
    }

    [Fact]
    public void A_step_in_the_middle_is_a_trend()
    {
        Steadiness steadiness = Steadiness.Of(Series(100, 101, 99, 100, 80, 81, 79, 80));
        Assert.False(steadiness.Steady);
        Assert.Equal(-0.2, steadiness.Trend!.Value, 3);
        Assert.Equal("not steady: -20.0 % from the first to the second half", steadiness.Sentence);
    }

    [Fact]
    public void A_slow_rise_is_a_trend() =>
        Assert.False(Steadiness.Of(Series(100, 103, 106, 109, 112, 115, 118, 121, 124, 127)).Steady);

    [Fact]
    public void A_change_too_small_to_decide_anything_is_steady_however_quiet_the_series() =>
        Assert.True(Steadiness.Of(Series(100, 100, 100, 100, 104, 104, 104, 104)).Steady);

    [Fact]
    public void A_change_within_the_noise_is_no_trend() =>
        Assert.True(Steadiness.Of(Series(100, 60, 140, 100, 125, 70, 150, 110)).Steady);

    [Fact]
    public void Warm_up_drain_and_rests_of_a_second_do_not_count()
    {
        SecondSample[] series =
        [
            Sample(10, TrialPhase.Warmup), .. Series(100, 100, 100, 100), Sample(3, TrialPhase.Counted, length: 0.1), Sample(5, TrialPhase.Drain),
        ];
        Assert.True(Steadiness.Of(series).Steady);
        Assert.Equal(0, Steadiness.Of(series).Trend);
    }

    [Fact]
    public void Under_four_seconds_nothing_is_known()
    {
        Steadiness steadiness = Steadiness.Of(Series(100, 50, 10));
        Assert.True(steadiness.Steady);
        Assert.Null(steadiness.Trend);
        Assert.StartsWith("steadiness unknown", steadiness.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_consumer_acknowledgements_are_judged()
    {
        SecondSample[] series = [.. Series(100, 100, 50, 50).Select(s => s with { AcknowledgedMessages = s.ConsumedMessages, ConsumedMessages = 0 })];
        Assert.Equal(-0.5, Steadiness.Of(series).Trend);
    }

    [Fact]
    public void A_first_half_without_messages_is_not_steady_unless_nothing_was_carried_at_all()
    {
        Assert.False(Steadiness.Of(Series(0, 0, 10, 10)).Steady);
        Assert.True(Steadiness.Of(Series(0, 0, 0, 0)).Steady);
    }

    private static SecondSample[] Series(params long[] consumed) => [.. consumed.Select(c => Sample(c, TrialPhase.Counted))];

    private static SecondSample Sample(long consumed, TrialPhase phase, double length = 1) => new()
    {
        AtSecond = 0,
        LengthSeconds = length,
        Phase = phase,
        SentMessages = 0,
        AcknowledgedMessages = 0,
        ConsumedMessages = consumed,
        ConsumedValueBytes = 0,
        BrokerCpuSeconds = 0,
        GeneratorCpuSeconds = 0,
        DirtyBytes = 0,
    };
}
