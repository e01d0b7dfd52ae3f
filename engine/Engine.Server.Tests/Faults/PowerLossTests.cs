using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The machine loses its power: what a flush covered is there afterwards, and the log opens clean whatever is not.</summary>
public sealed class PowerLossTests
{
    private const int FilesystemMebibytes = 256;
    private const int FlushEvery = 10;

    private static readonly string[] Settings = ["--set", "log.segment.bytes=1048576", "--set", "log.flush.offset.checkpoint.interval.ms=50"];

    /// <summary>One round in the ordinary tests, and twenty in the long ones.</summary>
    public static IEnumerable<TheoryDataRow<int, int>> Rounds() =>
        [new TheoryDataRow<int, int>(1, 1), .. Enumerable.Range(2, 4).Select(seed => new TheoryDataRow<int, int>(seed, 5).WithTrait("Category", "Long"))];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void With_a_flush_for_each_message_nothing_acknowledged_is_lost(int seed, int losses)
    {
        using LoopFilesystem disk = LoopFilesystem.MountOrSkip(FilesystemMebibytes);
        string data = Path.Combine(disk.Path, "data");
        Random random = new(seed);
        Load load = new(seed);
        for (int loss = 0; loss < losses; loss++)
        {
            using EngineProcess engine = EngineProcess.Start(data, Settings);
            if (loss == 0)
            {
                Load.CreateTopic(engine.EndPoint, ("flush.messages", "1"));
            }

            load.Check(engine.EndPoint);
            load.Begin(engine.EndPoint);
            load.WaitForMore(random.Next(1, 100));
            load.LosePower(disk);
            engine.Kill();
            load.End(allowed: ErrorCode.KafkaStorageError);
            disk.Restart();
        }

        using EngineProcess last = EngineProcess.Start(data, Settings);
        load.Check(last.EndPoint);
        load.Finish(last.EndPoint);
        load.Check(last.EndPoint);
        Assert.Equal(0, last.Terminate());
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Without_one_only_what_was_not_flushed_is_lost(int seed, int losses)
    {
        using LoopFilesystem disk = LoopFilesystem.MountOrSkip(FilesystemMebibytes);
        string data = Path.Combine(disk.Path, "data");
        Random random = new(seed);
        long end = 0;
        for (int loss = 0; loss < losses; loss++)
        {
            using EngineProcess engine = EngineProcess.Start(data, Settings);
            using TestClient client = new(engine.EndPoint);
            if (loss == 0)
            {
                client.CreateTopic("flushed", 1, ("flush.messages", $"{FlushEvery}"));
                client.CreateTopic("loose");
            }

            // One at a time. As soon as ten are not flushed, an acknowledgement waits until they are.
            int batches = random.Next(FlushEvery, 500);
            for (int i = 0; i < batches; i++)
            {
                Assert.Equal(end++, Produce(client, "flushed"));
                Assert.True(Produce(client, "loose") >= 0);
            }

            disk.LosePower();
            engine.Kill();
            disk.Restart();
            long found = EndAfterRestart(data, "flushed");
            Assert.InRange(found, end - FlushEvery + 1, end);
            end = found;
        }
    }

    /// <summary>As in Kafka, the broker's own topic is flushed as often as the others.</summary>
    [Fact]
    public void With_a_flush_for_each_message_no_acknowledged_commit_is_lost()
    {
        using LoopFilesystem disk = LoopFilesystem.MountOrSkip(FilesystemMebibytes);
        string data = Path.Combine(disk.Path, "data");
        string[] settings = ["--set", "log.flush.interval.messages=1"];
        using (EngineProcess engine = EngineProcess.Start(data, settings))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic(GroupEngineFixture.Topic);
            for (int offset = 1; offset <= 20; offset++)
            {
                Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit("g", offset)));
            }

            disk.LosePower();
            engine.Kill();
            disk.Restart();
        }

        using EngineProcess again = EngineProcess.Start(data, settings);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(20, reader.Committed("g").Offset);
        Assert.Equal(0, again.Terminate());
    }

    /// <summary>What a compaction writes is flushed before what it replaces goes, whatever the flush settings say.</summary>
    [Fact]
    public void A_commit_that_a_compaction_has_written_again_is_not_lost()
    {
        using LoopFilesystem disk = LoopFilesystem.MountOrSkip(FilesystemMebibytes);
        string data = Path.Combine(disk.Path, "data");
        string[] settings = ["--set", "offsets.topic.segment.bytes=1048576", "--set", "log.flush.offset.checkpoint.interval.ms=20"];
        using (EngineProcess engine = EngineProcess.Start(data, settings))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic(GroupEngineFixture.Topic);
            Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit("first", 7)));
            string metadata = new('m', 4000);
            for (int offset = 1; !engine.Errors.Contains("event=offsets-compacted", StringComparison.Ordinal); offset++)
            {
                Assert.InRange(offset, 1, 100_000);
                Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit("g", offset, metadata: metadata)));
            }

            disk.LosePower();
            engine.Kill();
            disk.Restart();
        }

        using EngineProcess again = EngineProcess.Start(data, settings);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(7, reader.Committed("first").Offset);
        Assert.Equal(0, again.Terminate());
    }

    /// <summary>One record; the offset that it was given.</summary>
    private static long Produce(TestClient client, string topic)
    {
        ProduceResult result = client.Produce(topic, TestClient.Batch(new byte[1000]));
        Assert.Equal(ErrorCode.None, result.Error);
        return result.BaseOffset;
    }

    /// <summary>Both topics are whole as far as they go; the engine is stopped again.</summary>
    private static long EndAfterRestart(string data, string topic)
    {
        using EngineProcess engine = EngineProcess.Start(data, Settings);
        using TestClient client = new(engine.EndPoint);
        Load.ReadAll(client, "loose", 0);
        long end = Load.ReadAll(client, topic, 0).Count;
        Assert.Equal(0, engine.Terminate());
        return end;
    }
}
