using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The rows on the engine, with <c>record.validation=full</c>.</summary>
public sealed class ProduceRowsTests(FullValidationBroker engine) : ProduceRows(engine), IClassFixture<FullValidationBroker>
{
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
