using Engine.Linux.Tests;
using Results;

namespace Harness.Measure.Tests;

public sealed class LatencyRecorderTests
{
    private static readonly double[] Percentiles = [0.001, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100];

    [Theory]
    [InlineData(1)]
    [InlineData(20261)]
    [InlineData(77)]
    [InlineData(4096)]
    public void Percentiles_agree_with_a_sorted_list_to_three_digits(int seed)
    {
        (LatencyRecorder recorder, List<long> sorted) = RecordRandom(seed, 20_000);
        foreach (double percentile in Percentiles)
        {
            long rank = Math.Max(1, (long)Math.Ceiling(Math.BitDecrement(percentile) * sorted.Count / 100));
            long exact = sorted[(int)rank - 1];
            long told = recorder.Percentile(percentile);
            Assert.True(told >= exact, $"seed {seed}, p{percentile}: {told} is below {exact}");
            Assert.True(told - exact <= exact / 1000, $"seed {seed}, p{percentile}: {told} is off {exact} by more than 0.1 %");
        }

        Assert.Equal(sorted.Count, recorder.Count);
        Assert.Equal(sorted[0], recorder.MinMicros);
        Assert.Equal(sorted.Average(), recorder.MeanMicros, sorted.Average() * 1e-9);
        Assert.InRange(recorder.MaxMicros, sorted[^1], sorted[^1] + (sorted[^1] / 1000));
        Assert.Equal(recorder.MaxMicros, recorder.Percentile(100));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1234)]
    public void Merging_gives_what_recording_everything_in_one_gives(int seed)
    {
        Random random = new(seed);
        LatencyRecorder whole = new();
        LatencyRecorder[] parts = [new(), new(), new()];
        for (int i = 0; i < 10_000; i++)
        {
            long micros = random.NextInt64(-5, 1L << random.Next(1, 40));
            long count = random.Next(0, 4);
            whole.Record(micros, count);
            parts[random.Next(3)].Record(micros, count);
        }

        LatencyRecorder merged = new();
        foreach (LatencyRecorder part in parts)
        {
            merged.MergeFrom(part);
        }

        Assert.Equal(whole.ToDocument() with { MeanMicros = 0 }, merged.ToDocument() with { MeanMicros = 0 });
        Assert.Equal(whole.MeanMicros, merged.MeanMicros, whole.MeanMicros * 1e-9);
        Assert.Equal(whole.SaturatedCount, merged.SaturatedCount);
        Assert.Equal(whole.NegativeCount, merged.NegativeCount);
        Assert.True(merged.SaturatedCount > 0 && merged.NegativeCount > 0);
    }

    [Fact]
    public void Recording_with_a_count_is_recording_that_often()
    {
        LatencyRecorder once = new();
        LatencyRecorder often = new();
        once.Record(1234, 5);
        for (int i = 0; i < 5; i++)
        {
            often.Record(1234);
        }

        Assert.Equal(often.ToDocument(), once.ToDocument());
    }

    [Fact]
    public void A_count_of_zero_records_nothing_and_a_negative_one_is_refused()
    {
        LatencyRecorder recorder = new();
        recorder.Record(-1, 0);
        recorder.Record(5, 0);
        Assert.Equal(0, recorder.Count);
        Assert.Equal(0, recorder.NegativeCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => recorder.Record(5, -1));
    }

    [Fact]
    public void Values_outside_the_range_are_kept_at_its_ends_and_told()
    {
        LatencyRecorder recorder = new();
        recorder.Record(-1);
        recorder.Record(long.MinValue, 2);
        recorder.Record(LatencyRecorder.HighestMicros);
        recorder.Record(LatencyRecorder.HighestMicros + 1);
        recorder.Record(long.MaxValue, 3);
        Assert.Equal(8, recorder.Count);
        Assert.Equal(3, recorder.NegativeCount);
        Assert.Equal(4, recorder.SaturatedCount);
        Assert.Equal(0, recorder.MinMicros);
        Assert.Equal(LatencyRecorder.HighestMicros, recorder.MaxMicros);
        Assert.Equal(0, recorder.Percentile(37.5));
        Assert.Equal(LatencyRecorder.HighestMicros, recorder.Percentile(50));
    }

    [Fact]
    public void An_empty_recorder_says_zero_everywhere()
    {
        LatencyHistogram document = new LatencyRecorder().ToDocument();
        Assert.Equal(0, document.Count + document.MinMicros + document.P50Micros + document.P9999Micros + document.MaxMicros);
        Assert.Equal(0, document.MeanMicros);
        Assert.Equal([0L], HdrDecoder.Decode(document.HdrV2Base64).Counts);
    }

    [Fact]
    public void Reset_leaves_nothing_behind()
    {
        (LatencyRecorder recorder, _) = RecordRandom(9, 1000);
        recorder.Record(-1);
        recorder.Record(long.MaxValue);
        recorder.Reset();
        Assert.Equal(new LatencyRecorder().ToDocument(), recorder.ToDocument());
        Assert.Equal(0, recorder.NegativeCount + recorder.SaturatedCount);
    }

    [Fact]
    public void A_percentile_that_falls_on_a_whole_count_is_not_rounded_into_the_next_slot()
    {
        LatencyRecorder recorder = new();
        recorder.Record(1, 999);
        recorder.Record(500);
        Assert.Equal(1, recorder.Percentile(99.9));
        Assert.Equal(500, recorder.Percentile(99.91));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    [InlineData(double.NaN)]
    public void A_percentile_outside_0_to_100_is_refused(double percentile) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatencyRecorder().Percentile(percentile));

    [Fact]
    public void Recording_allocates_nothing()
    {
        LatencyRecorder recorder = new();
        recorder.Record(1);
        Assert.All(Allocations.OfWindows(_ => Record()), allocated => Assert.Equal(0, allocated));

        void Record()
        {
            for (int i = 0; i < 10_000; i++)
            {
                recorder.Record(i * 977L, 3);
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(600613)]
    public void The_encoded_form_holds_every_count_in_its_slot(int seed)
    {
        (LatencyRecorder recorder, List<long> sorted) = RecordRandom(seed, 5000);
        recorder.Record(3, 1L << 60);
        HdrDecoder.Decoded decoded = HdrDecoder.Decode(recorder.ToDocument().HdrV2Base64);
        Assert.Equal(3, decoded.Digits);
        Assert.Equal(1, decoded.Lowest);
        Assert.Equal(LatencyRecorder.HighestMicros, decoded.Highest);
        Assert.Equal(1.0, decoded.Ratio);
        Assert.Equal(recorder.Count, decoded.Counts.Sum());
        Assert.NotEqual(0, decoded.Counts[^1]);
        sorted.RemoveAll(value => value == 3);
        int next = 0;
        for (int slot = 0; slot < decoded.Counts.Count; slot++)
        {
            int first = next;
            long end = HdrDecoder.LowestOf(slot + 1);
            while (next < sorted.Count && sorted[next] < end)
            {
                next++;
            }

            if (slot != 3)
            {
                Assert.True(decoded.Counts[slot] == next - first, $"seed {seed}, slot {slot}");
            }
        }

        Assert.Equal(sorted.Count, next);
    }

    [Fact]
    public void The_layout_maps_every_edge_to_its_own_slot()
    {
        for (int slot = 0; slot < HdrLayout.SlotCount; slot++)
        {
            Assert.Equal(HdrDecoder.LowestOf(slot), HdrLayout.LowestOf(slot));
            Assert.Equal(slot, HdrLayout.SlotOf(HdrLayout.LowestOf(slot)));
            Assert.Equal(slot, HdrLayout.SlotOf(HdrLayout.HighestOf(slot)));
        }

        Assert.Equal(HdrLayout.HighestMicros, HdrLayout.HighestOf(HdrLayout.SlotCount - 1));
    }

    /// <summary>Latencies as they occur: most small, some spread over the whole range.</summary>
    private static (LatencyRecorder Recorder, List<long> Sorted) RecordRandom(int seed, int count)
    {
        Random random = new(seed);
        LatencyRecorder recorder = new();
        List<long> values = [];
        for (int i = 0; i < count; i++)
        {
            long value = random.NextInt64(0, 1L << random.Next(1, 36));
            recorder.Record(value);
            values.Add(value);
        }

        values.Sort();
        return (recorder, values);
    }
}
