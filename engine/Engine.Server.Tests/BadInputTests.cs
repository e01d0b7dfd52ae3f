using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>What a misbehaving client gets: the protocol's error, or its connection closed, and nobody else notices.</summary>
public sealed class BadInputTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    public static TheoryData<string, byte[]> Garbage => new()
    {
        { "negative length", [0xff, 0xff, 0xff, 0xff] },
        { "length over the limit", [0x06, 0x40, 0x00, 0x01] },
        { "text", "GET / HTTP/1.1\r\n\r\n"u8.ToArray() },
        { "empty frame", [0, 0, 0, 0] },
        { "unknown API key", Frame(999, 0, []) },
        { "unserved Produce version", Frame(0, 2, []) },
        { "unserved Fetch version", Frame(1, 99, []) },
        { "Metadata that ends early", Frame(3, 1, [0, 0, 0, 5]) },
        { "array of two thousand million topics", Frame(3, 1, [0x7f, 0xff, 0xff, 0xff]) },
        { "negative array length", Frame(3, 1, [0xff, 0xff, 0xff, 0xf0]) },
        { "Produce that ends early", Frame(0, 7, [0xff, 0xff, 0, 1]) },
        { "Fetch that ends early", Frame(1, 11, [0, 0, 0, 1]) },
        { "string over the frame's end", Frame(3, 1, [0, 0, 0, 1, 0x7f, 0xff, 65]) },
        { "bytes left over", Frame(3, 1, [0, 0, 0, 0, 0, 0, 0, 0]) },
    };

    public static TheoryData<string, byte[], ErrorCode> BadBatches
    {
        get
        {
            byte[] good = TestClient.Batch("one"u8.ToArray(), "two"u8.ToArray());
            return new TheoryData<string, byte[], ErrorCode>
            {
                { "no batch", [], ErrorCode.InvalidRecord },
                { "shorter than it says", good[..60], ErrorCode.InvalidRecord },
                { "two batches", [.. good, .. good], ErrorCode.InvalidRecord },
                { "old format", Changed(good, b => b[RecordBatch.MagicAt] = 1), ErrorCode.InvalidRecord },
                { "unknown format", Changed(good, b => b[RecordBatch.MagicAt] = 3), ErrorCode.CorruptMessage },
                { "longer than what is there", Changed(good, b => b[RecordBatch.LengthAt + 3]++), ErrorCode.InvalidRecord },
                { "base offset", Changed(good, b => b[7] = 1), ErrorCode.InvalidRecord },
                { "flipped bit", Changed(good, b => b[^1] ^= 1), ErrorCode.CorruptMessage },
                { "codec 5", Mended(good, b => b[RecordBatch.AttributesAt + 1] = 5), ErrorCode.UnknownServerError },
                { "no records", Mended(good, b => b[RecordBatch.RecordCountAt + 3] = 0), ErrorCode.InvalidRecord },
                { "count and last offset differ", Mended(good, b => b[RecordBatch.LastOffsetDeltaAt + 3] = 7), ErrorCode.InvalidRecord },
                { "control batch", Mended(good, b => b[RecordBatch.AttributesAt + 1] = 0x20), ErrorCode.InvalidRecord },
                { "transactional batch", Mended(good, b => b[RecordBatch.AttributesAt + 1] = 0x10), ErrorCode.TransactionalIdAuthorizationFailed },
                { "producer id without a sequence", Mended(good, b => BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(RecordBatch.ProducerIdAt), 7)), ErrorCode.InvalidRecord },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public void Garbage_closes_its_connection_and_no_other(string what, byte[] bytes)
    {
        using TestClient other = engine.Connect();
        string topic = engine.NewTopic(other);
        using TestClient client = engine.Connect();
        client.SendRaw(bytes);
        Assert.True(client.ReceiveFrame() is null, what);
        Assert.Equal(ErrorCode.None, other.Produce(topic, TestClient.Batch([1])).Error);
    }

    [Fact]
    public void Half_a_frame_and_then_the_end_is_a_closed_connection()
    {
        using TestClient client = engine.Connect();
        client.SendRaw(Frame(3, 1, [0, 0, 0, 0]).AsSpan(0, 9));
        client.FinishSending();
        Assert.Null(client.ReceiveFrame());
        using TestClient other = engine.Connect();
        Assert.NotEmpty(engine.NewTopic(other));
    }

    [Fact]
    public void A_request_in_single_bytes_is_a_request()
    {
        using TestClient client = engine.Connect();
        foreach (byte one in Frame(18, 0, []))
        {
            client.SendRaw([one]);
        }

        Assert.NotNull(client.ReceiveFrame());
    }

    [Theory]
    [MemberData(nameof(BadBatches))]
    public void A_bad_batch_is_refused_and_not_stored(string what, byte[] batch, ErrorCode expected)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        ProduceResult result = client.Produce(topic, batch);
        Assert.True(result.Error == expected, $"{what}: {result.Error}");
        Assert.Equal(-1, result.BaseOffset);
        Assert.Equal(0, client.Fetch(topic, 0).HighWatermark);
    }

    [Fact]
    public void Acks_other_than_none_leader_and_all_are_refused()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        Assert.Equal(ErrorCode.InvalidRequiredAcks, client.Produce(topic, TestClient.Batch([1]), acks: 2).Error);
        Assert.Equal(ErrorCode.InvalidRequiredAcks, client.Produce(topic, TestClient.Batch([1]), acks: -2).Error);
        Assert.Equal(0, client.Fetch(topic, 0).HighWatermark);
    }

    [Fact]
    public void Without_acknowledgements_an_error_closes_the_connection()
    {
        using TestClient client = engine.Connect();
        client.SendProduce("nowhere", TestClient.Batch([1]), acks: 0);
        Assert.Null(client.ReceiveFrame());
    }

    [Fact]
    public void Transactions_and_zstd_in_old_versions_are_refused()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        byte[] zstd = Mended(TestClient.Batch([1]), b => b[RecordBatch.AttributesAt + 1] = 4);
        Assert.Equal(ErrorCode.UnsupportedCompressionType, client.Produce(topic, zstd, version: 6).Error);
        Assert.Equal(ErrorCode.None, client.Produce(topic, zstd, version: 7).Error);
        byte[] transactional = Mended(TestClient.Batch([1]), b => b[RecordBatch.AttributesAt + 1] = 0x10);
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, client.Produce(topic, transactional, transactionalId: "t").Error);
    }

    [Fact]
    public void Batches_over_the_topics_limit_or_its_segments_are_refused()
    {
        using TestClient client = engine.Connect();
        string small = engine.NewTopic(client, 1, ("max.message.bytes", "1000"));
        Assert.Equal(ErrorCode.MessageTooLarge, client.Produce(small, TestClient.Batch(new byte[1000])).Error);
        string segments = engine.NewTopic(client, 1, ("max.message.bytes", "4000000"), ("segment.bytes", "1048576"));
        Assert.Equal(ErrorCode.RecordListTooLarge, client.Produce(segments, TestClient.Batch(new byte[2_000_000])).Error);
    }

    [Fact]
    public void Unknown_topics_partitions_and_offsets_are_named()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        client.Produce(topic, TestClient.Batch([1]));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce("nowhere", TestClient.Batch([1])).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce(topic, TestClient.Batch([1]), partition: 1).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce(topic, TestClient.Batch([1]), partition: -1).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Fetch("nowhere", 0, maxWaitMs: 60_000).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch(topic, 2, maxWaitMs: 60_000).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch(topic, -1, maxWaitMs: 60_000).Error);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, client.Fetch(topic, 0, leaderEpoch: 5).Error);
    }

    private static byte[] Frame(short key, short version, byte[] body)
    {
        byte[] frame = new byte[14 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), -1);
        body.CopyTo(frame, 14);
        return frame;
    }

    private static byte[] Changed(byte[] batch, Action<byte[]> change)
    {
        byte[] changed = [.. batch];
        change(changed);
        return changed;
    }

    private static byte[] Mended(byte[] batch, Action<byte[]> change) => TestClient.Mend(Changed(batch, change));
}
