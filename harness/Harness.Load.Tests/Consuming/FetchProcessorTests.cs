using System.Buffers.Binary;
using Engine.Wire;
using Results;

namespace Harness.Load.Tests;

public sealed class FetchProcessorTests : IDisposable
{
    private readonly Verifier _verifier;
    private readonly FetchProcessor _processor;

    public FetchProcessorTests()
    {
        _verifier = new Verifier(new VerifierOptions
        {
            Seed = FetchResponses.Seed,
            ValueBytes = 30,
            Partitions = 2,
            Producers = 2,
            Groups = 1,
            Acks = Acks.Leader,
        });
        ConsumerOptions options = new() { Topic = "test", Partitions = [0, 1] };
        _processor = new FetchProcessor(options, "broker:9092", partition => _verifier.Partition(0, partition));
        _processor.StartAt(0, 0);
        _processor.StartAt(1, 0);
        for (int producer = 0; producer < 2; producer++)
        {
            _verifier.Producer(producer).Sent(0, 10_000);
            _verifier.Producer(producer).Sent(1, 10_000);
        }
    }

    public void Dispose() => _processor.Dispose();

    [Fact]
    public void Whole_batches_are_delivered_and_a_cut_one_is_asked_for_again()
    {
        byte[] second = FetchResponses.Batch(10, 10);
        Process([.. FetchResponses.Batch(0, 10), .. second[..^1]]);
        Assert.Equal(10, _processor.Consumed.MessageCount);
        Assert.Equal(10, Position(0));
        Process(second);
        Assert.Equal(20, _processor.Consumed.MessageCount);
        AssertSound();
    }

    [Fact]
    public void A_cut_in_whatever_place_is_no_fault()
    {
        byte[] second = FetchResponses.Batch(10, 10);
        for (int cut = 0; cut < second.Length; cut++)
        {
            using FetchProcessorTests fresh = new();
            fresh.Process([.. FetchResponses.Batch(0, 10), .. second[..cut]]);
            Assert.Equal(10, fresh.Position(0));
            fresh.AssertSound();
        }
    }

    [Fact]
    public void Records_before_the_offset_asked_for_are_skipped_in_the_first_batch()
    {
        _processor.StartAt(0, 4);
        _verifier.Producer(0).Acknowledged(0, 0, 0, 10);
        byte[] batch = FetchResponses.Batch(0, 10);
        using BatchUnpacker unpacker = new(1 << 20);
        _verifier.Partition(0, 0).Deliver(batch, unpacker, 10, mayBeginEarlier: true);
        Assert.Equal(6, _verifier.Partition(0, 0).Delivered);
        Assert.Equal(10, _verifier.Partition(0, 0).NextOffset);
    }

    [Fact]
    public void The_batches_of_several_producers_and_partitions_are_told_apart()
    {
        Process(FetchResponses.Batch(0, 10));
        Process(FetchResponses.Batch(0, 7, baseOffset: 10, producer: 1));
        Process(FetchResponses.Batch(10, 5, baseOffset: 17));
        Process(FetchResponses.Batch(0, 3, partition: 1), partition: 1);
        _verifier.Producer(0).Acknowledged(0, 0, 0, 10);
        _verifier.Producer(1).Acknowledged(0, 10, 0, 7);
        _verifier.Producer(0).Acknowledged(0, 17, 10, 5);
        _verifier.Producer(0).Acknowledged(1, 0, 0, 3);
        Assert.True(_processor.NothingAwaitsDelivery());
        AssertSound();
    }

    [Fact]
    public void A_message_of_another_partition_or_producer_or_run_is_damage()
    {
        Process(FetchResponses.Batch(0, 1, partition: 1));
        Violation foreign = Conclude().Only("damaged", 1);
        Assert.Equal((0, 0L), (foreign.Partition, foreign.Offset));
        FetchProcessorTests other = new();
        other.Process(FetchResponses.Batch(0, 1, producer: 2));
        Assert.Equal(1, other.Conclude().Damaged);
    }

