namespace Engine.Server.Tests;

/// <summary>One Kafka for the rows below.</summary>
[CollectionDefinition(Name)]
public sealed class OneKafka : ICollectionFixture<KafkaBroker>
{
    public const string Name = "one Kafka";
}
