using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// Writes and flushes of a log that fail, in an engine of its own: what was acknowledged stays, the answer is the protocol's, and a log of which nobody
/// knows what the device holds is offline until the next start.
/// </summary>
public sealed class LogWriteErrorTests : IDisposable
{
    private const string Topic = "t";
    private const string Other = "other";
    private const int ValueBytes = 100_000;

    private readonly TemporaryDirectory _data = new();

    private string LogFile => Path.Combine(_data.Path, $"{Topic}-0", "00000000000000000000.log");

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_write_that_fails_takes_the_log_offline_until_the_next_start()
    {
        string[] strace = Strace.InjectOrSkip("pwrite64", "error=EIO:when=4", LogFile);
        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path))
        {
            using TestClient client = Connect(engine);
            Produce(client, from: 0, count: 3);
            IsOffline(client);
            Assert.True(engine.WaitForLog($"event=log-offline log={Topic}-0"), engine.Errors);
            engine.Kill();
        }

        HoldsAfterRestart(3, 3);
    }

    [Theory]
    [InlineData("ENOSPC")]
    [InlineData("EDQUOT")]
    public void Want_of_room_is_an_error_that_ends_when_there_is_room(string error)
    {
        string[] strace = Strace.InjectOrSkip("pwrite64", $"error={error}:when=4", LogFile);
        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path))
        {
            using TestClient client = Connect(engine);
            Produce(client, from: 0, count: 3);
            ProduceResult refused = client.Produce(Topic, Batch());
            Assert.Equal((ErrorCode.KafkaStorageError, -1L), (refused.Error, refused.BaseOffset));
            Assert.Equal(3, client.Fetch(Topic, 0).HighWatermark);
            Produce(client, from: 3, count: 3);
            Assert.Equal(6, Load.ReadAll(client, Topic, 0).Count);
            engine.Kill();
        }

        HoldsAfterRestart(6, 6);
    }

    /// <summary>After a failure the kernel takes what it could not write for written: the next flush would succeed and mean nothing.</summary>
    [Theory]
    [InlineData("fdatasync", false)]
    [InlineData("fsync", true)]
    public void A_flush_that_fails_once_takes_the_log_offline_until_the_next_start(string call, bool ofFolder)
    {
        string[] strace = Strace.InjectOrSkip(call, "error=EIO:when=1", ofFolder ? Path.GetDirectoryName(LogFile) : LogFile);
        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path))
        {
            using TestClient client = Connect(engine, ("flush.messages", "3"));
            Produce(client, from: 0, count: 2);
            IsOffline(client);
            Assert.True(engine.WaitForLog($"event=log-offline log={Topic}-0"), engine.Errors);
            engine.Kill();
        }

        // The third was not acknowledged. It has been written all the same, and the machine has not lost its power.
        HoldsAfterRestart(2, 3);
    }

    [Fact]
    public void A_short_write_leaves_nothing_of_its_batch()
    {
        using (EngineProcess engine = EngineProcess.StartUnder(WithFileSizeLimit("trap '' XFSZ"), _data.Path))
        {
            using TestClient client = Connect(engine);
            Produce(client, from: 0, count: 3);
            IsOffline(client);
            Assert.Equal(3 * Batch().Length, new FileInfo(LogFile).Length);
            engine.Kill();
        }

        HoldsAfterRestart(3, 3);
    }

    [Fact]
    public void Dead_in_the_middle_of_a_batch_it_cuts_it_at_the_next_start()
    {
        const int limit = 300 * 1024;
        using (EngineProcess engine = EngineProcess.StartUnder(WithFileSizeLimit("ulimit -c 0"), _data.Path))
        {
            using TestClient client = Connect(engine);
            Produce(client, from: 0, count: 3);

            // The kernel writes what is within the limit, and ends the process when it asks for the rest.
            client.SendProduce(Topic, Batch());
            Assert.True(engine.WaitForExit());
            Assert.Equal(limit, new FileInfo(LogFile).Length);
        }

        HoldsAfterRestart(3, 3, said: $"cut at position {3 * Batch().Length} (offset 3)");
    }

    [Fact]
    public void A_full_disk_ends_when_there_is_room()
    {
        using SmallFilesystem disk = SmallFilesystem.MountOrSkip(16);
        string filler = Path.Combine(disk.Path, "filler");
        string data = Path.Combine(disk.Path, "data");
        File.WriteAllBytes(filler, new byte[8 << 20]);
        long end = 0;
        using (EngineProcess engine = EngineProcess.Start(data))
        {
            using TestClient client = Connect(engine);
            ProduceResult result;
            while ((result = client.Produce(Topic, Batch())).Error == ErrorCode.None)
            {
                Assert.Equal(end++, result.BaseOffset);
            }

            Assert.Equal(ErrorCode.KafkaStorageError, result.Error);
            Assert.Equal(ErrorCode.KafkaStorageError, client.Produce(Topic, Batch()).Error);
            File.Delete(filler);
            Produce(client, from: (int)end, count: 20);
            Assert.Equal(end + 20, Load.ReadAll(client, Topic, 0).Count);
            engine.Kill();
        }

        using EngineProcess again = EngineProcess.Start(data);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(end + 20, Load.ReadAll(reader, Topic, 0).Count);
        Produce(reader, from: (int)end + 20, count: 1);
        Assert.Equal(0, again.Terminate());
    }

    private static byte[] Batch() => TestClient.Batch(new byte[ValueBytes]);

    /// <summary>The fourth batch does not fit into the largest file. The runtime's own trick with executable memory makes larger ones.</summary>
    private static string[] WithFileSizeLimit(string first) =>
        ["/bin/bash", "-c", $"{first}; ulimit -f 300; export DOTNET_EnableWriteXorExecute=0; exec \"$@\"", "bash"];

    private static TestClient Connect(EngineProcess engine, params (string Name, string Value)[] config)
    {
        TestClient client = new(engine.EndPoint);
        client.CreateTopic(Topic, 1, config);
        client.CreateTopic(Other);
        return client;
    }

    private static void Produce(TestClient client, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            Assert.Equal(new ProduceResult(0, ErrorCode.None, i), client.Produce(Topic, Batch()));
        }
    }

    /// <summary>The next append fails, and then everything does; other logs go on.</summary>
    private static void IsOffline(TestClient client)
    {
        for (int i = 0; i < 3; i++)
        {
            ProduceResult refused = client.Produce(Topic, Batch());
            Assert.Equal((ErrorCode.KafkaStorageError, -1L), (refused.Error, refused.BaseOffset));
            Assert.Equal(ErrorCode.KafkaStorageError, client.Fetch(Topic, 0).Error);
            Assert.Equal(new ProduceResult(0, ErrorCode.None, i), client.Produce(Other, Batch()));
        }

        Assert.Equal(3, Load.ReadAll(client, Other, 0).Count);
    }

    private void HoldsAfterRestart(int atLeast, int atMost, string said = "")
    {
        using EngineProcess engine = EngineProcess.Start(_data.Path);
        using TestClient client = new(engine.EndPoint);
        int found = Load.ReadAll(client, Topic, 0).Count;
        Assert.InRange(found, atLeast, atMost);
        Produce(client, from: found, count: 2);
        Assert.True(engine.WaitForLog(said), engine.Errors);
        Assert.Equal(0, engine.Terminate());
    }
}
