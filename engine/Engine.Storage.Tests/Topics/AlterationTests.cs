using Engine.Linux;

namespace Engine.Storage.Tests;

/// <summary>Topics that get more partitions or other settings.</summary>
public sealed class AlterationTests : IDisposable
{
    private readonly StorageFixture _storage = new();

    public void Dispose() => _storage.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void More_partitions_stay_over_a_restart_and_the_old_ones_are_the_same_logs(bool clean)
    {
        _storage.Append(2);
        PartitionLog first = _storage.Log;
        Guid id = _storage.Manager.Topics.Single().Id;
        Topic topic = _storage.Manager.AddPartitions(StorageFixture.TopicName, 3);
        Assert.Same(first, topic.Partition(0));
        topic.Partition(2)!.Append(TestBatch.Make(4));
        _storage.Reopen(clean);
        Topic after = _storage.Manager.Topics.Single();
        Assert.Equal((id, 3), (after.Id, after.PartitionCount));
        Assert.Equal([6L, 0L, 4L], after.Partitions.Select(log => log.EndOffset));
    }

    [Fact]
    public void Partitions_that_cannot_be_made_leave_the_topic_as_it_was()
    {
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, "orders-2"));
        Assert.Throws<LinuxException>(() => _storage.Manager.AddPartitions(StorageFixture.TopicName, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => _storage.Manager.AddPartitions(StorageFixture.TopicName, 1));
        Assert.Throws<LogDeletedException>(() => _storage.Manager.AddPartitions("nobody", 3));
        Assert.Equal(1, _storage.Manager.Topics.Single().PartitionCount);
        _storage.Reopen(clean: true);
        Assert.Equal(1, _storage.Manager.Topics.Single().PartitionCount);
        Assert.False(Directory.Exists(Path.Combine(_storage.DataDirectory, "orders-1")));
    }

    [Fact]
    public void A_catalogue_that_is_ahead_of_the_folders_is_made_good_at_the_start()
    {
        _storage.Manager.AddPartitions(StorageFixture.TopicName, 3);
        _storage.Stop(clean: false);
        Directory.Delete(Path.Combine(_storage.DataDirectory, "orders-2"), recursive: true);
        _storage.Start();
        Assert.Equal(3, _storage.Manager.Topics.Single().PartitionCount);
    }

    [Fact]
    public void Other_settings_are_in_effect_at_once_and_after_a_restart()
    {
        _storage.Append(3);
        Assert.Single(_storage.LogFiles);
        Topic topic = _storage.Manager.AlterConfig(
            StorageFixture.TopicName, new Dictionary<string, string?> { ["segment.bytes"] = "1048576", ["max.message.bytes"] = "77" });
        Assert.Equal((1048576, 77), (topic.Config.SegmentBytes, _storage.Log.Config.MaxMessageBytes));
        _storage.Append(60);
        Assert.Single(_storage.LogFiles);
        _storage.Reopen(clean: false);
        Topic after = _storage.Manager.Topics.Single();
        Assert.Equal((1048576, 77, 189), (after.Config.SegmentBytes, after.Config.MaxMessageBytes, (int)_storage.Log.EndOffset));
        Assert.Equal(["max.message.bytes", "segment.bytes"], after.ConfigOverrides.Keys);
    }

    [Fact]
    public void Settings_are_replaced_as_a_whole()
    {
        _storage.Manager.AlterConfig(StorageFixture.TopicName, new Dictionary<string, string?> { ["retention.bytes"] = "5" });
        Topic topic = _storage.Manager.AlterConfig(StorageFixture.TopicName, new Dictionary<string, string?>());
        Assert.Empty(topic.ConfigOverrides);
        Assert.Equal(_storage.Config.RetentionBytes, topic.Config.RetentionBytes);
    }

    [Fact]
    public void Settings_that_are_not_allowed_change_nothing()
    {
        Dictionary<string, string?> bad = new() { ["retention.bytes"] = "5", ["segment.bytes"] = "many" };
        Assert.Throws<InvalidLogConfigException>(() => _storage.Manager.AlterConfig(StorageFixture.TopicName, bad));
        Assert.Throws<LogDeletedException>(() => _storage.Manager.AlterConfig("nobody", new Dictionary<string, string?>()));
        Assert.Empty(_storage.Manager.Topics.Single().ConfigOverrides);
        Assert.Equal(-1, _storage.Log.Config.RetentionBytes);
    }
}
