using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The rows on the engine, with <c>record.validation=full</c>.</summary>
public sealed class ProduceRowsTests(FullValidationBroker engine) : ProduceRows(engine), IClassFixture<FullValidationBroker>
{
    /// <summary>
    /// Kafka stores such a batch when it is not compressed, and its consumers get offsets that are not those of the log. Here nothing of the kind is
    /// stored, compressed or not.
    /// </summary>
    [Fact]
    public void A_batch_whose_offsets_do_not_count_up_is_refused()
    {
        Refused(ErrorCode.InvalidRecord, WrongOffset());
        Refused(ErrorCode.InvalidRecord, Batches.Compressed(WrongOffset(), CompressionType.Gzip));
    }

    /// <summary>13 is not served, so it is not advertised either, and gets what any such version gets.</summary>
    private protected override void CheckVersion13(byte[]? answer) => Assert.Null(answer);

    /// <summary>There is no compaction yet: the topic is refused by the name of the setting.</summary>
    private protected override void CheckCompacted(TestClient client, CreatableTopicResult created)
    {
        Assert.Equal(ErrorCode.InvalidConfig, created.Error);
        Assert.Contains("cleanup.policy", created.ErrorMessage, StringComparison.Ordinal);
    }

    private protected override ErrorCode UndecompressableWhenCut(CompressionType type) => ErrorCode.UnknownServerError;
}
