namespace Engine.Server.Tests;

/// <summary>The rows of offsets on Apache Kafka.</summary>
[Collection(OneKafka.Name)]
public sealed class OffsetRowsOnKafkaTests(KafkaBroker kafka) : OffsetRows(kafka)
{
}
