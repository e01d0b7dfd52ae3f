using Harness.Verdicts.Expressions;

namespace Harness.Verdicts.Tests.Expressions;

public sealed class ExpectationTests
{
    [Theory]
    [InlineData("consume.rate >= 20M/s", "consume.rate", Relation.AtLeast, "20M/s")]
    [InlineData("consume.bytes>=600MB/s", "consume.bytes", Relation.AtLeast, "600MB/s")]
    [InlineData("produce.rate > 1k/s", "produce.rate", Relation.Above, "1k/s")]
    [InlineData("e2e.p99 < 10ms", "e2e.p99", Relation.Below, "10ms")]
    [InlineData(" publish.p999 <= 250us ", "publish.p999", Relation.AtMost, "250us")]
    public void An_expectation_is_a_metric_an_operator_and_a_quantity(string text, string metric, Relation relation, string bound)
    {
        Assert.True(Expectation.TryParse(text, out Expectation? expectation, out string problem), problem);
        Assert.Equal(metric, expectation!.Metric.Name);
        Assert.Equal(relation, expectation.Relation);
        Assert.Equal(bound, expectation.Bound.ToString());
        Assert.Equal(text.Trim(), expectation.Text);
    }

    [Theory]
    [InlineData("produce.rate >= 4x kafka", "produce.rate", Relation.AtLeast, "4x", "kafka", false)]
    [InlineData("broker.memory at best <= 0.1x kafka", "broker.memory", Relation.AtMost, "0.1x", "kafka", true)]
    [InlineData("publish.p99<=0.25x  small on kafka ", "publish.p99", Relation.AtMost, "0.25x", "small on kafka", false)]
    [InlineData("share.bare >= 65%", "share.bare", Relation.AtLeast, "65%", null, false)]
    [InlineData("broker.collections <= 0", "broker.collections", Relation.AtMost, "0", null, false)]
    public void A_figure_may_be_a_share_a_count_or_a_multiple_of_anothers(
        string text, string metric, Relation relation, string bound, string? baseline, bool atBest)
    {
        Assert.True(Expectation.TryParse(text, out Expectation? expectation, out string problem), problem);
        Assert.Equal((metric, relation, bound, baseline, atBest),
            (expectation!.Metric.Name, expectation.Relation, expectation.Bound.ToString(), expectation.Baseline, expectation.AtBest));
    }

    [Theory]
    [InlineData("produce.rate >= 4x", "4x of what? Name a target or a variant behind it")]
    [InlineData("produce.rate >= 4xkafka", "has the unknown unit 'xkafka'")]
    [InlineData("produce.rate >= 0x kafka", "0x of anything is nothing")]
    [InlineData("produce.rate >= x kafka", "is not a rate")]
    [InlineData("produce.rate >= 1.2.3x kafka", "is not a ratio")]
    [InlineData("produce.rate at best >= 4M/s", "'at best' compares two targets")]
    [InlineData("produce.rte at best >= 4x kafka", "did you mean 'produce.rate'?")]
    [InlineData("share.bare >= 65", "has no unit: write %")]
    [InlineData("share.bare >= 65MB/s", "is a byte rate where a share is needed: %")]
    [InlineData("broker.collections <= 1k/s", "is not a count: a number without a unit")]
    [InlineData("broker.collections <= none", "is not a count: a number")]
    [InlineData("consume.rate 20M/s", "none of the operators")]
    [InlineData("consume.rate == 20M/s", "none of the operators")]
    [InlineData("consume.rat >= 20M/s", "did you mean 'consume.rate'?")]
    [InlineData("speed >= 20M/s", "one of produce.rate, produce.bytes, consume.rate")]
    [InlineData("consume.rate >= 20", "has no unit")]
    [InlineData("consume.rate >= 20MB/s", "is a byte rate where a rate is needed")]
    [InlineData("e2e.p99 < 10M/s", "is a rate where a duration is needed")]
    [InlineData("e2e.p99 <> 10ms", "is not a duration")]
    public void What_is_no_expectation_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(Expectation.TryParse(text, out _, out string problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
