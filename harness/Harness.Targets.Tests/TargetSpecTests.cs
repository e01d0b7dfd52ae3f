namespace Harness.Targets.Tests;

public sealed class TargetSpecTests
{
    [Theory]
    [InlineData("engine", TargetKind.Engine, "")]
    [InlineData("kafka", TargetKind.Kafka, "")]
    [InlineData("engine+technique.transfer=copy+log.segment.bytes=64MiB", TargetKind.Engine, "technique.transfer=copy log.segment.bytes=64MiB")]
    [InlineData("kafka+advertised.listeners=a=b", TargetKind.Kafka, "advertised.listeners=a=b")]
    public void Brokers_to_start_are_named_with_their_configuration_in_order(string text, TargetKind kind, string settings)
    {
        Assert.True(TargetSpec.TryParse(text, out TargetSpec? spec, out string problem), problem);
        Assert.Equal((kind, text), (spec!.Kind, spec.Text));
        Assert.Equal(settings, string.Join(' ', spec.Settings.Select(setting => $"{setting.Key}={setting.Value}")));
    }

    [Theory]
    [InlineData("kafka://localhost:9092", "localhost:9092")]
    [InlineData("kafka://[::1]:9092", "[::1]:9092")]
    [InlineData("kafka://a:1,b:2", "a:1")]
    public void A_running_broker_is_named_by_where_it_is(string text, string address)
    {
        Assert.True(TargetSpec.TryParse(text, out TargetSpec? spec, out string problem), problem);
        Assert.Equal(TargetKind.Address, spec!.Kind);
        Assert.Equal(address, spec.Address.ToString());
    }

    [Theory]
    [InlineData("", "is not a target")]
    [InlineData("engin", "is not a target")]
    [InlineData("Engine", "is not a target")]
    [InlineData("engine+", "has '' behind a '+' where key=value is wanted")]
    [InlineData("engine+x", "has 'x' behind a '+'")]
    [InlineData("engine+=x", "has '=x' behind a '+'")]
    [InlineData("kafka+a=1+a=2", "sets a twice")]
    [InlineData("kafka://", "has no address behind kafka://")]
    [InlineData("kafka://host", "has no address behind kafka://")]
    [InlineData("kafka://a:1,b", "has no address behind kafka://")]
    [InlineData("kafka://a:1+x=y", "is a broker that runs already")]
    [InlineData("engine@", "names no revision")]
    [InlineData("engine@-x+a=b", "names no revision")]
    [InlineData("docker://apache/kafka", "is not supported in this version")]
    public void Anything_else_is_told_with_what_is_wrong(string text, string expected)
    {
        Assert.False(TargetSpec.TryParse(text, out TargetSpec? spec, out string problem));
        Assert.Null(spec);
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine+a=1", typeof(EngineTarget))]
    [InlineData("engine@v1+a=1", typeof(EngineTarget))]
    [InlineData("kafka+heap=1", typeof(KafkaTarget))]
    [InlineData("kafka://h:1", typeof(AddressTarget))]
    public void A_target_is_made_of_each_and_nothing_is_started(string text, Type type)
    {
        Assert.True(TargetSpec.TryParse(text, out TargetSpec? spec, out _));
        Dictionary<string, string> settings = new() { ["heap"] = "1073741824" };
        ITarget target = TargetFactory.Create(spec!, settings, new TargetEnvironment { DataParent = "/nowhere", RepositoryRoot = "/nowhere" });
        Assert.Equal((type, text), (target.GetType(), target.Name));
        Assert.Null(target.ProcessId);
    }

    [Fact]
    public void A_heap_that_is_no_size_is_the_users_fault()
    {
        Assert.True(TargetSpec.TryParse("kafka+heap=5", out TargetSpec? spec, out _));
        TargetException wrong = Assert.Throws<TargetException>(() => TargetFactory.Create(
            spec!, new Dictionary<string, string> { ["heap"] = "5" }, new TargetEnvironment { DataParent = "/nowhere", RepositoryRoot = "/nowhere" }));
        Assert.Equal(TargetException.UsageExitCode, wrong.ExitCode);
    }
}
