using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Writes to the topic of the groups' offsets that fail: the commit is answered so, and no acknowledged one is lost.</summary>
public sealed class OffsetsWriteErrorTests : IDisposable
{
    private const string Group = "g";

    private readonly TemporaryDirectory _data = new();

    private string LogFile => Path.Combine(_data.Path, $"{InternalTopics.ConsumerOffsets}-0", "00000000000000000000.log");

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("EIO", false)]
    [InlineData("ENOSPC", true)]
    public void A_commit_that_cannot_be_written_is_refused_and_those_before_it_stay(string error, bool isOver)
    {
        string[] strace = Strace.InjectOrSkip("pwrite64", $"error={error}:when=4", LogFile);
        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic(GroupEngineFixture.Topic);
            for (int offset = 1; offset <= 3; offset++)
            {
                Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit(Group, offset)));
            }

            Assert.Equal(ErrorCode.NotCoordinator, client.Commit(GroupRequests.Commit(Group, 4)));
            Assert.Equal(3, client.Committed(Group).Offset);
            Assert.Equal(isOver ? ErrorCode.None : ErrorCode.NotCoordinator, client.Commit(GroupRequests.Commit(Group, 5)));
            Assert.Equal(isOver ? 5 : 3, client.Committed(Group).Offset);
            Assert.Equal(ErrorCode.None, client.Produce(GroupEngineFixture.Topic, TestClient.Batch([1])).Error);
            engine.Kill();
        }

        GoesOn(expected: isOver ? 5 : 3);
    }

    /// <summary>The topic is made by the first commit.</summary>
    [Theory]
    [InlineData("fsync")]
    [InlineData("rename")]
    public void A_topic_that_cannot_be_made_is_made_by_the_next_commit(string call)
    {
        string[] strace = Strace.InjectOrSkip(call, "error=EIO:when=1", Path.Combine(_data.Path, "topics.json.tmp"));
        using (EngineProcess first = EngineProcess.Start(_data.Path))
        {
            using TestClient client = new(first.EndPoint);
            client.CreateTopic(GroupEngineFixture.Topic);
            Assert.Equal(0, first.Terminate());
        }

        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path))
        {
            using TestClient client = new(engine.EndPoint);
            Assert.Equal(ErrorCode.NotCoordinator, client.Commit(GroupRequests.Commit(Group, 1)));
            Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit(Group, 2)));
            engine.Kill();
        }

        GoesOn(expected: 2);
    }

    private void GoesOn(long expected)
    {
        using EngineProcess engine = EngineProcess.Start(_data.Path);
        using TestClient client = new(engine.EndPoint);
        Assert.Equal(expected, client.Committed(Group).Offset);
        Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit(Group, expected + 1)));
        Assert.Equal(expected + 1, client.Committed(Group).Offset);
        Assert.Equal(0, engine.Terminate());
    }
}
