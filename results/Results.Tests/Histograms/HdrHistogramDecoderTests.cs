using Results.Samples;

namespace Results.Histograms;

public sealed class HdrHistogramDecoderTests
{
    /// <summary>
    /// Written by HdrHistogramJS 3.0.1: 1 × 1, 90 × 1000, 5 × 2047, 3 × 2049, 1 × 123456 at three digits; its percentiles below are what
    /// that library answers itself.
    /// </summary>
    private const string Foreign = "HISTFAAAADB4nJNpmSzMwMDAy8DAwMjAwMDMAAEgNsO1yUsY4Hym0/xbGFcLcLH1xzEBAI3dBrI=";

    [Fact]
    public void A_histogram_of_another_implementation_is_read()
    {
        HistogramReading reading = HdrHistogramDecoder.DecodeBase64(Foreign);

        Assert.Equal(
            [new(1, 1, 1), new(1000, 1000, 90), new(2047, 2047, 5), new(2048, 2049, 3), new(123_456, 123_519, 1)],
            reading.Buckets);
        Assert.Equal(100, reading.TotalCount);
        (double Percentile, long Value)[] expected = [(50, 1000), (95, 2047), (96, 2047), (97, 2049), (99, 2049), (100, 123_519)];
        Assert.All(expected, e => Assert.Equal(e.Value, reading.ValueAtPercentile(e.Percentile)));
    }

    [Fact]
    public void Bytes_made_by_hand_give_the_counts_they_spell()
    {
        // zeros ×3 (-3 → 0x05), 2 (→ 0x04), one zero (→ 0x00), 64 (→ 0x80 0x01), zeros ×2043 (→ zigzag 4085 = 0xf5 0x1f), 1 (→ 0x02).
        byte[] payload = [0x05, 0x04, 0x00, 0x80, 0x01, 0xf5, 0x1f, 0x02];
        HistogramReading reading = HdrHistogramDecoder.DecodeBase64(HdrV2Encoder.Wrap(HdrV2Encoder.Header(payload.Length), payload));

        // Index 3 and 5 are themselves; index 2049 is the second value of the bucket that counts by twos: 2050 and 2051.
        Assert.Equal([new(3, 3, 2), new(5, 5, 64), new(2050, 2051, 1)], reading.Buckets);
    }

    [Fact]
    public void The_largest_count_takes_nine_bytes()
    {
        byte[] payload = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        HistogramReading reading = HdrHistogramDecoder.DecodeBase64(HdrV2Encoder.Wrap(HdrV2Encoder.Header(payload.Length), payload));

        Assert.Equal([new(0, 0, long.MaxValue)], reading.Buckets);
    }

    [Fact]
    public void A_coarser_unit_scales_the_values()
    {
        byte[] payload = [0x01, 0x02]; // one empty bucket, then a count of 1
        string encoded = HdrV2Encoder.Wrap(HdrV2Encoder.Header(payload.Length, digits: 2, lowest: 1000, highest: 10_000_000), payload);

        // The unit is the largest power of two up to the lowest value.
        Assert.Equal([new(512, 1023, 1)], HdrHistogramDecoder.DecodeBase64(encoded).Buckets);
    }

    [Fact]
    public void What_is_written_is_read_back_to_within_a_thousandth()
    {
        (long Value, long Count)[] values = [(0, 1), (1, 5), (2047, 2), (2048, 7), (99_999, 1), (60_000_000, 3), (3_599_999_999, 1)];
        HistogramReading reading = HdrHistogramDecoder.DecodeBase64(HdrV2Encoder.Encode(values));

        Assert.Equal(values.Length, reading.Buckets.Count);
        Assert.All(values.Zip(reading.Buckets), pair =>
        {
            ((long value, long count), HistogramBucket bucket) = pair;
            Assert.InRange(value, bucket.Lowest, bucket.Highest);
            Assert.Equal(count, bucket.Count);
            Assert.True(bucket.Highest - bucket.Lowest <= Math.Max(1, value / 1000));
        });
    }

    [Fact]
    public void An_empty_histogram_has_no_percentiles()
    {
        HistogramReading reading = HdrHistogramDecoder.DecodeBase64(HdrV2Encoder.Encode([]));

        Assert.Equal(0, reading.TotalCount);
        Assert.Equal(0, reading.ValueAtPercentile(99));
        Assert.Empty(reading.PercentileCurve());
    }

    public static TheoryData<string, string> Damaged() => new()
    {
        { "%%%", "not base64" },
        { "AAAA", "shorter than its header" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0), [], cookie: 0x1c849312), "cookie 0x1c849312" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0), [], length: int.MaxValue), "does not fit" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0), [], length: -1), "does not fit" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0), [], length: 9), "ends before its length" },
        { HdrV2Encoder.Wrap([1, 2, 3], []), "ends before its length" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0, cookie: 0x1c849301), []), "not of the V2 encoding" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0, digits: 9), []), "9 significant digits" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0, lowest: 0), []), "range 0" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(0, lowest: long.MaxValue), []), "range" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(int.MaxValue), []), "payload of" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(5), [2]), "ends before its length" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(1), [0x80]), "ends within a count" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(9), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), "more counts" },
        { HdrV2Encoder.Wrap(HdrV2Encoder.Header(18), [.. Max, .. Max]), "do not fit a total" },
        { Convert.ToBase64String([0x1c, 0x84, 0x93, 0x14, 0, 0, 0, 4, 1, 2, 3, 4]), "damaged zlib stream" },
    };

    private static ReadOnlySpan<byte> Max => [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_histogram_is_refused_by_name(string encoded, string reason)
    {
        ResultFormatException e = Assert.Throws<ResultFormatException>(() => HdrHistogramDecoder.DecodeBase64(encoded));

        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
