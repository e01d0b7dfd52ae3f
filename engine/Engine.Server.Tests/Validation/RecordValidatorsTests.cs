using System.IO.Compression;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Compressed batches on their way through the threads that unpack them.</summary>
public sealed class RecordValidatorsTests(FullValidationBroker engine) : IClassFixture<FullValidationBroker>
{
    [Fact]
    public void Pipelined_requests_are_answered_in_order_whether_they_wait_for_an_unpacker_or_not()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        int[] ids = [.. Enumerable.Range(0, 300).Select(i => client.SendProduce(topic, Mixed(i, records: 1)))];
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(new ProduceResult(0, ErrorCode.None, i), client.ReadProduce(ids[i]));
        }
    }

    [Fact]
    public void Many_connections_share_the_unpackers()
    {
        using TestClient admin = engine.Connect();
        string topic = engine.NewTopic(admin);
        Parallel.For(0, 8, n =>
        {
            using TestClient client = engine.Connect();
            for (int i = 0; i < 60; i++)
            {
                Assert.Equal(ErrorCode.None, client.Produce(topic, Mixed(n + i, records: 20)).Error);
            }
        });
        Assert.Equal(8 * 60 * 20, admin.Fetch(topic, 0).HighWatermark);
    }

    [Fact]
    public void One_request_may_hold_batches_of_every_kind()
    {
        using TestClient client = engine.Connect();
        string topic = engine.UnusedName();
        client.CreateTopic(topic, 6);
        byte[][] batches = [Mixed(0, 3), Mixed(1, 3), [], Mixed(2, 3), Batches.Spoiled(Mixed(3, 3), b => b[^1] ^= 1), Mixed(2, 3), Mixed(1, 3)];
        (int Partition, ErrorCode Error)[] answers = client.ProduceMany(topic, batches);
        Assert.Equal(
            [
                (0, ErrorCode.None), (1, ErrorCode.None), (2, ErrorCode.InvalidRecord), (3, ErrorCode.None), (4, ErrorCode.CorruptMessage),
                (5, ErrorCode.None), (6, ErrorCode.UnknownTopicOrPartition),
            ],
            answers);
    }

    [Fact]
    public void What_a_batch_unpacks_to_is_never_in_memory_beyond_the_limit()
    {
        const int limit = 1_000_000;
        using RecordUnpacker unpacker = new(limit, RecordCodec.Create);
        byte[] zeros = Batches.Sound(1, valueBytes: 100_000_000);
        foreach (CompressionType type in new[] { CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd })
        {
            byte[] bomb = Batches.Compressed(zeros, type);
            LogConfig config = new() { MaxMessageBytes = int.MaxValue };
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(ErrorCode.MessageTooLarge, unpacker.Validate(bomb, config, 0).Error);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 * limit);
        }
    }

    [Fact]
    public void A_codec_whose_library_is_missing_is_named_with_its_package_and_the_others_work()
    {
        int asked = 0;
        using RecordUnpacker unpacker = new(1_000_000, type => type == CompressionType.Zstd && ++asked > 0
            ? throw new MissingCodecException(type, "libzstd.so.1", "libzstd1")
            : RecordCodec.Create(type));
        byte[] sound = Batches.Sound(3, 0);
        for (int i = 0; i < 2; i++)
        {
            BatchVerdict verdict = unpacker.Validate(Batches.Compressed(sound, CompressionType.Zstd), LogConfig.Default, 0);
            Assert.Equal(ErrorCode.UnsupportedCompressionType, verdict.Error);
            Assert.Contains("libzstd1", verdict.Message, StringComparison.Ordinal);
            Assert.Equal(ErrorCode.None, unpacker.Validate(Batches.Compressed(sound, CompressionType.Gzip), LogConfig.Default, 0).Error);
        }

        Assert.Equal(1, asked);
    }

    [Fact]
    public void A_batch_that_unpacks_to_more_than_the_limit_is_refused()
    {
        using BombedBroker small = new();
        using TestClient client = small.Connect();
        string topic = small.NewTopic(client);
        byte[] sound = Batches.Sound(1, valueBytes: 100_000);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Compressed(sound, CompressionType.Gzip)).Error);
        Assert.Equal(ErrorCode.MessageTooLarge, client.Produce(topic, Batches.WithRecords(sound, GzippedZeros(900 << 20), CompressionType.Gzip)).Error);
        byte[] zeros = Batches.Sound(1, valueBytes: 4_000_000);
        foreach (CompressionType type in new[] { CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd })
        {
            byte[] bomb = Batches.Compressed(zeros, type);
            Assert.True(bomb.Length < 1_000_000);
            Assert.Equal(ErrorCode.MessageTooLarge, client.Produce(topic, bomb).Error);
        }

        Assert.Equal(1, client.Fetch(topic, 0).HighWatermark);
    }

    [Fact]
    public void A_request_takes_effect_though_its_sender_is_gone_before_it_is_unpacked()
    {
        using TestClient admin = engine.Connect();
        string topic = engine.NewTopic(admin);
        byte[] batch = Batches.Compressed(Batches.Sound(20_000), CompressionType.Gzip);
        for (int i = 0; i < 5; i++)
        {
            using TestClient client = engine.Connect();
            client.SendProduce(topic, batch, acks: 0);
            client.FinishSending();
        }

        Assert.True(SpinWait.SpinUntil(() => admin.Fetch(topic, 0).HighWatermark == 5 * 20_000, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Connections_that_break_while_their_batches_are_unpacked_spoil_nothing()
    {
        using TestClient admin = engine.Connect();
        string topic = engine.NewTopic(admin);
        byte[] batch = Batches.Compressed(Batches.Sound(20_000), CompressionType.Lz4);
        Parallel.For(0, 40, _ =>
        {
            using TestClient client = engine.Connect();
            client.SendProduce(topic, batch);
            client.SendProduce(topic, batch);
        });
        for (long offset = 0; offset < admin.Fetch(topic, 0).HighWatermark; offset += 20_000)
        {
            byte[] stored = admin.Fetch(topic, offset, maxBytes: 1).Records;
            Assert.Equal(offset, RecordBatch.BaseOffset(stored));
            Assert.Equal(BatchFault.None, RecordBatch.Check(stored));
        }

        Assert.Equal(ErrorCode.None, admin.Produce(topic, batch).Error);
    }

    private static byte[] Mixed(int i, int records)
    {
        byte[] plain = Batches.Sound(records);
        return i % 5 == 0 ? plain : Batches.Compressed(plain, (CompressionType)(i % 5));
    }

    private static byte[] GzippedZeros(int bytes)
    {
        using MemoryStream into = new();
        using (GZipStream gzip = new(into, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] zeros = new byte[1 << 20];
            for (int done = 0; done < bytes; done += zeros.Length)
            {
                gzip.Write(zeros);
            }
        }

        return into.ToArray();
    }

    private sealed class BombedBroker() : EngineBroker(("record.validation", "full"), ("record.validation.unpacked.max.bytes", "1000000"))
    {
    }
}
