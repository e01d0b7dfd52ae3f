using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Acknowledgements that wait for the device, over the wire.</summary>
public sealed class FlushOnProduceTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private static readonly (string, string) FlushEach = ("flush.messages", "1");

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void Every_version_is_answered_as_without_a_flush(short version)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 1, FlushEach);
        for (int i = 0; i < 5; i++)
        {
            ProduceResult result = client.Produce(topic, TestClient.Batch([(byte)i]), version);
            Assert.Equal((ErrorCode.None, (long)i), (result.Error, result.BaseOffset));
        }

        Assert.Equal(5, client.Fetch(topic, 0).HighWatermark);
    }

    [Fact]
    public void Pipelined_requests_are_answered_in_order()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 1, ("flush.messages", "3"));
        int[] ids = [.. Enumerable.Range(0, 200).Select(i => client.SendProduce(topic, TestClient.Batch(new byte[i + 1])))];
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(i, client.ReadProduce(ids[i]).BaseOffset);
        }
    }

    [Fact]
    public async Task Many_producers_are_all_answered()
    {
        using TestClient first = engine.Connect();
        string topic = engine.NewTopic(first, 1, FlushEach);
        long[][] offsets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() =>
        {
            using TestClient client = engine.Connect();
            return Enumerable.Range(0, 20).Select(i => client.Produce(topic, TestClient.Batch([(byte)i])).BaseOffset).ToArray();
        })));
        Assert.All(offsets, own => Assert.Equal(own.Order(), own));
        Assert.Equal(Enumerable.Range(0, 400).Select(i => (long)i), offsets.SelectMany(own => own).Order());
    }

    [Fact]
    public void A_request_for_several_partitions_waits_for_each()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 3, FlushEach);
        byte[][] batches = [.. Enumerable.Range(0, 3).Select(i => TestClient.Batch([(byte)i]))];
        Assert.Equal([(0, ErrorCode.None), (1, ErrorCode.None), (2, ErrorCode.None)], client.ProduceMany(topic, batches));
        FailingFile.MakeFlushFail(engine.LogFile(topic, 1));
        Assert.Equal([(0, ErrorCode.None), (1, ErrorCode.KafkaStorageError), (2, ErrorCode.None)], client.ProduceMany(topic, batches));
        Assert.Equal([(0, ErrorCode.None), (1, ErrorCode.KafkaStorageError), (2, ErrorCode.None)], client.ProduceMany(topic, batches));
        Assert.Equal(3, client.Fetch(topic, 0, partition: 2).HighWatermark);
    }

    [Fact]
    public void Without_acknowledgements_nobody_waits()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 1, FlushEach);
        client.SendProduce(topic, TestClient.Batch([1]), acks: 0);
        Assert.Equal(1, client.Produce(topic, TestClient.Batch([2])).BaseOffset);
    }

    [Fact]
    public void A_flush_that_fails_is_the_answer_and_the_end_of_the_log()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 1, ("flush.messages", "2"));
        string other = engine.NewTopic(client, 1, FlushEach);
        client.Produce(topic, TestClient.Batch([1], [2]));
        FailingFile.MakeFlushFail(engine.LogFile(topic, 0));

        // The first is not to be flushed yet. The second has been written and nobody knows whether it will stay.
        Assert.Equal(ErrorCode.None, client.Produce(topic, TestClient.Batch([3])).Error);
        ProduceResult failed = client.Produce(topic, TestClient.Batch([4]));
        Assert.Equal((ErrorCode.KafkaStorageError, -1L), (failed.Error, failed.BaseOffset));
        Assert.Equal(ErrorCode.KafkaStorageError, client.Produce(topic, TestClient.Batch([5])).Error);
        Assert.Equal(ErrorCode.KafkaStorageError, client.Fetch(topic, 0).Error);
        Assert.Equal(ErrorCode.KafkaStorageError, client.Ask<ListOffsetsRequest, ListOffsetsResponse>(ApiKey.ListOffsets, 5, new ListOffsetsRequest
        {
            Topics = [new ListOffsetsTopic { Name = topic, Partitions = [new ListOffsetsPartition { Timestamp = ListOffsetsRequest.Latest }] }],
        }).Topics.Single().Partitions.Single().Error);
        Assert.Equal(ErrorCode.None, client.Produce(other, TestClient.Batch([1])).Error);
        string line = Assert.Single(engine.Log.Split('\n'), l => l.Contains($"event=log-offline log={topic}-0 "));
        Assert.Contains(" error ", line);
        Assert.Contains("fdatasync", line);
    }

    [Fact]
    public void A_batch_that_is_unpacked_first_waits_for_its_flush_afterwards()
    {
        using TemporaryDirectory data = new();
        using EngineProcess process = EngineProcess.Start(data.Path, "--set", "record.validation=full", "--set", "log.flush.interval.messages=1");
        using TestClient client = new(process.EndPoint);
        client.CreateTopic("t");
        byte[] packed = Batches.Compressed(Batches.Sound(5), CompressionType.Gzip);
        int records = RecordBatch.RecordCount(packed);
        for (int i = 0; i < 20; i++)
        {
            ProduceResult result = client.Produce("t", i % 2 == 0 ? packed : TestClient.Batch([1]));
            Assert.Equal((ErrorCode.None, (long)((i / 2 * (records + 1)) + (i % 2 * records))), (result.Error, result.BaseOffset));
        }

        Assert.Equal(0, process.Terminate());
        Assert.Equal($"0\n1\nt 0 {10 * (records + 1)}\n", File.ReadAllText(Path.Combine(data.Path, "recovery-point-offset-checkpoint")));
    }
}
