using System.Diagnostics;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Fetches of what has left the page cache, on an engine with one loop: whoever waits on it is waited for by all.</summary>
public sealed class ColdReadTests
{
    private const int WholeLog = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_cold_log_is_fetched_as_it_was_stored_in_one_slice_and_in_many()
    {
        using ColdEngine engine = new();
        using TestClient client = engine.Connect();
        Assert.Equal(engine.Stored[0], client.Fetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog).Records);
        Assert.True(engine.Gate.Arrived > 0, "nothing was read by a reader");

        engine.Drop(0);
        byte[] piecewise = [.. Enumerable.Range(0, ColdEngine.Batches).SelectMany(offset => client.Fetch(ColdEngine.Topic(0), offset, maxBytes: 1).Records)];
        Assert.Equal(engine.Stored[0], piecewise);
    }

    [Fact]
    public void What_is_in_the_page_cache_is_sent_without_a_reader()
    {
        using ColdEngine engine = new();
        using TestClient client = engine.Connect();
        client.Fetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        int before = engine.Gate.Arrived;
        Assert.Equal(engine.Stored[0], client.Fetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog).Records);

        client.CreateTopic("new");
        client.Produce("new", TestClient.Batch("a"u8.ToArray()));
        Assert.Equal(1, client.Fetch("new", 0).HighWatermark);
        Assert.Equal(before, engine.Gate.Arrived);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void While_a_reader_waits_for_the_disk_the_loop_serves_the_others(int piecesBefore)
    {
        using ColdEngine engine = new();
        using TestClient cold = engine.Connect();
        using TestClient other = engine.Connect();
        other.CreateTopic("other");
        engine.Gate.Shut(piecesBefore);
        cold.SendFetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        cold.TakeIn(piecesBefore * ColdReaders.PieceBytes);
        engine.Gate.WaitForArrivals(piecesBefore + 1);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i, other.Produce("other", TestClient.Batch([(byte)i])).BaseOffset);
            Assert.Equal(i + 1, other.Fetch("other", i).HighWatermark);
        }

        engine.Gate.Open();
        Assert.Equal(engine.Stored[0], cold.ReadFetch().Records);
    }

    [Fact]
    public void Requests_that_follow_on_the_connection_are_answered_behind_the_cold_one()
    {
        using ColdEngine engine = new();
        using TestClient client = engine.Connect();
        client.CreateTopic("other");
        engine.Gate.Shut();
        client.SendFetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        engine.Gate.WaitForArrivals(1);

        // They arrive while the first one waits, and give the connection turns that it cannot use.
        int produced = client.SendProduce("other", TestClient.Batch("a"u8.ToArray()));
        client.SendFetch(ColdEngine.Topic(0), ColdEngine.Batches - 1);
        engine.Gate.Open();
        Assert.Equal(engine.Stored[0], client.ReadFetch().Records);
        Assert.Equal(0, client.ReadProduce(produced).BaseOffset);
        Assert.Equal(engine.Stored[0].Length / ColdEngine.Batches, client.ReadFetch().Records.Length);
    }

    [Fact]
    public void A_fetch_of_cold_data_that_is_too_little_waits_for_more_until_its_time_is_over()
    {
        using ColdEngine engine = new();
        using TestClient client = engine.Connect();
        Stopwatch watch = Stopwatch.StartNew();
        Fetched fetched = client.Fetch(ColdEngine.Topic(0), ColdEngine.Batches - 1, maxWaitMs: 400, minBytes: 1 << 20);
        Assert.Equal(engine.Stored[0].Length / ColdEngine.Batches, fetched.Records.Length);
        Assert.True(watch.ElapsedMilliseconds >= 400, $"it was answered after {watch.ElapsedMilliseconds} ms");

        using TestClient producer = engine.Connect();
        client.SendFetch(ColdEngine.Topic(0), ColdEngine.Batches - 1, maxWaitMs: 25_000, minBytes: 300_000);
        producer.Produce(ColdEngine.Topic(0), TestClient.Batch(new byte[100_000]));
        Assert.True(client.ReadFetch().Records.Length > 300_000);
    }

    [Fact]
    public void Those_who_wait_for_a_reader_stand_in_a_queue_and_leave_it_with_their_connection()
    {
        using ColdEngine engine = new(topics: 3);
        using TestClient first = engine.Connect();
        using TestClient second = engine.Connect();
        using TestClient third = engine.Connect();
        engine.Gate.Shut();
        first.SendFetch(ColdEngine.Topic(0), 0, maxBytes: 1);
        engine.Gate.WaitForArrivals(1);
        second.SendFetch(ColdEngine.Topic(1), 0, maxBytes: 1);
        third.SendFetch(ColdEngine.Topic(2), 0, maxBytes: 1);
        AssertSoon(() => engine.Readers.Waiting == 2);
        second.Dispose();
        AssertSoon(() => engine.Readers.Waiting == 1);
        engine.Gate.Open();
        Assert.Equal(0, RecordBatch.BaseOffset(first.ReadFetch().Records));
        Assert.Equal(0, RecordBatch.BaseOffset(third.ReadFetch().Records));
        Assert.Equal(2, engine.Gate.Arrived);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_connection_and_a_segment_may_go_while_they_are_being_read(int piecesBefore)
    {
        using ColdEngine engine = new();
        TestClient cold = engine.Connect();
        using TestClient other = engine.Connect();
        engine.Gate.Shut(piecesBefore);
        cold.SendFetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        cold.TakeIn(piecesBefore * ColdReaders.PieceBytes);
        engine.Gate.WaitForArrivals(piecesBefore + 1);
        Assert.Equal(ErrorCode.None, other.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 3, new DeleteTopicsRequest { Topics = [new DeletableTopic { Name = ColdEngine.Topic(0) }] }).Topics.Single().Error);
        cold.Dispose();

        // The deleted file is held open for the reader, and by nobody when it has gone.
        Assert.Contains(OpenFiles(), file => file.StartsWith(engine.Folder(0), StringComparison.Ordinal) || file.Contains("deleted", StringComparison.Ordinal));
        engine.Gate.Open();
        AssertSoon(() => !OpenFiles().Any(file => file.Contains($"{ColdEngine.Topic(0)}-0", StringComparison.Ordinal)));
        other.CreateTopic("other");
        Assert.Equal(0, other.Produce("other", TestClient.Batch("a"u8.ToArray())).BaseOffset);
        Assert.DoesNotContain("event=fault", engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_that_is_being_sent_outlives_its_topic()
    {
        using ColdEngine engine = new();
        using TestClient cold = engine.Connect();
        using TestClient other = engine.Connect();
        engine.Gate.Shut(2);
        cold.SendFetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        cold.TakeIn(2 * ColdReaders.PieceBytes);
        engine.Gate.WaitForArrivals(3);
        other.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 3, new DeleteTopicsRequest { Topics = [new DeletableTopic { Name = ColdEngine.Topic(0) }] });
        engine.Gate.Open();
        Assert.Equal(engine.Stored[0], cold.ReadFetch().Records);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, cold.Fetch(ColdEngine.Topic(0), 0).Error);
    }

    [Fact]
    public void A_failed_read_is_answered_where_nothing_was_sent_yet_and_said_once()
    {
        using ColdEngine engine = new(topics: 2);
        using TestClient client = engine.Connect();
        engine.Gate.Break(ColdEngine.Topic(0));
        Fetched failed = client.Fetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        Assert.Equal((ErrorCode.KafkaStorageError, 0), (failed.Error, failed.Records.Length));
        Assert.Equal(engine.Stored[1], client.Fetch(ColdEngine.Topic(1), 0, maxBytes: WholeLog).Records);
        string line = Assert.Single(engine.Log.Split('\n'), l => l.Contains("event=read-failed", StringComparison.Ordinal));
        Assert.Contains($"partition=\"{ColdEngine.Topic(0)}-0\"", line, StringComparison.Ordinal);

        engine.Gate.Break(null);
        Assert.Equal(engine.Stored[0], client.Fetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog).Records);
    }

    [Fact]
    public void A_read_that_fails_inside_an_answer_closes_the_connection_and_is_said_once()
    {
        using ColdEngine engine = new();
        using TestClient client = engine.Connect();
        engine.Gate.Shut(1);
        client.SendFetch(ColdEngine.Topic(0), 0, maxBytes: WholeLog);
        client.TakeIn(ColdReaders.PieceBytes);
        engine.Gate.WaitForArrivals(2);
        engine.Gate.Break(ColdEngine.Topic(0));
        engine.Gate.Open();
        Assert.Null(client.ReceiveFrame());
        using TestClient next = engine.Connect();
        next.CreateTopic("other");
        Assert.Single(engine.Log.Split('\n'), l => l.Contains("event=read-failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_search_by_timestamp_waits_for_a_reader_and_the_loop_does_not()
    {
        using ColdEngine engine = new();
        using TestClient cold = engine.Connect();
        using TestClient other = engine.Connect();
        engine.Gate.Shut();
        cold.SendFetch(ColdEngine.Topic(0), 0, maxBytes: 1);
        engine.Gate.WaitForArrivals(1);
        Task<ListOffsetsResponse> search = Task.Factory.StartNew(
            () => Search(engine), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        AssertSoon(() => engine.Readers.Waiting == 1);
        other.CreateTopic("other");
        Assert.Equal(0, other.Produce("other", TestClient.Batch("a"u8.ToArray())).BaseOffset);
        Assert.False(search.IsCompleted);
        engine.Gate.Open();
        ListOffsetsPartitionResult[] found = [.. (await search).Topics.SelectMany(t => t.Partitions)];
        Assert.Equal([0, -1, ColdEngine.Batches], found.Select(p => p.Offset));
        Assert.Equal([ErrorCode.None, ErrorCode.None, ErrorCode.None], found.Select(p => p.Error));
        cold.ReadFetch();
    }

    private static ListOffsetsResponse Search(ColdEngine engine)
    {
        using TestClient client = engine.Connect();
        return client.Ask<ListOffsetsRequest, ListOffsetsResponse>(ApiKey.ListOffsets, 5, new ListOffsetsRequest
        {
            ReplicaId = -1,
            Topics =
            [
                Wanted(ColdEngine.FirstTimestampMs),
                Wanted(long.MaxValue),
                Wanted(ListOffsetsRequest.Latest),
            ],
        });
    }

    private static ListOffsetsTopic Wanted(long timestampMs) => new()
    {
        Name = ColdEngine.Topic(0),
        Partitions = [new ListOffsetsPartition { Index = 0, Timestamp = timestampMs, CurrentLeaderEpoch = -1 }],
    };

    private static string[] OpenFiles() =>
        [.. Directory.GetFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")];

    private static void AssertSoon(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}
