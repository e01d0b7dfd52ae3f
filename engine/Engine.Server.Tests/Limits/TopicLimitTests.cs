using Engine.Wire;

namespace Engine.Server.Tests.Limits;

/// <summary>Past the limits on topics, partitions, waiting fetches and elements of a request.</summary>
public sealed class TopicLimitTests
{
    [Fact]
    public void Topics_and_partitions_past_their_limits_are_refused_by_the_limits_name()
    {
        using LimitedEngine engine = new("topics.max=2", "partitions.max=5");
        using TestClient client = engine.Connect();
        client.CreateTopic("a", 3);
        Assert.Contains("partitions.max is 5", Create(client, "b", 3), StringComparison.Ordinal);
        Assert.Null(Create(client, "b", 1));
        Assert.Contains("topics.max is 2", Create(client, "c", 1), StringComparison.Ordinal);
        CreatePartitionsResponse more = client.Ask<CreatePartitionsRequest, CreatePartitionsResponse>(
            ApiKey.CreatePartitions, 1, new CreatePartitionsRequest { Topics = [new() { Name = "b", Count = 3 }] });
        Assert.Equal(ErrorCode.PolicyViolation, more.Results.Single().Error);
        Assert.Equal(ErrorCode.None, client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 1, new DeleteTopicsRequest { Topics = [new() { Name = "a" }] }).Topics.Single().Error);
        Assert.Null(Create(client, "c", 4));
        engine.AssertLogged("(topics.max is 2)");
        engine.AssertLogged("event=topic-created topic=\"c\" partitions=4");
        engine.AssertLogged("event=topic-deleted topic=\"a\"");
    }

    [Theory]
    [InlineData("fetch.waiters.max=1")]
    [InlineData("fetch.waiters.per.partition.max=1")]
    public async Task A_fetch_that_finds_no_place_to_wait_is_answered_at_its_deadline(string limit)
    {
        using LimitedEngine engine = new(limit);
        using TestClient client = engine.Connect();
        client.CreateTopic("t");
        using TestClient first = engine.Connect();
        using TestClient second = engine.Connect();
        first.SendFetch("t", 0, maxWaitMs: 1_000_000);
        await engine.AssertMetric("engine_fetch_waiters", waiters => waiters == 1);
        second.SendFetch("t", 0, maxWaitMs: 500);
        engine.AssertLogged("fetch.waiters.max");
        Assert.Empty(second.ReadFetch().Records);
        client.Produce("t", TestClient.Batch([1]));
        Assert.NotEmpty(first.ReadFetch().Records);
        await engine.AssertMetric("engine_fetch_waiters", waiters => waiters == 0);
    }

    [Fact]
    public void Waits_that_ended_leave_no_places_taken()
    {
        using LimitedEngine engine = new("fetch.waiters.max=20");
        using TestClient client = engine.Connect();
        client.CreateTopic("t");
        for (int i = 0; i < 100; i++)
        {
            Assert.Empty(client.Fetch("t", 0, maxWaitMs: 1).Records);
        }

        Assert.DoesNotContain("event=limit", engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_of_millions_of_elements_is_refused_whatever_its_length()
    {
        using LimitedEngine engine = new();
        using TestClient client = engine.Connect();
        WireBuffer request = new();
        int start = Frames.BeginRequest(request, ApiKey.Metadata, 0, 1, "test");
        request.WriteInt32(3_000_000);
        request.WriteRaw(new byte[2 * 3_000_000]); // names of no characters
        Frames.End(request, start);
        client.SendRaw(request.Written);
        Assert.Null(client.ReceiveFrame());
        engine.AssertLogged($"more than {WireReader.ElementsMax} elements");
    }

    private static string? Create(TestClient client, string name, int partitions)
    {
        CreatableTopicResult result = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 2, new CreateTopicsRequest
        {
            Topics = [new() { Name = name, PartitionCount = partitions, ReplicationFactor = 1 }],
        }).Topics.Single();
        Assert.Equal(result.ErrorMessage is null ? ErrorCode.None : ErrorCode.PolicyViolation, result.Error);
        return result.ErrorMessage;
    }
}
