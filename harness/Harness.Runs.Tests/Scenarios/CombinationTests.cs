using Harness.Runs.Scenarios;

namespace Harness.Runs.Tests.Scenarios;

public sealed class CombinationTests
{
    [Theory]
    [InlineData("producers.batch", "128B", "message.size", "100B", "producers.batch: 128B cannot hold one message of 100B; allowed: at least 170B")]
    [InlineData("message.size", "600KB", "seed", "1", "message.size: 512KiB cannot hold one message of 600KB")]
    [InlineData("producers.batch", "2MiB", "seed", "1", "producers.batch: 2MiB is more than the broker takes in a batch (max.message.bytes 1048588B)")]
    [InlineData("topic.config.max.message.bytes", "4KiB", "seed", "1", "topic.config.max.message.bytes: 512KiB is more than the broker takes")]
    [InlineData("topic.config.segment.bytes", "1GiB", "topic.config.retention.bytes", "512MiB", "topic.config.segment.bytes: segment.bytes 1GiB is more than retention.bytes 512MiB")]
    [InlineData("topic.config.retention.bytes", "32MiB", "topic.config.segment.bytes", "1MiB", null)]
    [InlineData("topic.config.retention.bytes", "31MiB", "topic.config.segment.bytes", "1MiB",
        "topic.config.retention.bytes: retention.bytes 31MiB is less than what may wait for a consumer (consumers.backlog 32MiB)")]
    [InlineData("consumers.backlog", "3GiB", "seed", "1", "consumers.backlog: retention.bytes 2GiB is less than what may wait for a consumer (consumers.backlog 3GiB)")]
    [InlineData("producers.inFlight", "100", "topic.config.retention.bytes", "49MiB", "topic.config.segment.bytes", "10MiB",
        "topic.config.retention.bytes: 49MiB is less than the producers have in flight (1 × 100 × 512KiB)")]
    [InlineData("topic.replication", "3", "seed", "1", "topic.replication: 3 copies need 3 brokers, and the target 'engine' is one; allowed: 1")]
    [InlineData("consumers.count", "2", "seed", "1", "consumers.count: 2 consumers share 1 partition, and some would read nothing; allowed: at most 1")]
    [InlineData("consumers.count", "2", "topic.partitions", "2", null)]
    [InlineData("firstWarmup", "1s", "warmup", "2s", "firstWarmup: is shorter than that of the other trials")]
    [InlineData("warmup", "0s", "seed", "1", "warmup: saturate without warm-up")]
    [InlineData("producers.linger", "10s", "seed", "1", "producers.linger: is no shorter than the load itself")]
    [InlineData("targets", "[engine, engine]", "seed", "1", "targets: names a target twice")]
    [InlineData("claim", "C1", "verify.order", "false", "claim: a claim is judged with every verification on")]
    [InlineData("verify.order", "false", "seed", "1", null)]
    [InlineData("producers.client", "replay", "consumers.mode", "none", null)]
    [InlineData("producers.client", "replay", "consumers.client", "raw", null)]
    [InlineData("producers.client", "replay", "seed", "1", "producers.client: native consumers do not go with replay producers")]
    [InlineData("consumers.client", "raw", "seed", "1", "consumers.client: raw consumers do not go with native producers")]
    [InlineData("producers.connections", "2", "seed", "1", "producers.connections: several connections for each producer have only those that replay")]
    [InlineData("producers.client", "replay", "consumers.mode", "none", "producers.acks", "none", "producers.client: what is replayed is verified by its acknowledgements")]
    [InlineData("producers.client", "replay", "consumers.mode", "none", "claim", "C1", "claim: a claim is judged by messages that are each encoded and verified")]
    [InlineData("producers.client", "replay", "consumers.mode", "none", "load.inject.rate", "1k/s", "producers.client: batches are replayed as fast as the broker takes them")]
    [InlineData("producers.client", "replay", "consumers.client", "raw", "consumers.mode", "reread", "topic.prefill", "1GiB", null)]
    [InlineData("producers.client", "replay", "consumers.client", "raw", "consumers.mode", "reread",
        "consumers.mode: what is read over and over is written first and not unpacked")]
    [InlineData("producers.client", "replay", "consumers.client", "raw", "consumers.mode", "catch-up", "consumers.mode: raw consumers begin at the log's first batch")]
    [InlineData("topic.prefill", "1GiB", "seed", "1", "topic.prefill: a topic is filled for consumers.mode: reread alone")]
    [InlineData("producers.client", "replay", "consumers.client", "raw", "consumers.mode", "reread", "topic.prefill", "3GiB",
        "topic.prefill: 3GiB are more than retention.bytes 2GiB keeps in 1 partition")]
    public void Keys_that_are_impossible_together_are_reported_where_the_file_gives_them(params string?[] row)
    {
        (string, string)[] changes = [.. row[..^1].OfType<string>().Chunk(2).Select(pair => (pair[0], pair[1]))];
        string yaml = Yaml.With(changes);
        if (row[^1] is not { } expected)
        {
            Assert.Equal("least", Yaml.Read(yaml).Name);
            return;
        }

        ScenarioProblem problem = Assert.Single(Yaml.Problems(yaml));
        Assert.StartsWith(expected, problem.Text, StringComparison.Ordinal);
        string path = expected[..expected.IndexOf(": ", StringComparison.Ordinal)];
        Assert.Equal(Yaml.ValueOf(yaml, path).Line, problem.Line);
    }

    [Fact]
    public void A_batch_that_does_not_fit_into_a_segment_is_refused()
    {
        string yaml = Yaml.With(
            ("producers.batch", "4MiB"), ("topic.config.segment.bytes", "2MiB"), ("topic.config.max.message.bytes", "8MiB"));
        Assert.StartsWith(
            "producers.batch: 4MiB does not fit into a segment (segment.bytes 2MiB)", Assert.Single(Yaml.Problems(yaml)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Combinations_with_an_unreadable_key_are_not_judged() =>
        Assert.StartsWith("message.size: ", Assert.Single(Yaml.Problems(Yaml.With(("message.size", "9MiB")))).Text, StringComparison.Ordinal);
}
