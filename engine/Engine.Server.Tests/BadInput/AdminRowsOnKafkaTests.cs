namespace Engine.Server.Tests;

/// <summary>The rows of administration on Apache Kafka.</summary>
[Collection(OneKafka.Name)]
public sealed class AdminRowsOnKafkaTests(KafkaBroker kafka) : AdminRows(kafka)
{
}
