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
