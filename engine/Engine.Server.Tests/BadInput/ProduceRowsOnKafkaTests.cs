using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The same rows on Apache Kafka: what fails here is wrong in the rows.</summary>
[Collection(OneKafka.Name)]
public sealed class ProduceRowsOnKafkaTests(KafkaBroker kafka) : ProduceRows(kafka)
{
    private const short UnknownTopicId = 100;

    private protected override void CheckVersion13(byte[]? answer)
    {
        Assert.NotNull(answer);

        // Correlation id, tags, one topic, its id, one partition, its index; then the error.
        Assert.Equal(UnknownTopicId, System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(4 + 1 + 1 + 16 + 1 + 4)));
    }

    private protected override void CheckCompacted(TestClient client, CreatableTopicResult created)
    {
        Assert.Equal(ErrorCode.None, created.Error);
        Broker.WaitFor(client, created.Name);
        Assert.Equal(ErrorCode.InvalidRecord, client.Produce(created.Name, Batches.Sound()).Error);
    }

    private protected override ErrorCode UndecompressableWhenCut(CompressionType type) => ErrorCode.UnknownServerError;
}