    [Fact]
    public void A_message_that_was_not_sent_yet_is_damage()
    {
        _verifier.Producer(0).Sent(0, 5);
        Process(FetchResponses.Batch(0, 6));
        Violation violation = Conclude().Only("damaged", 1);
        Assert.Equal(5, violation.Offset);
        Assert.Contains("never sent sequence 5", violation.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_whose_length_is_a_lie_stops_its_partition_and_no_other()
    {
        foreach (int length in new[] { -1, 0, 40, int.MinValue, int.MaxValue, (100 << 20) + 1 })
        {
            using FetchProcessorTests fresh = new();
            byte[] liar = FetchResponses.Batch(10, 10);
            BinaryPrimitives.WriteInt32BigEndian(liar.AsSpan(RecordBatch.LengthAt), length);
            fresh.Process([.. FetchResponses.Batch(0, 10), .. liar]);
            Assert.Equal(10, fresh._processor.Consumed.MessageCount);
            Assert.Equal([1], fresh._processor.NextRequests().ToArray().Select(request => request.Index));
            fresh.Process(FetchResponses.Batch(0, 3, partition: 1), partition: 1);
            Violation violation = fresh.Conclude().Only("damaged", 1);
            Assert.Equal(10, violation.Offset);
            Assert.Contains("reading of the partition stopped", violation.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_batch_that_is_garbage_but_for_its_length_is_damage_and_reading_goes_on()
    {
        byte[] garbage = FetchResponses.Batch(10, 10);
        new Random(1).NextBytes(garbage.AsSpan(RecordBatch.MagicAt));
        Process([.. FetchResponses.Batch(0, 10), .. garbage, .. FetchResponses.Batch(20, 10)]);
        Verification verification = Conclude();
        Assert.True(verification.Damaged > 0);
        Assert.False(_verifier.Partition(0, 0).Stopped);
        Assert.Equal(30, Position(0));
    }

    [Fact]
    public void Any_byte_flipped_anywhere_in_a_batch_is_found()
    {
        byte[] sound = FetchResponses.Batch(0, 5);
        for (int i = 0; i < sound.Length; i++)
        {
            // The leader epoch is the broker's own and means nothing to a reader.
            if (i is >= RecordBatch.LeaderEpochAt and < RecordBatch.MagicAt)
            {
                continue;
            }

            byte[] batch = [.. sound];
            batch[i] ^= 0x04;
            using FetchProcessorTests fresh = new();
            fresh.Process([.. batch, .. FetchResponses.Batch(5, 5)]);
            Assert.True(fresh.Conclude().Violated, $"byte {i}");
        }
    }

    [Fact]
    public void Any_byte_of_a_value_flipped_is_one_damaged_message_though_the_checksum_was_mended()
    {
        for (int i = 0; i < 30; i++)
        {
            byte[] batch = FetchResponses.Batch(0, 5);
            BatchSurgery.FlipByte(batch, index: 3, i, mend: true);
            using FetchProcessorTests fresh = new();
            fresh._verifier.Producer(0).Sent(0, 10);
            fresh._verifier.Producer(0).Acknowledged(0, 0, 0, 10);
            fresh.Process([.. batch, .. FetchResponses.Batch(5, 5)]);
            Violation violation = fresh.Conclude().Only("damaged", 1);
            Assert.Equal((3L, 3L), (violation.Offset, violation.Sequence));
        }
    }

    [Fact]
    public void Random_damage_never_ends_the_reader()
    {
        Random random = new(7);
        byte[] sound = FetchResponses.Response([.. FetchResponses.Batch(0, 20), .. FetchResponses.Batch(20, 20)]);
        for (int round = 0; round < 3000; round++)
        {
            byte[] frame = [.. sound];
            for (int flips = random.Next(1, 8); flips > 0; flips--)
            {
                frame[random.Next(frame.Length)] = (byte)random.Next();
            }

            Array.Resize(ref frame, random.Next(2) == 0 ? frame.Length : random.Next(frame.Length));
            using FetchProcessorTests fresh = new();
            try
            {
                fresh._processor.Plan(frame, 0, 0);
                fresh._processor.Verify(frame);
                fresh.Conclude();
            }
            catch (Exception failure) when (failure is BrokerException or OffsetOutOfRangeException)
            {
                Assert.DoesNotContain('\n', failure.Message);
            }
        }
    }

    [Fact]
    public void A_batch_before_the_offset_asked_for_is_duplicated_and_does_not_repeat_for_ever()
    {
        Process(FetchResponses.Batch(0, 10));
        Process(FetchResponses.Batch(0, 10));
        Verification verification = Conclude();
        Assert.Equal(10, verification.Duplicated);
        Assert.True(_verifier.Partition(0, 0).Stopped);
    }

    [Fact]
    public void A_base_offset_out_of_this_world_is_told_and_not_followed()
    {
        Process([.. FetchResponses.Batch(0, 10), .. FetchResponses.Batch(10, 10, baseOffset: 1L << 60), .. FetchResponses.Batch(20, 10)]);
        Violation violation = Conclude().Only("reordered", 1);
        Assert.Equal(1L << 60, violation.Offset);
        Assert.Equal(30, Position(0));
    }

    [Fact]
    public void A_first_batch_that_is_cut_stops_the_partition()
    {
        Process(FetchResponses.Batch(0, 10)[..^1]);
        Assert.Contains("cut", Conclude().Only("damaged", 1).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void A_compressed_batch_is_verified_like_any_other(CompressionType type)
    {
        byte[] compressed = BatchSurgery.Compress(FetchResponses.Batch(0, 500), type);
        Process(compressed);
        Assert.Equal(500, _processor.Consumed.MessageCount);
        Assert.Equal(500, Position(0));
        AssertSound();
        byte[] damaged = BatchSurgery.Compress(Damaged(FetchResponses.Batch(500, 500)), type);
        RecordBatch.Assign(damaged, 500, 0);
        Process(damaged);
        Assert.Equal(507, Conclude().Only("damaged", 1).Offset);

        static byte[] Damaged(byte[] batch)
        {
            BatchSurgery.FlipByte(batch, index: 7, valueByte: 29, mend: true);
            return batch;
        }
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    [InlineData((CompressionType)6)]
    public void What_cannot_be_decompressed_is_damage_to_all_its_messages_and_reading_goes_on(CompressionType type)
    {
        byte[] batch = FetchResponses.Batch(0, 10);
        batch[RecordBatch.AttributesAt + 1] = (byte)type;
        BatchSurgery.MendCrc(batch);
        Process([.. batch, .. FetchResponses.Batch(10, 10)]);
        Verification verification = Conclude();
        Assert.Equal(10, verification.Damaged);
        Assert.Contains("unreadable batch", verification.Violations[0].Detail, StringComparison.Ordinal);
        Assert.Equal(20, _processor.Consumed.MessageCount);
        Assert.Equal(20, Position(0));
    }

    [Fact]
    public void A_damaged_codec_is_found_by_the_checksum_and_the_records_read_as_they_are()
    {
        byte[] batch = FetchResponses.Batch(0, 10);
        batch[RecordBatch.AttributesAt + 1] = (byte)CompressionType.Gzip;
        Process(batch);
        Violation violation = Conclude().Only("damaged", 1);
        Assert.Contains("checksum is wrong, though every value in the batch is intact", violation.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_compressed_batch_may_end_behind_the_high_watermark_and_a_damaged_one_may_not()
    {
        byte[] batch = BatchSurgery.Compress(FetchResponses.Batch(0, 500), CompressionType.Zstd);
        byte[] frame = FetchResponses.Response(batch, highWatermark: 300);
        _processor.Plan(frame, 0, 0);
        Assert.Equal(500, Position(0));
        _processor.Verify(frame);
        AssertSound();
        RecordBatch.Assign(batch, 500, 0);
        batch[^1] ^= 1;
        _processor.Plan(FetchResponses.Response(batch, highWatermark: 700), 0, 0);
        Assert.Equal(501, Position(0));
    }

    [Fact]
    public void A_bomb_is_damage_and_a_claimed_count_is_not_followed_beyond_the_log()
    {
        ConsumerOptions options = new() { Topic = "test", Partitions = [0, 1], DecompressedBytesMax = 10_000 };
        using FetchProcessor processor = new(options, "broker:9092", partition => _verifier.Partition(0, partition));
        byte[] bomb = BatchSurgery.Compress(FetchResponses.Batch(0, 500), CompressionType.Zstd);
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(RecordBatch.LastOffsetDeltaAt), 1_000_000);
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(RecordBatch.RecordCountAt), 1_000_001);
        BatchSurgery.MendCrc(bomb);
        byte[] frame = FetchResponses.Response(bomb, highWatermark: 500);
        processor.Plan(frame, 0, 0);
        Assert.Equal(1, processor.NextRequests().ToArray().Single(static request => request.Index == 0).Offset);
        processor.Verify(frame);
        Assert.Contains("unreadable batch", Conclude().Only("damaged", 1).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_and_frames_that_are_none_of_the_protocols_fail_with_one_line()
    {
        Fails("UNKNOWN_TOPIC_OR_PARTITION (3)", FetchResponses.Response([], error: ErrorCode.UnknownTopicOrPartition));
        Fails("came where that to 0 was due", FetchResponses.Response([], correlationId: 9));
        Fails("names partition 7", FetchResponses.Response([], partition: 7));
        byte[] sound = FetchResponses.Response(FetchResponses.Batch(0, 10));
        for (int cut = 0; cut < sound.Length; cut += 3)
        {
            Fails("malformed response", sound[..cut]);
        }

        static void Fails(string cause, byte[] frame)
        {
            using FetchProcessorTests fresh = new();
            BrokerException failure = Assert.Throws<BrokerException>(() => fresh._processor.Plan(frame, 0, 0));
            Assert.Contains(cause, failure.Message, StringComparison.Ordinal);
            Assert.Contains("broker:9092", failure.Message, StringComparison.Ordinal);
        }
    }

    private void Process(byte[] records, int partition = 0)
    {
        byte[] frame = FetchResponses.Response(records, partition);
        _processor.Plan(frame, 0, 0);
        _processor.Verify(frame);
    }

    private long Position(int partition)
    {
        foreach (FetchPartition request in _processor.NextRequests())
        {
            if (request.Index == partition)
            {
                return request.Offset;
            }
        }

        return -1;
    }

    private Verification Conclude() => _verifier.Conclude(complete: true) with { Complete = true };

    private void AssertSound() => Assert.False(Conclude().Violated, string.Join("\n", Conclude().Violations));
}
