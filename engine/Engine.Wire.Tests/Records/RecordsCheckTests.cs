namespace Engine.Wire.Tests;

/// <summary>The walk over records says what a reader that decodes every one of them says.</summary>
public sealed class RecordsCheckTests
{
    [Fact]
    public void Sound_records_of_any_shape_are_sound_and_their_times_are_found()
    {
        Random random = new(5);
        for (int i = 0; i < 2000; i++)
        {
            byte[] records = Build(random, out int count, out long min, out long max);
            Assert.True(RecordsCheck.TryWalk(records, count, out long foundMin, out long foundMax));
            Assert.Equal((min, max), (foundMin, foundMax));
        }
    }

    [Fact]
    public void Changed_records_are_sound_only_where_a_careful_reader_finds_them_so()
    {
        Random random = new(6);
        int unsound = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] records = Build(random, out int count, out _, out _);
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                records[random.Next(records.Length)] ^= (byte)(1 << random.Next(8));
            }

            ReadOnlySpan<byte> shown = random.Next(4) == 0 ? records.AsSpan(0, random.Next(records.Length)) : records;
            count += random.Next(6) == 0 ? random.Next(-1, 2) : 0;
            bool expected = Read(shown, count, out long min, out long max);
            Assert.Equal(expected, RecordsCheck.TryWalk(shown, count, out long foundMin, out long foundMax));
            if (expected)
            {
                Assert.Equal((min, max), (foundMin, foundMax));
            }

            unsound += expected ? 0 : 1;
        }

        Assert.InRange(unsound, 2000, 19_000);
    }

    [Fact]
    public void Long_runs_cross_every_length_of_the_offset()
    {
        byte[] records = Build(20_000, _ => 30, i => i / 400, out int count, out long min, out long max);
        Assert.True(RecordsCheck.TryWalk(records, count, out long foundMin, out long foundMax));
        Assert.Equal((min, max), (foundMin, foundMax));
        Assert.False(RecordsCheck.TryWalk(records, count - 1, out _, out _));
        Assert.False(RecordsCheck.TryWalk(records.AsSpan(0, records.Length - 1), count, out _, out _));
        Assert.False(RecordsCheck.TryWalk([.. records, 0], count, out _, out _));
    }

    /// <summary>The same question to the reader that decodes every record.</summary>
    private static bool Read(ReadOnlySpan<byte> records, int count, out long min, out long max)
    {
        min = long.MaxValue;
        max = long.MinValue;
        RecordReader reader = new(records, count);
        while (reader.MoveNext(out Record record))
        {
            if (record.OffsetDelta != reader.Read - 1)
            {
                return false;
            }

            min = Math.Min(min, record.TimestampDelta);
            max = Math.Max(max, record.TimestampDelta);
        }

        return !reader.Malformed && reader.Read == count;
    }

    private static byte[] Build(Random random, out int count, out long min, out long max)
    {
        int kind = random.Next(4);
        int same = random.Next(0, 70);
        int step = random.Next(3) switch { 0 => 0, 1 => 1, _ => 50 };
        return Build(
            random.Next(1, 300),
            _ => kind switch { 0 => random.Next(0, 100), 1 => random.Next(20) == 0 ? same + 1 : same, _ => same },
            i => step == 50 ? random.Next(-100, 100) : i * step / 7,
            out count,
            out min,
            out max);
    }

    private static byte[] Build(int records, Func<int, int> valueBytes, Func<int, long> time, out int count, out long min, out long max)
    {
        RecordBatchBuilder builder = new();
        byte[] buffer = new byte[(records * 140) + 4096];
        builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, 1_000_000);
        min = max = 0;
        for (int i = 0; i < records; i++)
        {
            long delta = i == 0 ? 0 : time(i);
            min = Math.Min(min, delta);
            max = Math.Max(max, delta);
            builder.SetTimestamp(1_000_000 + delta);
            Assert.True(builder.TryAppend(new Filler(valueBytes(i))));
        }

        count = builder.Count;
        return builder.Records.ToArray();
    }

    private readonly struct Filler(int length) : IRecordValue
    {
        public int Length => length;

        public void Write(ref byte destination) =>
            System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, length).Fill(0x55);
    }
}
