using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>What was acknowledged to groups survives the death of the process.</summary>
public sealed class GroupProcessTests : IDisposable
{
    private static readonly string[] Settings =
    [
        "--set", "group.initial.rebalance.delay.ms=0", "--set", "offsets.topic.segment.bytes=1048576", "--set", "log.retention.bytes=1",
    ];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task After_kill_9_every_acknowledged_commit_is_there_and_members_go_on()
    {
        string member;
        using (EngineProcess engine = EngineProcess.Start(_data.Path, Settings))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic(GroupEngineFixture.Topic);
            member = client.JoinAlone("g");
            for (int offset = 1; offset <= 200; offset++)
            {
                Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit("g", offset, member, 1)));
            }

            Assert.Equal(1, await engine.ReadMetric("engine_groups"));
            engine.Kill();
        }

        using EngineProcess again = EngineProcess.Start(_data.Path, Settings);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(200, reader.Committed("g").Offset);
        Assert.Equal(ErrorCode.None, reader.Heartbeat("g", member, 1));
        Assert.Equal(ErrorCode.None, reader.Commit(GroupRequests.Commit("g", 201, member, 1)));
        Assert.Equal(ErrorCode.IllegalGeneration, reader.Commit(GroupRequests.Commit("g", 202, member, 2)));
        Assert.Equal(201, reader.Committed("g").Offset);
    }

    [Fact]
    public void Damaged_below_the_recovery_point_the_log_of_offsets_refuses_the_start_and_is_named()
    {
        using (EngineProcess engine = EngineProcess.Start(_data.Path, Settings))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic(GroupEngineFixture.Topic);
            Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit("g", 7)));
            Assert.Equal(0, engine.Terminate());
        }

        string file = Path.Combine(_data.Path, "__consumer_offsets-0", "00000000000000000000.log");
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..^10]);
        File.Delete(Path.Combine(_data.Path, ".kafka_cleanshutdown"));
        File.WriteAllText(Path.Combine(_data.Path, "recovery-point-offset-checkpoint"), "0\n1\n__consumer_offsets 0 1\n");
        (int exit, string errors) = EngineProcess.Run("--data", _data.Path, "--listen", "127.0.0.1:0");
        Assert.Equal(5, exit);
        Assert.Contains("engine: what groups have committed cannot be read: __consumer_offsets-0: ", errors, StringComparison.Ordinal);
        Assert.Contains(file, errors, StringComparison.Ordinal);

        File.WriteAllBytes(file, whole);
        using EngineProcess again = EngineProcess.Start(_data.Path, Settings);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(7, reader.Committed("g").Offset);
    }

    [Fact]
    public void Killed_amid_commits_and_compactions_no_acknowledged_offset_goes_back()
    {
        const int groups = 20;
        long[] acknowledged = new long[groups];
        for (int life = 0; life < 3; life++)
        {
            using EngineProcess engine = EngineProcess.Start(_data.Path, Settings);
            using TestClient client = new(engine.EndPoint);
            if (life == 0)
            {
                client.CreateTopic(GroupEngineFixture.Topic);
            }

            for (int g = 0; g < groups; g++)
            {
                Assert.InRange(client.Committed($"g{g}").Offset, acknowledged[g] == 0 ? -1 : acknowledged[g], acknowledged[g] + 1);
            }

            string metadata = new('m', 4000);
            for (int i = 0; i < 40 * groups; i++)
            {
                int g = i % groups;
                Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit($"g{g}", acknowledged[g] + 1, metadata: metadata)));
                acknowledged[g]++;
            }

            Assert.True(engine.WaitForLog("event=offsets-compacted"), engine.Errors);

            // One more is on its way when the end comes: it is there or it is not.
            client.Send(ApiKey.OffsetCommit, 7, GroupRequests.Commit("g0", acknowledged[0] + 1, metadata: metadata));
            engine.Kill();
        }
    }
}
