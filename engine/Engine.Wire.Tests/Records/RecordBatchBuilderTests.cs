using System.Runtime.InteropServices;
using Engine.Linux.Tests;

namespace Engine.Wire.Tests;

public sealed class RecordBatchBuilderTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 30)]
    [InlineData(70, 30)]
    [InlineData(10_000, 7)]
    [InlineData(3, 100_000)]
    public void What_was_built_is_read_back(int records, int valueBytes)
    {
        byte[] batch = Build(records, valueBytes, i => 1_700_000_000_000 + (i * 7));
        Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
        Assert.Equal(records, RecordBatch.RecordCount(batch));
        Assert.Equal(records - 1, RecordBatch.LastOffsetDelta(batch));
        Assert.Equal(1_700_000_000_000, RecordBatch.BaseTimestamp(batch));
        Assert.Equal(1_700_000_000_000 + ((records - 1) * 7), RecordBatch.MaxTimestamp(batch));
        Assert.Equal(RecordBatch.NoProducerId, RecordBatch.ProducerId(batch));
        Assert.Equal(CompressionType.None, RecordBatch.Compression(batch));
        Assert.False(RecordBatch.IsTransactional(batch) || RecordBatch.IsControl(batch) || RecordBatch.IsLogAppendTime(batch));

        RecordReader reader = new(batch);
        int read = 0;
        while (reader.MoveNext(out Record record))
        {
            Assert.Equal(read, record.OffsetDelta);
            Assert.Equal(read * 7, record.TimestampDelta);
            Assert.False(record.HasKey);
            Assert.True(record.HasValue);
            Assert.Equal(0, record.HeaderCount);
            Assert.Equal(valueBytes, record.Value.Length);
            Assert.Equal(-1, record.Value.IndexOfAnyExcept((byte)read));
            read++;
        }

        Assert.Equal(records, read);
        Assert.Equal(records, reader.Read);
        Assert.False(reader.Malformed);
    }

    [Fact]
    public void Compressed_records_take_the_place_of_the_records()
    {
        const int Capacity = 61 + (1000 * 40);
        byte[] buffer = new byte[Capacity + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, Capacity, 1_700_000_000_000);
        while (builder.TryAppend(new Filler(30, 7)))
        {
        }

        byte[] records = builder.Records.ToArray();
        using RecordCodec codec = RecordCodec.Create(CompressionType.Gzip);
        byte[] compressed = new byte[codec.MaxCompressedBytes(records.Length)];
        compressed = compressed[..codec.Compress(records, compressed)];
        byte[] batch = builder.Seal(CompressionType.Gzip, compressed).ToArray();
        Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
        Assert.Equal(CompressionType.Gzip, RecordBatch.Compression(batch));
        Assert.Equal(builder.Count, RecordBatch.RecordCount(batch));
        Assert.Equal(compressed, batch[RecordBatch.HeaderBytes..]);
        Assert.True(batch.Length < records.Length / 4);
    }

    [Fact]
    public void A_record_has_the_bytes_that_Kafka_gives_it()
    {
        byte[] batch = Build(2, 3, i => 5 - i);

        // length, attributes, timestamp delta, offset delta, null key, value length, value, headers; -1 is 1 in zigzag
        Assert.Equal("12" + "00" + "00" + "00" + "01" + "06" + "000000" + "00", Convert.ToHexString(batch.AsSpan(61, 10)));
        Assert.Equal("12" + "00" + "01" + "02" + "01" + "06" + "010101" + "00", Convert.ToHexString(batch.AsSpan(71)));
        Assert.Equal((5L, 5L), (RecordBatch.BaseTimestamp(batch), RecordBatch.MaxTimestamp(batch)));
        Assert.Equal(-1, RecordBatch.LeaderEpoch(batch));
        Assert.Equal(batch.Length, RecordBatch.SizeBytes(batch));
    }

    [Fact]
    public void A_batch_never_grows_over_its_capacity_and_fills_it_to_the_last_byte()
    {
        byte[] buffer = new byte[400 + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        for (int capacity = RecordBatch.HeaderBytes; capacity <= 400; capacity++)
        {
            for (int valueBytes = 0; valueBytes < 40; valueBytes += 13)
            {
                builder.Begin(buffer, 0, capacity, 0);
                int size = builder.SizeBytes;
                while (builder.TryAppend(new Filler(valueBytes, 1)))
                {
                    Assert.True(builder.SizeBytes > size);
                    size = builder.SizeBytes;
                }

                Assert.InRange(builder.SizeBytes, capacity - valueBytes - 7 + 1, capacity);
                if (builder.Count > 0)
                {
                    Assert.Equal(BatchFault.None, RecordBatch.Check(builder.Seal()));
                }
            }
        }
    }

    [Fact]
    public void Batches_lie_side_by_side_in_one_buffer()
    {
        byte[] buffer = new byte[1000];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, 200, 0);
        Assert.True(builder.TryAppend(new Filler(30, 1)));
        byte[] first = builder.Seal().ToArray();
        builder.Begin(buffer, 200, 200, 0);
        Assert.True(builder.TryAppend(new Filler(40, 2)));
        Assert.Equal(BatchFault.None, RecordBatch.Check(builder.Seal()));
        Assert.Equal(first, buffer[..first.Length]);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        RecordBatchBuilder builder = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Begin(new byte[200], 0, 200, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Begin(new byte[200], 0, 60, 0));
        builder.Begin(new byte[200], 0, 100, 0);
        Assert.Throws<InvalidOperationException>(() => builder.Seal());
    }

    [Fact]
    public void Building_and_reading_allocate_nothing()
    {
        const int Rounds = 4;
        byte[] buffer = new byte[100_000];
        RecordBatchBuilder builder = new();
        int read = 0;
        Build();
        Assert.All(Allocations.OfWindows(_ => Build()), allocated => Assert.Equal(0, allocated));
        Assert.True(read > 6 * Rounds * 2500);

        void Build()
        {
            for (int round = 0; round < Rounds; round++)
            {
                builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, round);
                while (builder.TryAppend(new Filler(30, 3)))
                {
                }

                RecordReader reader = new(builder.Seal());
                while (reader.MoveNext(out _))
                {
                    read++;
                }
            }
        }
    }

    internal static byte[] Build(int records, int valueBytes, Func<int, long> timestampMs)
    {
        byte[] buffer = new byte[RecordBatch.HeaderBytes + (records * (valueBytes + 40)) + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, timestampMs(0));
        for (int i = 0; i < records; i++)
        {
            builder.SetTimestamp(timestampMs(i));
            Assert.True(builder.TryAppend(new Filler(valueBytes, (byte)i)));
        }

        Assert.Equal(records, builder.Count);
        return builder.Seal().ToArray();
    }

    internal readonly struct Filler(int length, byte value) : IRecordValue
    {
        public int Length => length;

        public void Write(ref byte destination) => MemoryMarshal.CreateSpan(ref destination, length).Fill(value);
    }
}
