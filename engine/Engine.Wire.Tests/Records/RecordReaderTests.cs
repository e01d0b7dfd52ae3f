namespace Engine.Wire.Tests;

public sealed class RecordReaderTests
{
    /// <summary>Key "k", value "value", two headers: h=null and i="x".</summary>
    private static readonly byte[] FullRecord = WithLength(
        [
            0, .. Zz(3), .. Zz(0), .. Zz(1), (byte)'k', .. Zz(5), .. "value"u8,
            .. Zz(2), .. Zz(1), (byte)'h', .. Zz(-1), .. Zz(1), (byte)'i', .. Zz(1), (byte)'x',
        ]);

    [Fact]
    public void Keys_values_and_headers_are_read_in_place()
    {
        RecordReader reader = new(FullRecord, 1);
        Assert.True(reader.MoveNext(out Record record));
        Assert.True(record.HasKey && record.Key.SequenceEqual("k"u8));
        Assert.True(record.HasValue && record.Value.SequenceEqual("value"u8));
        Assert.Equal((3L, 0, 2), (record.TimestampDelta, record.OffsetDelta, record.HeaderCount));
        Assert.Equal(7, record.Headers.Length);
        Assert.False(reader.MoveNext(out _));
        Assert.False(reader.Malformed);
    }

    [Fact]
    public void A_null_value_is_not_an_empty_one()
    {
        byte[] emptyKeyNullValue = WithLength([0, .. Zz(0), .. Zz(0), .. Zz(0), .. Zz(-1), .. Zz(0)]);
        byte[] nullKeyEmptyValue = WithLength([0, .. Zz(0), .. Zz(1), .. Zz(-1), .. Zz(0), .. Zz(0)]);
        RecordReader reader = new([.. emptyKeyNullValue, .. nullKeyEmptyValue], 2);
        Assert.True(reader.MoveNext(out Record tombstone));
        Assert.True(tombstone is { HasKey: true, HasValue: false } && tombstone.Key.IsEmpty);
        Assert.True(reader.MoveNext(out Record empty));
        Assert.True(empty is { HasKey: false, HasValue: true } && empty.Value.IsEmpty);
        Assert.False(reader.MoveNext(out _));
        Assert.False(reader.Malformed);
    }

    [Fact]
    public void Records_cut_at_any_byte_are_malformed()
    {
        byte[] records = [.. FullRecord, .. FullRecord];
        for (int cut = 0; cut < records.Length; cut++)
        {
            int read = ReadAll(records.AsSpan(0, cut).ToArray(), 2, out bool malformed);
            Assert.True(malformed, $"cut at {cut}");
            Assert.Equal(cut / FullRecord.Length, read);
        }
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, true)] // a byte behind the last
    [InlineData(2, 2, false)]
    [InlineData(3, 2, true)]
    public void The_count_and_the_bytes_must_agree(int count, int expectedRead, bool expectedMalformed)
    {
        byte[] records = count == 0 ? [] : [.. FullRecord, .. FullRecord];
        Assert.Equal(expectedRead, ReadAll(records, count, out bool malformed));
        Assert.Equal(expectedMalformed, malformed);
    }

    [Fact]
    public void Hostile_lengths_are_malformed()
    {
        long[] lengths =
            [-2, -1000, 10, 127, 128, 1 << 20, int.MaxValue, int.MinValue, 1L << 33, -(1L << 40), long.MaxValue, long.MinValue];
        foreach (long length in lengths)
        {
            byte[] hostile = Zz(length);
            AssertMalformed([.. hostile, .. FullRecord.AsSpan(1)], $"record length {length}");
            AssertMalformed(WithLength([0, 0, 0, .. hostile, 1, 0, 0]), $"key length {length}", when: length > 0);
            AssertMalformed(WithLength([0, 0, 0, 1, .. hostile, 0]), $"value length {length}", when: length > 0);
            AssertMalformed(WithLength([0, 0, 0, 1, 0, .. hostile]), $"header count {length}");
            AssertMalformed(WithLength([0, 0, 0, 1, 0, .. Zz(1), .. hostile, 0]), $"header key length {length}");
            AssertMalformed(WithLength([0, 0, 0, 1, 0, .. Zz(1), 0, .. hostile]), $"header value length {length}", when: length > 0);
        }

        AssertMalformed(WithLength([0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 0, 0]), "timestamp over 64 bits");
        AssertMalformed(WithLength([]), "no attributes");
        AssertMalformed(WithLength([0]), "attributes only");
    }

    [Fact]
    public void Random_bytes_and_flipped_bits_neither_throw_nor_read_behind_the_end()
    {
        Random random = new(7);
        byte[] good = RecordBatchBuilderTests.Build(20, 30, i => i)[RecordBatch.HeaderBytes..];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes;
            if (round % 2 == 0)
            {
                bytes = new byte[random.Next(0, 80)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = good[..random.Next(good.Length + 1)];
                for (int i = 0; i < 3 && bytes.Length > 0; i++)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }
            }

            // Guard bytes on both sides: a span that left the records would see them.
            byte[] guarded = [0xEE, .. bytes, 0xEE, 0xEE];
            RecordReader reader = new(guarded.AsSpan(1, bytes.Length), random.Next(0, 30));
            int inside = 0;
            while (reader.MoveNext(out Record record))
            {
                inside += record.Key.Length + record.Value.Length + record.Headers.Length;
                Assert.True(record.Value.IsEmpty || bytes.AsSpan().IndexOf(record.Value) >= 0);
            }

            Assert.InRange(inside, 0, bytes.Length);
        }
    }

    private static void AssertMalformed(byte[] records, string what, bool when = true)
    {
        int read = ReadAll(records, 1, out bool malformed);
        if (when)
        {
            Assert.True(malformed && read == 0, $"{what} was taken");
        }
    }

    private static int ReadAll(byte[] records, int count, out bool malformed)
    {
        RecordReader reader = new(records, count);
        int read = 0;
        while (reader.MoveNext(out _))
        {
            read++;
        }

        malformed = reader.Malformed;
        return read;
    }

    private static byte[] WithLength(byte[] body) => [.. Zz(body.Length), .. body];

    private static byte[] Zz(long value)
    {
        byte[] bytes = new byte[Varint.MaxBytes64];
        return bytes[..Varint.Write(ref bytes[0], Varint.ZigZag(value))];
    }
}
