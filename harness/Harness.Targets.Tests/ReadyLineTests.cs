namespace Harness.Targets.Tests;

public sealed class ReadyLineTests
{
    [Theory]
    [InlineData("ready listen=127.0.0.1:41233 metrics=127.0.0.1:40001 pid=123", true)]
    [InlineData("ready pid=123 listen=127.0.0.1:41233", false)]
    [InlineData("ready listen=127.0.0.1:41233 loops=2 pid=123 data=/tmp/a folder pid=9", false)]
    public void Fields_stand_in_any_order_and_unknown_ones_are_passed_over(string line, bool hasMetrics)
    {
        Assert.Equal(
            new ReadyLine(new BrokerAddress("127.0.0.1", 41233), hasMetrics ? new BrokerAddress("127.0.0.1", 40001) : null, 123),
            ReadyLine.Parse(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ready")]
    [InlineData("ready ")]
    [InlineData("already listen=127.0.0.1:1 pid=1")]
    [InlineData("ready listen=127.0.0.1:1")]
    [InlineData("ready pid=1")]
    [InlineData("ready listen=127.0.0.1 pid=1")]
    [InlineData("ready listen=127.0.0.1:1 pid=x")]
    [InlineData("ready listen=127.0.0.1:1 pid=0")]
    [InlineData("ready listen=127.0.0.1:1 pid=1 metrics=")]
    [InlineData("ready listen=127.0.0.1:1 pid=1 and more")]
    public void Anything_else_is_not_a_ready_line(string line) => Assert.Null(ReadyLine.Parse(line));
}
