namespace Engine.Storage.Tests;

public sealed class LogConfigTests
{
    [Fact]
    public void Defaults_are_Kafkas()
    {
        Assert.Equal(
            new LogConfig { SegmentBytes = 1073741824, IndexIntervalBytes = 4096, RetentionBytes = -1, MaxMessageBytes = 1048588 },
            LogConfig.Default);
    }

    [Fact]
    public void Settings_are_taken_by_Kafkas_names()
    {
        LogConfig config = LogConfig.Parse(
            new Dictionary<string, string?>
            {
                ["segment.bytes"] = "1048576",
                ["index.interval.bytes"] = "0",
                ["retention.bytes"] = "9000000000",
                ["max.message.bytes"] = "100",
            },
            LogConfig.Default);
        Assert.Equal(
            new LogConfig { SegmentBytes = 1048576, IndexIntervalBytes = 0, RetentionBytes = 9000000000, MaxMessageBytes = 100 }, config);
        LogConfig defaults = new() { RetentionBytes = 5 };
        Assert.Equal(defaults, LogConfig.Parse(new Dictionary<string, string?>(), defaults));
    }

    [Theory]
    [InlineData("segment.bytes", "1048575", "from 1048576 to 2147483647")]
    [InlineData("segment.bytes", "2147483648", "from 1048576 to 2147483647")]
    [InlineData("segment.bytes", "1GiB", "'1GiB' is not a whole number")]
    [InlineData("segment.bytes", "", "'' is not a whole number")]
    [InlineData("segment.bytes", null, "'null' is not a whole number")]
    [InlineData("segment.bytes", " 2000000", "' 2000000' is not a whole number")]
    [InlineData("index.interval.bytes", "-1", "from 0 to 2147483647")]
    [InlineData("retention.bytes", "-2", "from -1 to 9223372036854775807")]
    [InlineData("retention.bytes", "9223372036854775808", "from -1 to 9223372036854775807")]
    [InlineData("retention.ms", "-2", "from -1 to 9223372036854775807")]
    [InlineData("segment.ms", "0", "from 1 to 9223372036854775807")]
    [InlineData("segment.index.bytes", "3", "from 4 to 2147483647")]
    [InlineData("flush.messages", "0", "from 1 to 9223372036854775807")]
    [InlineData("flush.ms", "-1", "from 0 to 9223372036854775807")]
    [InlineData("max.message.bytes", "1e6", "from 0 to 2147483647")]
    [InlineData("segment.byte", "1", "known are cleanup.policy, compression.type, flush.messages, flush.ms, index.interval.bytes, ")]
    [InlineData("message.timestamp.type", "createtime", "one of CreateTime, LogAppendTime")]
    [InlineData("message.timestamp.type", null, "one of CreateTime, LogAppendTime")]
    [InlineData("Segment.bytes", "2000000", "unknown setting")]
    public void What_is_refused_is_named_with_what_is_allowed(string name, string? value, string words)
    {
        InvalidLogConfigException e = Assert.Throws<InvalidLogConfigException>(
            () => LogConfig.Parse(new Dictionary<string, string?> { [name] = value }, LogConfig.Default));
        Assert.Equal(name, e.Name);
        Assert.StartsWith($"{name}: ", e.Message);
        Assert.Contains(words, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Descriptions_name_value_default_and_type()
    {
        IReadOnlyList<LogConfigEntry> entries = (LogConfig.Default with { RetentionBytes = 77 }).Describe(LogConfig.Default);
        Assert.Equal(
            [
                new("cleanup.policy", "delete", "delete", LogConfigType.List),
                new("compression.type", "producer", "producer", LogConfigType.String),
                new("flush.messages", "9223372036854775807", "9223372036854775807", LogConfigType.Long),
                new("flush.ms", "9223372036854775807", "9223372036854775807", LogConfigType.Long),
                new("index.interval.bytes", "4096", "4096", LogConfigType.Int),
                new("max.message.bytes", "1048588", "1048588", LogConfigType.Int),
                new("message.timestamp.after.max.ms", "3600000", "3600000", LogConfigType.Long),
                new("message.timestamp.before.max.ms", "9223372036854775807", "9223372036854775807", LogConfigType.Long),
                new("message.timestamp.type", "CreateTime", "CreateTime", LogConfigType.String),
                new("min.insync.replicas", "1", "1", LogConfigType.Int),
                new("preallocate", "false", "false", LogConfigType.Boolean),
                new("retention.bytes", "77", "-1", LogConfigType.Long),
                new("retention.ms", "604800000", "604800000", LogConfigType.Long),
                new("segment.bytes", "1073741824", "1073741824", LogConfigType.Int),
                new("segment.index.bytes", "10485760", "10485760", LogConfigType.Int),
                new("segment.ms", "604800000", "604800000", LogConfigType.Long),
                new("unclean.leader.election.enable", "false", "false", LogConfigType.Boolean),
            ],
            entries);
    }
}
