namespace Engine.Server.Tests;

/// <summary>Settings of logs that come in several units: the finest that is given counts, wherever it stands. (Kafka: KafkaConfig.)</summary>
public sealed class LogSettingsTests
{
    private const long HourMs = 3_600_000;

    [Fact]
    public void Without_any_of_them_logs_are_kept_and_segments_filled_for_a_week()
    {
        Assert.Equal((168 * HourMs, 168 * HourMs), (ServerConfig.Default.Log.RetentionMs, ServerConfig.Default.Log.SegmentMs));
        Assert.Equal((300_000L, 60_000L), (ServerConfig.Default.Maintenance.RetentionCheckMs, ServerConfig.Default.Maintenance.CheckpointMs));
    }

    [Theory]
    [InlineData("log.retention.hours=2", 2 * HourMs)]
    [InlineData("log.retention.hours=2 log.retention.minutes=3", 180_000)]
    [InlineData("log.retention.ms=5 log.retention.minutes=3 log.retention.hours=2", 5)]
    [InlineData("log.retention.hours=-1", -1)]
    [InlineData("log.retention.minutes=-1 log.retention.hours=5", -1)]
    [InlineData("log.retention.ms=-1 log.retention.hours=5", -1)]
    public void The_finest_unit_of_retention_counts(string settings, long expectedMs) =>
        Assert.Equal(expectedMs, With(settings).Log.RetentionMs);

    [Theory]
    [InlineData("log.roll.hours=2", 2 * HourMs)]
    [InlineData("log.roll.ms=7 log.roll.hours=2", 7)]
    public void The_finest_unit_of_rolls_counts(string settings, long expectedMs) => Assert.Equal(expectedMs, With(settings).Log.SegmentMs);

    [Fact]
    public void The_others_keep_their_values_beside_them()
    {
        ServerConfig config = With(
            "log.segment.bytes=2000000 log.retention.ms=5 log.flush.interval.messages=9 log.flush.interval.ms=8 log.index.size.max.bytes=4096");
        Assert.Equal((2_000_000L, 5L, 9L, 8L, 4096), (config.Log.SegmentBytes, config.Log.RetentionMs, config.Log.FlushMessages, config.Log.FlushMs, config.Log.SegmentIndexBytes));
    }

    [Fact]
    public void Units_that_are_not_given_are_not_described()
    {
        Assert.DoesNotContain("log.retention.ms", ServerConfig.Default.Describe().Select(s => s.Name));
        Assert.Contains(("log.retention.ms", "5"), With("log.retention.ms=5").Describe().Select(s => (s.Name, s.Value)));
    }

    private static ServerConfig With(string settings) => settings.Split(' ').Select(s => s.Split('=')).Aggregate(
        ServerConfig.Default, (config, setting) => config.With(setting[0], setting[1], "test"));
}
