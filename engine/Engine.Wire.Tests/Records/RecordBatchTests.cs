using System.Buffers.Binary;

namespace Engine.Wire.Tests;

public sealed class RecordBatchTests
{
    private readonly byte[] _batch = RecordBatchBuilderTests.Build(3, 30, _ => 0);

    [Fact]
    public void Offset_and_epoch_are_outside_the_checksum()
    {
        RecordBatch.Assign(_batch, long.MaxValue - 10, 77);
        Assert.Equal(BatchFault.None, RecordBatch.Check(_batch));
        Assert.Equal(
            (long.MaxValue - 10, long.MaxValue - 8, 77),
            (RecordBatch.BaseOffset(_batch), RecordBatch.LastOffset(_batch), RecordBatch.LeaderEpoch(_batch)));
    }

    [Fact]
    public void Every_flipped_bit_behind_the_epoch_is_found()
    {
        for (int at = RecordBatch.LengthAt; at < _batch.Length; at++)
        {
            if (at is >= RecordBatch.LeaderEpochAt and < RecordBatch.MagicAt)
            {
                continue;
            }

            for (int bit = 0; bit < 8; bit++)
            {
                _batch[at] ^= (byte)(1 << bit);
                BatchFault expected = at switch
                {
                    < RecordBatch.LeaderEpochAt => BatchFault.Size,
                    RecordBatch.MagicAt => BatchFault.Magic,
                    >= RecordBatch.LastOffsetDeltaAt and < RecordBatch.BaseTimestampAt => BatchFault.Count,
                    >= RecordBatch.RecordCountAt and < RecordBatch.HeaderBytes => BatchFault.Count,
                    _ => BatchFault.Crc,
                };
                Assert.Equal(expected, RecordBatch.Check(_batch));
                _batch[at] ^= (byte)(1 << bit);
            }
        }
    }

    [Fact]
    public void A_batch_that_is_cut_or_has_bytes_behind_it_is_not_one()
    {
        for (int length = 0; length < _batch.Length; length++)
        {
            Assert.Equal(BatchFault.Size, RecordBatch.Check(_batch.AsSpan(0, length)));
        }

        Assert.Equal(BatchFault.Size, RecordBatch.Check([.. _batch, 0]));
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-13)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(int.MaxValue)]
    public void Hostile_lengths_are_faults_of_size(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_batch.AsSpan(RecordBatch.LengthAt), length);
        Assert.Equal(length + 12L, RecordBatch.SizeBytes(_batch));
        Assert.Equal(BatchFault.Size, RecordBatch.Check(_batch));
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(-1, -2)]
    [InlineData(int.MinValue, int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(3, 3)]
    public void Counts_that_do_not_fit_are_faults_even_with_a_right_checksum(int count, int lastOffsetDelta)
    {
        BinaryPrimitives.WriteInt32BigEndian(_batch.AsSpan(RecordBatch.RecordCountAt), count);
        BinaryPrimitives.WriteInt32BigEndian(_batch.AsSpan(RecordBatch.LastOffsetDeltaAt), lastOffsetDelta);
        BinaryPrimitives.WriteUInt32BigEndian(_batch.AsSpan(RecordBatch.CrcAt), Crc32C.Compute(_batch.AsSpan(RecordBatch.AttributesAt)));
        Assert.Equal(BatchFault.Count, RecordBatch.Check(_batch));
    }

    [Fact]
    public void Attributes_are_read_bit_by_bit()
    {
        BinaryPrimitives.WriteInt16BigEndian(_batch.AsSpan(RecordBatch.AttributesAt), 0x8 | 4);
        Assert.Equal(CompressionType.Zstd, RecordBatch.Compression(_batch));
        Assert.True(RecordBatch.IsLogAppendTime(_batch));
        Assert.False(RecordBatch.IsTransactional(_batch) || RecordBatch.IsControl(_batch));
        BinaryPrimitives.WriteInt16BigEndian(_batch.AsSpan(RecordBatch.AttributesAt), 0x30);
        Assert.True(RecordBatch.IsTransactional(_batch) && RecordBatch.IsControl(_batch));
        Assert.Equal(CompressionType.None, RecordBatch.Compression(_batch));
    }
}
