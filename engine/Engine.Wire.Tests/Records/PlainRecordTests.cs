using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Wire.Tests;

/// <summary>The two quick readers say what RecordReader says, or nothing.</summary>
public class PlainRecordTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(30, 20_000)]
    [InlineData(54, 100)]
    [InlineData(55, 9_000)]
    [InlineData(56, 100)]
    [InlineData(57, 9_000)]
    [InlineData(63, 20_000)]
    [InlineData(64, 20_000)]
    [InlineData(100, 9_000)]
    [InlineData(8_182, 70)]
    [InlineData(8_182, 9_000)]
    [InlineData(8_183, 70)]
    [InlineData(10_000, 70)]
    [InlineData(1, 1_050_000)]
    public void Every_record_of_a_sound_batch_is_read(int valueBytes, int count)
    {
        byte[] batch = Batch(valueBytes, count, timestampStepMs: 0);
        int plain = 0;
        int quick = 0;
        Walk(batch, valueBytes, count, ref plain, ref quick);

        // Only a record that ends within a word or two of the batch's end is left to RecordReader.
        Assert.InRange(plain, count - 2, count);
        int fitting = valueBytes <= RecordFrame.ValueBytesMax ? Math.Min(count, 1 << 20) : 0;
        Assert.InRange(quick, Math.Max(0, fitting - 2), fitting);
    }

    [Fact]
    public void A_time_that_takes_more_bytes_is_read_by_the_one_and_left_by_the_other()
    {
        byte[] batch = Batch(30, 100, timestampStepMs: 10);
        int plain = 0;
        int quick = 0;
        Walk(batch, 30, 100, ref plain, ref quick);
        Assert.Equal(100, plain);
        Assert.InRange(quick, 1, 20);
    }

    [Fact]
    public void Whatever_is_changed_in_a_batch_nothing_is_read_that_RecordReader_does_not_read()
    {
        byte[] sound = Batch(30, 5, timestampStepMs: 1);
        for (int at = RecordBatch.HeaderBytes; at < sound.Length; at++)
        {
            foreach (int flip in new[] { 0x01, 0x02, 0x08, 0x40, 0x80, 0xFF })
            {
                byte[] batch = [.. sound];
                batch[at] ^= (byte)flip;
                int plain = 0;
                int quick = 0;
                Walk(batch, 30, 5, ref plain, ref quick);
            }
        }

        Random random = new(11);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] batch = new byte[RecordBatch.HeaderBytes + random.Next(1, 60)];
            random.NextBytes(batch);
            for (int i = RecordBatch.HeaderBytes; i < batch.Length; i++)
            {
                // Small numbers make frames that are almost right.
                batch[i] = (byte)(random.Next(4) > 0 ? batch[i] % 40 : batch[i]);
            }

            int plain = 0;
            int quick = 0;
            Walk(batch, random.Next(40), 5, ref plain, ref quick);
        }
    }

    [Fact]
    public void Nothing_is_read_behind_the_end()
    {
        byte[] batch = Batch(30, 3, timestampStepMs: 0);
        for (int size = RecordBatch.HeaderBytes; size < batch.Length; size++)
        {
            // The rest of the array is poison that a reader which looks too far would take for a record's end.
            byte[] cut = [.. batch.AsSpan(0, size), .. new byte[64]];
            int plain = 0;
            int quick = 0;
            Walk(cut.AsSpan(0, size), 30, 3, ref plain, ref quick);
            Assert.True(plain <= (size - RecordBatch.HeaderBytes) / 37);
            Assert.True(quick <= (size - RecordBatch.HeaderBytes) / 37);
        }
    }

    /// <summary>Counts the records that each reads, and compares each with RecordReader's.</summary>
    private static void Walk(ReadOnlySpan<byte> batch, int valueBytes, int count, ref int plain, ref int quick)
    {
        ref byte start = ref MemoryMarshal.GetReference(batch);
        RecordFrame frame = RecordFrame.At(0, 0, valueBytes);
        RecordReader reader = new(batch[RecordBatch.HeaderBytes..], count);
        nint position = RecordBatch.HeaderBytes;
        for (uint index = 0; index < (uint)count; index++)
        {
            bool readable = reader.MoveNext(out Record record);
            nint before = position;
            if (frame.ValueBytes >= 0 && position + Math.Max(8, frame.RecordBytes) <= batch.Length && frame.Matches(ref Unsafe.Add(ref start, position)))
            {
                nint at = position + frame.ValueAt;
                position += frame.RecordBytes;
                quick++;
                Assert.True(readable && IsPlain(record));
                Assert.Equal(index, (uint)record.OffsetDelta);
                Assert.True(batch.Slice((int)at, valueBytes).SequenceEqual(record.Value));
            }
            else
            {
                Assert.Equal(before, position);
            }

            frame.MoveNext();
            if (index + 1 == frame.End)
            {
                frame = RecordFrame.At(index + 1, 0, valueBytes);
            }

            PlainRecord one = new(ref start, batch.Length, before);
            if (!one.IsValid)
            {
                // Close to the end the quick one may still see a whole record where the other does not look.
                if (position == before)
                {
                    return;
                }

                continue;
            }

            plain++;
            Assert.True(readable && IsPlain(record));
            Assert.Equal(one.OffsetDelta, (uint)record.OffsetDelta);
            Assert.True(batch.Slice((int)one.Value, (int)one.ValueBytes).SequenceEqual(record.Value));
            Assert.True(position == before || position == one.End);
            position = one.End;
        }
    }

    private static bool IsPlain(in Record record) => !record.HasKey && record.HeaderCount == 0 && record.HasValue;

    private static byte[] Batch(int valueBytes, int count, int timestampStepMs)
    {
        byte[] buffer = new byte[RecordBatch.HeaderBytes + (count * (valueBytes + 20)) + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, 1000);
        for (int i = 0; i < count; i++)
        {
            builder.SetTimestamp(1000 + (i * timestampStepMs));
            Assert.True(builder.TryAppend(new Filled(valueBytes, (byte)i)));
        }

        return builder.Seal().ToArray();
    }

    private readonly struct Filled(int length, byte fill) : IRecordValue
    {
        public int Length => length;

        public void Write(ref byte destination) => MemoryMarshal.CreateSpan(ref destination, length).Fill(fill);
    }
}
