using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The rows of administration on the engine, and what it refuses that Kafka can do.</summary>
public sealed class AdminRowsTests(FullValidationBroker engine) : AdminRows(engine), IClassFixture<FullValidationBroker>
{
    /// <summary>Settings that exist in Kafka and have no effect here are not taken, lest somebody relies on them.</summary>
    [Theory]
    [InlineData("cleanup.policy", "compact")]
    [InlineData("cleanup.policy", "compact,delete")]
    [InlineData("compression.type", "gzip")]
    [InlineData("preallocate", "true")]
    [InlineData("remote.storage.enable", "true")]
    public void Settings_of_Kafka_that_the_engine_does_not_honour_are_refused_by_name(string name, string value)
    {
        using TestClient client = Broker.Connect();
        CreatableTopicResult created = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 5, new CreateTopicsRequest
        {
            Topics = [new() { Name = Broker.UnusedName(), PartitionCount = 1, ReplicationFactor = 1, Configs = [new() { Name = name, Value = value }] }],
        }).Topics.Single();
        Assert.Equal(ErrorCode.InvalidConfig, created.Error);
        Assert.Contains(name, created.ErrorMessage, StringComparison.Ordinal);
        string topic = Broker.NewTopic(client);
        Assert.Equal(ErrorCode.InvalidConfig, Alter(client, topic, (name, AlterConfigOperation.Set, value)));
    }
}
