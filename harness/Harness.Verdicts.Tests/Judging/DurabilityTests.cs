using Harness.Verdicts.Judging;
using Results;

namespace Harness.Verdicts.Tests.Judging;

public sealed class DurabilityTests
{
    private static VariantInfo Variant(string target, string acks = "leader", int replication = 1, params (string Key, string Value)[] config)
    {
        VariantInfo variant = Make.Variant(target);
        return variant with
        {
            Scenario = variant.Scenario with
            {
                Producers = variant.Scenario.Producers with { Acks = acks },
                Topic = new TopicInfo(1, replication, config.ToDictionary(c => c.Key, c => c.Value)),
            },
        };
    }

    [Fact]
    public void Different_promises_are_named()
    {
        Assert.Equal(
            "'kafka' and 'engine' promise different durability and are not compared: 'kafka' has acks all instead of leader, replication 3 instead of 1",
            Durability.Unequal([Variant("engine"), Variant("kafka", "all", 3)]));
        Assert.EndsWith(
            "has min.insync.replicas 2 instead of 1, flush.messages 1 instead of never",
            Durability.Unequal([Variant("engine"), Variant("kafka", config: [("flush.messages", "1"), ("min.insync.replicas", "2")])]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_given_with_the_target_counts_and_the_topic_s_stands_above_it()
    {
        const string flushing = "engine+technique.transfer=copy+log.flush.interval.messages=1";
        Assert.EndsWith("flush.messages 1 instead of never", Durability.Unequal([Variant("engine"), Variant(flushing)]), StringComparison.Ordinal);
        Assert.EndsWith(
            "flush.ms 5 instead of never", Durability.Unequal([Variant("engine"), Variant("kafka+log.flush.interval.ms=5")]), StringComparison.Ordinal);
        Assert.Null(Durability.Unequal([Variant("engine", config: ("flush.messages", "1")), Variant(flushing)]));
    }

    [Fact]
    public void Equal_promises_written_differently_are_equal()
    {
        Assert.Null(Durability.Unequal([Variant("engine"), Variant("kafka", config: [("flush.messages", "9223372036854775807"), ("min.insync.replicas", "1")])]));
        Assert.Null(Durability.Unequal([Variant("engine+record.validation=full"), Variant("kafka")]));
        Assert.Null(Durability.Unequal([Variant("engine")]));
        Assert.Null(Durability.Unequal([]));
    }

    [Fact]
    public void What_a_broker_reports_counts_where_nothing_was_given()
    {
        TargetInfo remote = new()
        {
            Name = "kafka://b:9092",
            Product = "Apache Kafka",
            Version = "4.3.0",
            Configuration = new Dictionary<string, string> { ["log.flush.interval.messages"] = "10000", ["log.flush.interval.ms"] = "null" },
        };
        VariantInfo[] variants = [Variant("engine"), Variant("kafka://b:9092")];
        Assert.Null(Durability.Unequal(variants));
        Assert.EndsWith("has flush.messages 10000 instead of never", Durability.Unequal(variants, [remote]), StringComparison.Ordinal);
    }

    [Fact]
    public void Points_of_a_matrix_are_not_compared_with_each_other() =>
        Assert.Null(Durability.Unequal([Variant("engine"), Variant("kafka", "all") with { Point = 1 }]));
}
