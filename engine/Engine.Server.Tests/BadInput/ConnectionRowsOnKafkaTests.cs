namespace Engine.Server.Tests;

/// <summary>The rows of connections on Apache Kafka: what fails here is wrong in the rows.</summary>
[Collection(OneKafka.Name)]
public sealed class ConnectionRowsOnKafkaTests(KafkaBroker kafka) : ConnectionRows(kafka)
{
}
