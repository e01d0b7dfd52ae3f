using System.Text;
using Engine.Wire;

namespace Engine.Server.Tests;

public sealed class ProduceAndFetchTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Every_served_version_of_produce_appends(short version)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        client.Produce(topic, TestClient.Batch("a"u8.ToArray(), "b"u8.ToArray()), version);
        Assert.Equal(2, client.Produce(topic, TestClient.Batch("c"u8.ToArray()), version).BaseOffset);
    }

    [Fact]
    public void What_is_fetched_is_what_was_sent_base_offset_and_leader_epoch_aside()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        byte[][] sent = [.. Enumerable.Range(0, 20).Select(i => TestClient.Batch([.. Enumerable.Range(0, i + 1).Select(j => Encoding.UTF8.GetBytes($"{i}/{j}"))]))];
        foreach (byte[] batch in sent)
        {
            Assert.Equal(ErrorCode.None, client.Produce(topic, batch).Error);
        }

        Fetched fetched = client.Fetch(topic, 0);
        Assert.Equal(sent.Sum(b => RecordBatch.RecordCount(b)), fetched.HighWatermark);
        int at = 0;
        long offset = 0;
        foreach (byte[] batch in sent)
        {
            byte[] stored = fetched.Records[at..(at + batch.Length)];
            Assert.Equal(offset, RecordBatch.BaseOffset(stored));
            Assert.Equal(0, RecordBatch.LeaderEpoch(stored));
            Assert.Equal(batch[RecordBatch.MagicAt..], stored[RecordBatch.MagicAt..]);
            at += batch.Length;
            offset += RecordBatch.RecordCount(batch);
        }

        Assert.Equal(fetched.Records.Length, at);
    }

    [Fact]
    public void Pipelined_requests_are_answered_in_order()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        int[] ids = [.. Enumerable.Range(0, 500).Select(i => client.SendProduce(topic, TestClient.Batch(new byte[i + 1])))];
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(i, client.ReadProduce(ids[i]).BaseOffset);
        }
    }

    [Fact]
    public void Large_and_small_frames_may_follow_each_other()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        int[] sizes = [1, 900_000, 10, 70_000, 65_536, 3, 500_000, 500_000, 1];
        int[] ids = [.. sizes.Select(size => client.SendProduce(topic, TestClient.Batch(new byte[size])))];
        Assert.All(ids, id => Assert.Equal(ErrorCode.None, client.ReadProduce(id).Error));
        byte[] all = [];
        for (long offset = 0; offset < sizes.Length;)
        {
            byte[] records = client.Fetch(topic, offset, maxBytes: 1).Records;
            Assert.Equal(offset, RecordBatch.BaseOffset(records));
            Assert.Equal(RecordBatch.SizeBytes(records), records.Length);
            all = [.. all, .. records];
            offset = RecordBatch.LastOffset(records) + 1;
        }

        Assert.Equal(client.Fetch(topic, 0, maxBytes: 8 << 20).Records, all);
    }

    /// <summary>Answers may wait for those of requests that are there already, and for no others: not for the rest of one that has only begun.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(12)]
    public void Answers_to_long_requests_do_not_wait_for_one_that_is_not_whole(int requests)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        MemoryStream sent = new();
        using TestClient recorder = new(engine.EndPoint) { Sending = bytes => sent.Write(bytes) };
        int half = recorder.SendProduce(topic, TestClient.Batch(new byte[900_000]));
        Assert.Equal(0, recorder.ReadProduce(half).BaseOffset);
        ReadOnlySpan<byte> unfinished = sent.ToArray();

        int[] ids = [.. Enumerable.Range(0, requests).Select(_ => client.SendProduce(topic, TestClient.Batch(new byte[100_000])))];
        client.SendRaw(unfinished[..500_000]);
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(1 + i, client.ReadProduce(ids[i]).BaseOffset);
        }

        client.SendRaw(unfinished[500_000..]);
        Assert.Equal(1 + requests, client.ReadProduce(half).BaseOffset);
    }

    /// <summary>The end of a stream can come before, with and after the look at the bytes before it, and is heard in each case.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(70_000)]
    [InlineData(900_000)]
    public void Requests_whose_client_then_sends_no_more_are_answered_and_the_connection_is_closed(int valueBytes)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        byte[] batch = TestClient.Batch(new byte[valueBytes]);
        for (int i = 0; i < 100; i++)
        {
            using TestClient last = engine.Connect();
            int[] ids = [.. Enumerable.Range(0, i % 4).Select(_ => last.SendProduce(topic, batch))];
            if (i % 3 == 0)
            {
                Thread.SpinWait(20 * i);
            }

            last.FinishSending();
            Assert.All(ids, id => Assert.Equal(ErrorCode.None, last.ReadProduce(id).Error));
            Assert.Null(last.ReceiveFrame());
        }
    }

    [Fact]
    public void A_fetch_at_the_end_waits_and_an_append_on_another_connection_wakes_it()
    {
        using TestClient consumer = engine.Connect();
        using TestClient producer = engine.Connect();
        string topic = engine.NewTopic(producer);
        for (int i = 0; i < 100; i++)
        {
            // Were the wake-up lost, the answer would come only with the maximal wait and be empty.
            consumer.SendFetch(topic, i, maxWaitMs: 60_000);
            Assert.Equal(i, producer.Produce(topic, TestClient.Batch([(byte)i])).BaseOffset);
            Assert.Equal(i, RecordBatch.BaseOffset(consumer.ReadFetch().Records));
        }
    }

    [Fact]
    public void A_fetch_at_the_end_is_answered_empty_never_null_when_its_wait_is_over()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        Fetched fetched = client.Fetch(topic, 0, maxWaitMs: 20);
        Assert.Equal(ErrorCode.None, fetched.Error);
        Assert.Equal(0, fetched.HighWatermark);
        Assert.Empty(fetched.Records);
    }

    [Fact]
    public void A_fetch_waits_until_there_are_as_many_bytes_as_it_asks_for()
    {
        using TestClient consumer = engine.Connect();
        using TestClient producer = engine.Connect();
        string topic = engine.NewTopic(producer);
        byte[] batch = TestClient.Batch(new byte[100]);
        consumer.SendFetch(topic, 0, maxWaitMs: 60_000, minBytes: 3 * batch.Length);
        for (int i = 0; i < 3; i++)
        {
            producer.Produce(topic, batch);
        }

        Assert.Equal(3 * batch.Length, consumer.ReadFetch().Records.Length);
    }

    [Fact]
    public void A_fetch_at_the_end_of_a_segment_does_not_wait_for_bytes_that_go_into_the_next()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, 1, ("segment.bytes", "1048576"));
        byte[] batch = TestClient.Batch(new byte[700_000]);
        client.Produce(topic, batch);
        client.Produce(topic, batch);
        Assert.Equal(batch.Length, client.Fetch(topic, 0, maxWaitMs: int.MaxValue, minBytes: 2 * batch.Length, maxBytes: 4 << 20).Records.Length);

        // One that waits already is answered when the segment ends.
        client.SendFetch(topic, 1, maxWaitMs: int.MaxValue, minBytes: 2 * batch.Length, maxBytes: 4 << 20);
        using TestClient producer = engine.Connect();
        producer.Produce(topic, batch);
        Assert.Equal(batch.Length, client.ReadFetch().Records.Length);
    }

    [Fact]
    public void Without_acknowledgements_nothing_is_answered_and_the_batch_is_there()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        client.SendProduce(topic, TestClient.Batch("x"u8.ToArray()), acks: 0);
        Assert.Equal(1, client.Produce(topic, TestClient.Batch("y"u8.ToArray()), acks: -1).BaseOffset);
    }

    [Fact]
    public void Deleting_a_topic_answers_a_fetch_that_waits_for_it()
    {
        using TestClient consumer = engine.Connect();
        using TestClient admin = engine.Connect();
        string topic = engine.NewTopic(admin);
        consumer.SendFetch(topic, 0, maxWaitMs: 60_000);
        admin.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 7, new MetadataRequest());
        DeleteTopicsResponse deleted = admin.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 3, new DeleteTopicsRequest { Topics = [new() { Name = topic }] });
        Assert.Equal(ErrorCode.None, deleted.Topics.Single().Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, consumer.ReadFetch().Error);
    }

    [Fact]
    public void Many_connections_on_both_loops_share_a_partition()
    {
        using TestClient admin = engine.Connect();
        string topic = engine.NewTopic(admin);
        const int perClient = 200;
        Parallel.For(0, 8, _ =>
        {
            using TestClient client = engine.Connect();
            for (int i = 0; i < perClient; i++)
            {
                Assert.Equal(ErrorCode.None, client.Produce(topic, TestClient.Batch(new byte[50])).Error);
            }
        });
        Assert.Equal(8 * perClient, admin.Fetch(topic, 0).HighWatermark);
    }
}
