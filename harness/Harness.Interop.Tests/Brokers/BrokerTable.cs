namespace Harness.Interop.Tests.Brokers;

/// <summary>What the clients are tested against. What fails on Apache Kafka is the test's fault.</summary>
internal static class BrokerTable
{
    public const string Engine = "engine";
    public const string Kafka = "kafka";

    /// <summary>Beside these, the engine with settings: <c>engine+technique.log=scattered</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [Engine, Kafka];
}
