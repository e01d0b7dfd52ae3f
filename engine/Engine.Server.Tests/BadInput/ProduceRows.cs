using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// What a Produce request that breaks a rule is answered: the rows 7 to 30 of the table of bad input. Each runs against the engine with
/// <c>record.validation=full</c> and against Apache Kafka; a row that only one of them can answer says which.
/// </summary>
public abstract class ProduceRows(IBroker broker)
{
    private static readonly long HourMs = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private protected IBroker Broker => broker;

    private static long NowMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public void Row_07_acks_other_than_all_none_and_leader()
    {
        Refused(ErrorCode.InvalidRequiredAcks, Batches.Sound(), acks: 2);
        Refused(ErrorCode.InvalidRequiredAcks, Batches.Sound(), acks: -2);
    }

    [Fact]
    public void Row_08_an_error_without_acknowledgements_closes_the_connection()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        client.SendProduce(topic, Batches.Spoiled(Batches.Sound(), b => b[^1] ^= 1), acks: 0);
        Assert.Null(client.ReceiveFrame());
    }

    [Fact]
    public void Row_09_unknown_topic_or_partition()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce("nowhere", Batches.Sound()).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce(topic, Batches.Sound(), partition: 1).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce(topic, [], partition: -1, acks: 5).Error);
    }

    [Fact]
    public void Row_10_version_13_with_an_unknown_topic_id()
    {
        using TestClient client = broker.Connect();
        WireBuffer buffer = new() { Flexible = false };
        buffer.WriteInt32(0);
        buffer.WriteInt16(0);
        buffer.WriteInt16(13);
        buffer.WriteInt32(1);
        buffer.WriteNullableString("test");
        buffer.Flexible = true;
        buffer.WriteTags();
        buffer.WriteNullableString(null);
        buffer.WriteInt16(1);
        buffer.WriteInt32(1000);
        buffer.WriteArrayLength(1);
        buffer.WriteRaw(Guid.NewGuid().ToByteArray());
        buffer.WriteArrayLength(1);
        buffer.WriteInt32(0);
        byte[] batch = Batches.Sound();
        buffer.WriteArrayLength(batch.Length);
        buffer.WriteRaw(batch);
        buffer.WriteTags();
        buffer.WriteTags();
        buffer.WriteTags();
        Frames.End(buffer, 0);
        client.SendRaw(buffer.Written);
        CheckVersion13(client.ReceiveFrame());
    }

    [Fact]
    public void Row_11_a_transactional_batch_without_a_transactional_id() =>
        Refused(ErrorCode.TransactionalIdAuthorizationFailed, Batches.Changed(Batches.Of(1, 0, 0), b => b[RecordBatch.AttributesAt + 1] = 0x10));

    [Fact]
    public void Row_11_a_transactional_id_alone_does_no_harm()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Sound(), transactionalId: "t").Error);
    }

    [Fact]
    public void Row_12_no_batch_or_two_or_one_of_an_old_format()
    {
        byte[] good = Batches.Sound(2);
        Refused(ErrorCode.InvalidRecord, []);
        Refused(ErrorCode.InvalidRecord, good[..11]);
        Refused(ErrorCode.InvalidRecord, good[..16]);
        Refused(ErrorCode.InvalidRecord, good[..60]);
        Refused(ErrorCode.InvalidRecord, good[..^1]);
        Refused(ErrorCode.InvalidRecord, [.. good, .. good]);
        Refused(ErrorCode.InvalidRecord, Batches.Spoiled(good, b => b[RecordBatch.MagicAt] = 1));
        Refused(ErrorCode.InvalidRecord, Batches.Spoiled(good, b => b[RecordBatch.MagicAt] = 0));
    }

    [Fact]
    public void Row_12_what_follows_a_batch_and_is_none_is_cut_off()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        byte[] good = Batches.Sound(2);
        Assert.Equal(0, client.Produce(topic, [.. good, 1, 2, 3]).BaseOffset);
        Assert.Equal(2, client.Produce(topic, [.. good, .. good[..40]]).BaseOffset);
        Assert.Equal(2 * good.Length, client.Fetch(topic, 0).Records.Length);
    }

    [Fact]
    public void Row_13_zstd_before_version_7()
    {
        byte[] batch = Batches.Compressed(Batches.Sound(5), CompressionType.Zstd);
        Refused(ErrorCode.UnsupportedCompressionType, batch, version: 6);
        Accepted(batch, version: 7);
    }

    [Fact]
    public void Row_14_a_size_below_14_or_an_unknown_format()
    {
        byte[] good = Batches.Sound();
        Refused(ErrorCode.CorruptMessage, Batches.Spoiled(good, b => BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.LengthAt..], 13)));
        Refused(ErrorCode.CorruptMessage, Batches.Spoiled(good, b => BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.LengthAt..], -1)));
        Refused(ErrorCode.CorruptMessage, Batches.Spoiled(good, b => b[RecordBatch.MagicAt] = 3));
        Refused(ErrorCode.CorruptMessage, Batches.Spoiled(good, b => b[RecordBatch.MagicAt] = 0x80));
    }

    [Fact]
    public void Row_14_a_record_that_is_not_one()
    {
        byte[] good = Batches.Sound(3);
        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => b[RecordBatch.HeaderBytes] += 2));
        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => b[RecordBatch.HeaderBytes] -= 2));
        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => b[RecordBatch.HeaderBytes] = 0xFF));
        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => b[^1] = 2));
        foreach (CompressionType type in Codecs)
        {
            Refused(ErrorCode.InvalidRecord, Batches.Compressed(Batches.Changed(good, b => b[^1] = 2), type));
        }
    }

    [Fact]
    public void Row_15_a_base_offset() => Refused(ErrorCode.InvalidRecord, Batches.Spoiled(Batches.Sound(), b => b[7] = 1));

    [Fact]
    public void Row_16_a_batch_over_the_limit()
    {
        Refused(ErrorCode.MessageTooLarge, Batches.Sound(10, valueBytes: 100), config: ("max.message.bytes", "1000"));
        Refused(ErrorCode.MessageTooLarge, Batches.Spoiled(Batches.Sound(10, valueBytes: 100), b => b[^1] ^= 1), config: ("max.message.bytes", "1000"));
    }

    [Fact]
    public void Row_17_a_checksum_that_does_not_match() =>
        Refused(ErrorCode.CorruptMessage, Batches.Spoiled(Batches.Sound(), b => b[^1] ^= 1));

    [Fact]
    public void Row_18_a_batch_larger_than_a_segment()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client, ("segment.bytes", "1048576"), ("max.message.bytes", "4000000"));
        Assert.Equal(ErrorCode.RecordListTooLarge, client.Produce(topic, Batches.Sound(1, valueBytes: 2_000_000)).Error);
    }

    [Fact]
    public void Row_19_codecs_that_do_not_exist()
    {
        foreach (byte codec in new byte[] { 5, 6, 7 })
        {
            Refused(ErrorCode.UnknownServerError, Batches.Changed(Batches.Sound(), b => b[RecordBatch.AttributesAt + 1] = codec));
        }
    }

    [Fact]
    public void Row_20_a_record_count_that_is_not_that_of_the_offsets()
    {
        byte[] good = Batches.Sound(2);
        foreach (int count in new[] { 0, -1, 1, 3 })
        {
            Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.RecordCountAt..], count)));
        }

        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b =>
        {
            BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.RecordCountAt..], 0);
            BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.LastOffsetDeltaAt..], -1);
        }));
    }

    [Fact]
    public void Row_21_a_record_count_that_is_not_that_of_the_records()
    {
        foreach (int count in new[] { 2, 4 })
        {
            byte[] lying = Batches.Changed(Batches.Sound(3), b =>
            {
                BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.RecordCountAt..], count);
                BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.LastOffsetDeltaAt..], count - 1);
            });
            Refused(ErrorCode.InvalidRecord, lying);
            foreach (CompressionType type in Codecs)
            {
                Refused(ErrorCode.InvalidRecord, Batches.Compressed(lying, type));
            }
        }
    }

    [Fact]
    public void Row_22_a_control_batch() =>
        Refused(ErrorCode.InvalidRecord, Batches.Changed(Batches.Sound(), b => b[RecordBatch.AttributesAt + 1] = 0x20));

    [Fact]
    public void Row_23_a_producer_id_without_a_sequence() => Refused(ErrorCode.InvalidRecord, Batches.Of(1, 0, -1));

    [Fact]
    public void Row_24_a_record_without_a_key_in_a_compacted_topic()
    {
        using TestClient client = broker.Connect();
        CreateTopicsResponse created = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 4, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new CreatableTopic { Name = broker.UnusedName(), PartitionCount = 1, ReplicationFactor = 1, Configs = [new() { Name = "cleanup.policy", Value = "compact" }] }],
        });
        CheckCompacted(client, created.Topics.Single());
    }

    [Fact]
    public void Row_25_a_timestamp_over_an_hour_ahead()
    {
        byte[] ahead = Batches.Sound(3, NowMs + HourMs + 60_000);
        Refused(ErrorCode.InvalidTimestamp, ahead);
        Refused(ErrorCode.InvalidTimestamp, Batches.Compressed(ahead, CompressionType.Gzip));
        Accepted(Batches.Sound(3, NowMs + HourMs - 60_000));
        Accepted(Batches.Sound(3, 0));
        Accepted(ahead, config: ("message.timestamp.type", "LogAppendTime"));
    }

    [Fact]
    public void Row_25_a_timestamp_further_back_than_the_topic_allows()
    {
        (string, string) hour = ("message.timestamp.before.max.ms", "3600000");
        Refused(ErrorCode.InvalidTimestamp, Batches.Sound(3, NowMs - HourMs - 60_000), config: hour);
        Accepted(Batches.Sound(3, NowMs - HourMs + 60_000), config: hour);
        Accepted(Batches.Sound(3, -1), config: hour);
    }

    [Fact]
    public void Row_25_the_records_count_and_not_what_the_header_says_of_them()
    {
        byte[] lying = Batches.Changed(Batches.Sound(), b => BinaryPrimitives.WriteInt64BigEndian(b[RecordBatch.MaxTimestampAt..], NowMs + (2 * HourMs)));
        byte[] stored = Accepted(lying);
        Assert.Equal(RecordBatch.BaseTimestamp(lying), RecordBatch.MaxTimestamp(stored));
        Assert.True(RecordBatch.CrcMatches(stored));
    }

    [Fact]
    public void Row_25_a_producer_does_not_set_the_time_of_appending()
    {
        byte[] stamped = Batches.Changed(Batches.Sound(), b => b[RecordBatch.AttributesAt + 1] = 8);
        Refused(ErrorCode.InvalidTimestamp, stamped, config: ("message.timestamp.type", "LogAppendTime"));
        Assert.False(RecordBatch.IsLogAppendTime(Accepted(stamped)));
    }

    [Fact]
    public void Row_26_the_repeat_of_one_of_the_last_five_batches()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        long id = client.NewProducerId();
        byte[][] batches = [.. Enumerable.Range(0, 6).Select(i => Batches.Of(id, 0, 2 * i, records: 2))];
        for (int i = 0; i < batches.Length; i++)
        {
            Assert.Equal(new ProduceResult(0, ErrorCode.None, 2 * i), client.Produce(topic, batches[i]));
        }

        for (int i = batches.Length - 1; i > 0; i--)
        {
            Assert.Equal(new ProduceResult(0, ErrorCode.None, 2 * i), client.Produce(topic, batches[i]));
        }

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce(topic, batches[0]).Error);
        Assert.Equal(12, client.Fetch(topic, 0).HighWatermark);
    }

    [Fact]
    public void Row_27_a_gap_in_the_sequences()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        long id = client.NewProducerId();
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Of(id, 0, 0, records: 2)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce(topic, Batches.Of(id, 0, 3)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce(topic, Batches.Of(id, 0, 1)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce(topic, Batches.Of(id, 1, 2)).Error);
        Assert.Equal(2, client.Produce(topic, Batches.Of(id, 0, 2)).BaseOffset);
        Assert.Equal(3, client.Produce(topic, Batches.Of(id, 1, 0)).BaseOffset);
    }

    [Fact]
    public void Row_27_an_unknown_producer_may_begin_with_any_sequence_and_they_start_again_behind_the_largest()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        long id = client.NewProducerId();
        Assert.Equal(0, client.Produce(topic, Batches.Of(id, 5, int.MaxValue - 1, records: 3)).BaseOffset);
        Assert.Equal(0, client.Produce(topic, Batches.Of(id, 5, int.MaxValue - 1, records: 3)).BaseOffset);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce(topic, Batches.Of(id, 5, 0)).Error);
        Assert.Equal(3, client.Produce(topic, Batches.Of(id, 5, 1)).BaseOffset);
    }

    [Fact]
    public void Row_28_an_old_epoch()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        long id = client.NewProducerId();
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Of(id, 1, 0)).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, client.Produce(topic, Batches.Of(id, 0, 0)).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, client.Produce(topic, Batches.Of(id, 0, 1)).Error);
    }

    [Fact]
    public void Row_29_an_internal_topic()
    {
        using TestClient client = broker.Connect();
        // Kafka makes the topic when it is first asked for a coordinator, the engine with the first commit.
        client.Ask<FindCoordinatorRequest, FindCoordinatorResponse>(ApiKey.FindCoordinator, 1, new FindCoordinatorRequest { Key = "row-29" });
        OffsetCommitRequest commit = GroupRequests.Commit("row-29", 1);
        commit.Topics[0].Name = broker.NewTopic(client);
        client.Ask<OffsetCommitRequest, OffsetCommitResponse>(ApiKey.OffsetCommit, 7, commit);
        broker.WaitFor(client, "__consumer_offsets");
        Assert.Equal(ErrorCode.InvalidTopic, client.Produce("__consumer_offsets", Batches.Sound()).Error);
    }

    /// <summary>
    /// The table says 19. Kafka since 4.0 asks for no more replicas than the partition has, and so does the engine: of one replica, one.
    /// </summary>
    [Fact]
    public void Row_30_more_replicas_wanted_in_sync_than_there_are()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client, ("min.insync.replicas", "2"));
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Sound(), acks: -1).Error);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Sound(), acks: 1).Error);
    }

    [Fact]
    public void Sound_batches_of_every_codec_are_stored_as_they_came()
    {
        byte[] plain = Batches.Sound(100);
        foreach (byte[] batch in Codecs.Select(type => Batches.Compressed(plain, type)).Append(plain))
        {
            Assert.Equal(batch[RecordBatch.MagicAt..], Accepted(batch)[RecordBatch.MagicAt..]);
        }
    }

    [Fact]
    public void A_compressed_batch_whose_offsets_do_not_count_up_is_refused()
    {
        byte[] wrong = WrongOffset();
        foreach (CompressionType type in Codecs)
        {
            using TestClient client = broker.Connect();
            Assert.NotEqual(ErrorCode.None, client.Produce(broker.NewTopic(client), Batches.Compressed(wrong, type)).Error);
        }
    }

    [Fact]
    public void Records_that_cannot_be_decompressed_are_refused()
    {
        byte[] sound = Batches.Sound(20);
        foreach (CompressionType type in Codecs)
        {
            byte[] packed = Batches.Compressed(sound, type)[RecordBatch.HeaderBytes..];
            Refused(ErrorCode.UnknownServerError, Batches.WithRecords(sound, "this is no compressed stream at all"u8, type), what: $"{type} garbage");
            Refused(UndecompressableWhenCut(type), Batches.WithRecords(sound, packed.AsSpan(0, packed.Length / 2), type), what: $"{type} cut");
        }
    }

    [Fact]
    public void Producer_ids_are_new_ones_and_transactional_ids_are_checked()
    {
        using TestClient client = broker.Connect();
        long first = client.NewProducerId();
        Assert.NotEqual(first, client.NewProducerId());
        Assert.Equal(ErrorCode.InvalidRequest, client.InitProducerId("", 1000).Error);
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, client.InitProducerId("t", 900_001).Error);
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, client.InitProducerId("t", 0).Error);
        Assert.Equal(ErrorCode.InvalidRequest, client.InitProducerId(null, 1000, producerId: 5).Error);
    }

    [Fact]
    public void Where_timestamps_are_the_brokers_the_answer_says_which()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client, ("message.timestamp.type", "LogAppendTime"));
        long before = NowMs;
        long id = client.NewProducerId();
        byte[] batch = Batches.Of(id, 0, 0, records: 3);
        long answered = client.ProduceForTime(topic, batch);
        Assert.InRange(answered, before, NowMs);
        byte[] stored = client.Fetch(topic, 0).Records;
        Assert.True(RecordBatch.IsLogAppendTime(stored));
        Assert.Equal(answered, RecordBatch.MaxTimestamp(stored));
        Assert.True(RecordBatch.CrcMatches(stored));
        Assert.Equal(answered, client.ProduceForTime(topic, batch));
        Assert.Equal((0L, answered), client.OffsetAt(topic, answered));
        Assert.Equal((-1L, -1L), client.OffsetAt(topic, answered + 1));
    }

    [Fact]
    public void Where_timestamps_are_the_producers_only_a_duplicate_is_answered_with_one()
    {
        using TestClient client = broker.Connect();
        string topic = broker.NewTopic(client);
        byte[] batch = Batches.Of(client.NewProducerId(), 0, 0, records: 3);
        Assert.Equal(-1, client.ProduceForTime(topic, batch));
        Assert.Equal(RecordBatch.MaxTimestamp(batch), client.ProduceForTime(topic, batch));
    }

    private protected static CompressionType[] Codecs { get; } =
        [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];

    /// <summary>The second of three records says that it is the fifth.</summary>
    private protected static byte[] WrongOffset()
    {
        byte[] good = Batches.Sound(3);
        int recordBytes = (good.Length - RecordBatch.HeaderBytes) / 3;

        // Behind length, attributes and timestamp, a byte each.
        return Batches.Changed(good, b => b[RecordBatch.HeaderBytes + recordBytes + 3] = 8);
    }

    private protected abstract void CheckVersion13(byte[]? answer);

    private protected abstract void CheckCompacted(TestClient client, CreatableTopicResult created);

    private protected abstract ErrorCode UndecompressableWhenCut(CompressionType type);

    private protected void Refused(
        ErrorCode expected, byte[] records, short version = ProduceClient.Version, short acks = 1, (string, string)? config = null, string what = "")
    {
        using TestClient client = broker.Connect();
        string topic = config is { } one ? broker.NewTopic(client, one) : broker.NewTopic(client);
        ProduceResult result = client.Produce(topic, records, version, acks);
        Assert.True(expected == result.Error, $"{what}: expected {expected}, was {result.Error}");
        Assert.Equal(-1, result.BaseOffset);
        Assert.Equal(0, client.Fetch(topic, 0).HighWatermark);
    }

    /// <summary>Returns what was stored.</summary>
    private protected byte[] Accepted(byte[] records, short version = ProduceClient.Version, (string, string)? config = null)
    {
        using TestClient client = broker.Connect();
        string topic = config is { } one ? broker.NewTopic(client, one) : broker.NewTopic(client);
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 0), client.Produce(topic, records, version));
        return client.Fetch(topic, 0).Records;
    }
}
