namespace Engine.Server.Tests;

/// <summary>Deadlines of waiting requests, over one connection: each wait has its own, whatever waited before it.</summary>
public sealed class WaitTimersTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public void A_short_wait_behind_a_long_one_that_ended_early_is_answered_at_its_own_deadline()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        using TestClient producer = engine.Connect();

        // The long wait ends by an append, long before its deadline.
        client.SendFetch(topic, 0, maxWaitMs: 120_000, minBytes: 1);
        producer.Produce(topic, TestClient.Batch([1]));
        Assert.NotEmpty(client.ReadFetch().Records);

        // The client would not wait for the deadline of the first.
        client.SendFetch(topic, 1, maxWaitMs: 100, minBytes: 1);
        Assert.Empty(client.ReadFetch().Records);
    }
}
