using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>What clients see of an engine that stores record by record.</summary>
public sealed class RecordBatchingTests(RecordBatchingBroker broker) : IClassFixture<RecordBatchingBroker>
{
    [Fact]
    public void Producers_are_answered_as_by_one_that_stores_batches()
    {
        using TestClient client = new(broker.EndPoint);
        string topic = broker.UnusedName();
        client.CreateTopic(topic);
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 0), client.Produce(topic, Batches.Sound(records: 3)));
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 3), client.Produce(topic, Batches.Of(5, 0, 0, records: 4)));
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 3), client.Produce(topic, Batches.Of(5, 0, 0, records: 4)));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce(topic, Batches.Of(5, 0, 5)).Error);
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 7), client.Produce(topic, Batches.Of(5, 0, 4)));
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Lz4)]
    public void Compressed_batches_are_refused_and_nothing_of_them_is_stored(CompressionType type)
    {
        using TestClient client = new(broker.EndPoint);
        string topic = broker.UnusedName();
        client.CreateTopic(topic);
        Assert.Equal(ErrorCode.UnsupportedCompressionType, client.Produce(topic, Batches.Compressed(Batches.Sound(3), type)).Error);
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 0), client.Produce(topic, Batches.Sound()));
    }

    [Fact]
    public void Malformed_records_are_refused_though_validation_is_by_batch()
    {
        using TestClient client = new(broker.EndPoint);
        string topic = broker.UnusedName();
        client.CreateTopic(topic);
        byte[] batch = Batches.Sound(3);
        byte[] records = batch[RecordBatch.HeaderBytes..];
        records[^1] = 0x7E;
        Assert.Equal(ErrorCode.InvalidRecord, client.Produce(topic, Batches.WithRecords(batch, records, CompressionType.None)).Error);
        Assert.Equal(new ProduceResult(0, ErrorCode.None, 0), client.Produce(topic, Batches.Sound()));
    }

    [Fact]
    public void Another_word_is_refused_with_those_that_are_taken()
    {
        ConfigException refused = Assert.Throws<ConfigException>(() => ServerConfig.Default.With("technique.batching", "none", "--set"));
        Assert.Contains("batch or record", refused.Message, StringComparison.Ordinal);
        ServerSetting described = ServerConfig.Default.With("technique.batching", "record", "--set").Describe().Single(s => s.Name == "technique.batching");
        Assert.Equal(("record", "batch", true), (described.Value, described.Default, described.IsGiven));
    }
}

/// <summary>Stores every record on its own.</summary>
public sealed class RecordBatchingBroker() : EngineBroker(("technique.batching", "record"));
