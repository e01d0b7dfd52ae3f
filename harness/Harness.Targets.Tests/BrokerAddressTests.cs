namespace Harness.Targets.Tests;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9092", "127.0.0.1", 9092)]
    [InlineData("broker-1.example:65535", "broker-1.example", 65535)]
    [InlineData("[::1]:9092", "::1", 9092)]
    public void An_address_is_read_and_written_alike(string text, string host, int port)
    {
        BrokerAddress address = BrokerAddress.Parse(text);

        Assert.Equal(new BrokerAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":9092")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host: 9092")]
    [InlineData("::1:9092")]
    [InlineData("[host]:9092")]
    [InlineData("[::1:9092")]
    [InlineData("a b:9092")]
    [InlineData("kafka://host:9092")]
    public void What_is_no_address_is_a_usage_error_that_quotes_it(string text)
    {
        TargetException e = Assert.Throws<TargetException>(() => BrokerAddress.Parse(text));

        Assert.Contains($"'{text}'", e.Message, StringComparison.Ordinal);
        Assert.Equal(TargetException.UsageExitCode, e.ExitCode);
    }

    [Fact]
    public async Task A_name_without_an_address_is_named()
    {
        BrokerAddress nowhere = new("nowhere.invalid", 9092);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => nowhere.ResolveAsync(TestContext.Current.CancellationToken));

        Assert.Contains("nowhere.invalid", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_literal_address_resolves_to_itself()
    {
        Assert.Equal("127.0.0.1:9092", (await new BrokerAddress("127.0.0.1", 9092).ResolveAsync(TestContext.Current.CancellationToken)).ToString());
    }
}
