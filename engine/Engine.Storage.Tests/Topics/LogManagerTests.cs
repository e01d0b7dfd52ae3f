using Engine.Linux;

namespace Engine.Storage.Tests;

public sealed class LogManagerTests : IDisposable
{
    private static readonly Dictionary<string, string?> NoOverrides = [];

    private readonly StorageFixture _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void A_topic_is_found_by_name_and_by_id_and_created_once()
    {
        Assert.True(_storage.Manager.Create("x.y", 3, new Dictionary<string, string?> { ["retention.bytes"] = "7" }, out Topic created));
        Assert.False(_storage.Manager.Create("x.y", 5, NoOverrides, out Topic again));
        Assert.Same(created, again);
        Assert.True(_storage.Manager.TryGet("x.y", out Topic? byName) && byName == created);
        Assert.True(_storage.Manager.TryGet("x.y".AsSpan(), out Topic? bySpan) && bySpan == created);
        Assert.True(_storage.Manager.TryGet(created.Id, out Topic? byId) && byId == created);
        Assert.False(_storage.Manager.TryGet("x_y", out _));
        Assert.Equal(["orders", "x.y"], _storage.Manager.Topics.Select(t => t.Name));
        Assert.Equal(3, created.PartitionCount);
        Assert.Equal("x.y-2", created.Partition(2)!.Name);
        Assert.Null(created.Partition(3));
        Assert.Null(created.Partition(-1));
        Assert.Equal(7, created.Partition(0)!.Config.RetentionBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Topics_keep_id_partitions_and_settings_over_a_stop(bool clean)
    {
        _storage.Manager.Create("b", 2, new Dictionary<string, string?> { ["retention.bytes"] = "7" }, out Topic before);
        before.Partition(1)!.Append(TestBatch.Make(4));
        _storage.Reopen(clean);
        Assert.True(_storage.Manager.TryGet("b", out Topic? after));
        Assert.Equal((before.Id, 2, 7L), (after.Id, after.PartitionCount, after.Config.RetentionBytes));
        Assert.Equal((0, 4), (after.Partition(0)!.EndOffset, after.Partition(1)!.EndOffset));
        Assert.Equal("7", Assert.Single(after.ConfigOverrides).Value);
    }

    [Fact]
    public void Bad_names_counts_and_settings_create_nothing()
    {
        Assert.Throws<ArgumentException>(() => _storage.Manager.Create("a b", 1, NoOverrides, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => _storage.Manager.Create("a", 0, NoOverrides, out _));
        Assert.Throws<InvalidLogConfigException>(
            () => _storage.Manager.Create("a", 1, new Dictionary<string, string?> { ["nonsense"] = "1" }, out _));
        Assert.Single(_storage.Manager.Topics);
        Assert.Single(Directory.GetDirectories(_storage.DataDirectory));
    }

    [Fact]
    public void A_folder_that_is_in_the_way_refuses_the_topic()
    {
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, "b-1"));
        LinuxException e = Assert.Throws<LinuxException>(() => _storage.Manager.Create("b", 2, NoOverrides, out _));
        Assert.Contains("b-1", e.Message);
        Assert.False(_storage.Manager.TryGet("b", out _));
    }

    [Fact]
    public void A_deleted_topic_is_gone_while_its_slices_stay_readable()
    {
        _storage.Append(50);
        PartitionLog log = _storage.Log;
        Assert.Equal(ReadResult.Ok, log.TryRead(0, 1000, true, out LogSlice slice));
        Assert.True(_storage.Manager.Delete(StorageFixture.TopicName));
        Assert.False(_storage.Manager.Delete(StorageFixture.TopicName));

        Assert.True(log.IsDeleted);
        Assert.Equal(ReadResult.Deleted, log.TryRead(0, 1000, true, out _));
        Assert.Throws<LogDeletedException>(() => log.Append(TestBatch.Make(1)));
        Assert.Null(log.OffsetForTimestamp(0));
        Assert.True(_storage.Manager.Create(StorageFixture.TopicName, 1, NoOverrides, out Topic next));
        Assert.Equal(0, next.Partition(0)!.EndOffset);

        _storage.Stop(clean: true);
        Assert.Equal([_storage.Folder], Directory.GetDirectories(_storage.DataDirectory));
        Assert.Equal(1000, TestBatch.Read(slice).Length);
        _storage.Start();
        Assert.Equal(0, _storage.Log.EndOffset);
        Assert.True(_storage.Manager.TryGet(next.Id, out _));
    }

    [Fact]
    public void A_deletion_that_was_interrupted_is_finished_at_the_start()
    {
        _storage.Manager.Create("long-" + new string('n', 244), 2, NoOverrides, out Topic topic);
        _storage.Stop(clean: false);
        Rename(topic, partition: 1);
        _storage.Start();
        Assert.False(_storage.Manager.TryGet(topic.Name, out _));
        _storage.Stop(clean: true);
        Assert.Equal([_storage.Folder], Directory.GetDirectories(_storage.DataDirectory));
    }

    [Fact]
    public void An_old_deletion_does_not_touch_a_new_topic_of_the_same_name()
    {
        _storage.Append(1);
        _storage.Stop(clean: false);
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, PartitionFolder.DeletedName("orders", 0, Guid.NewGuid())));
        _storage.Start();
        Assert.Equal(3, _storage.Log.EndOffset);
        _storage.Stop(clean: true);
        Assert.Equal([_storage.Folder], Directory.GetDirectories(_storage.DataDirectory));
    }

    [Fact]
    public void Folders_without_a_catalogue_entry_are_adopted()
    {
        _storage.Append(2);
        _storage.Stop(clean: true);
        File.Delete(Path.Combine(_storage.DataDirectory, "topics.json"));
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, "orders-1"));
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, "holes-2000000000"));
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, "lost+found"));
        File.WriteAllText(Path.Combine(_storage.DataDirectory, "notes.txt"), "");
        _storage.Start();
        Assert.Equal(6, _storage.Log.EndOffset);
        Assert.Equal(2, Assert.Single(_storage.Manager.Topics).PartitionCount);
        Assert.Contains(_storage.Lines, l => l.Contains("orders") && l.Contains("2 partitions"));
        Assert.Contains(_storage.Lines, l => l.Contains("holes") && l.Contains("left alone"));
        Assert.Contains(_storage.Lines, l => l.StartsWith("lost+found"));
        Assert.Contains(_storage.Lines, l => l.StartsWith("notes.txt"));
        _storage.Reopen(clean: true);
        Assert.DoesNotContain(_storage.Lines, l => l.Contains("not in the catalogue; taken"));
    }

    [Fact]
    public void Missing_folders_are_made_and_surplus_ones_left_alone()
    {
        _storage.Stop(clean: true);
        Directory.Delete(_storage.Folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(_storage.DataDirectory, "orders-5"));
        _storage.Start();
        Assert.Equal(0, _storage.Log.EndOffset);
        Assert.Contains(_storage.Lines, l => l.StartsWith("orders-0 is missing"));
        Assert.Contains(_storage.Lines, l => l.StartsWith("orders-5: the topic has only 1 partitions"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"version":2,"topics":[]}""")]
    [InlineData("""{"version":1,"topics":null}""")]
    [InlineData("""{"version":1,"topics":[{"name":"a/b","id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","partitions":1,"config":{}}]}""")]
    [InlineData("""{"version":1,"topics":[{"name":"a","id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","partitions":0,"config":{}}]}""")]
    [InlineData("""{"version":1,"topics":[{"name":"a","id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","partitions":1,"config":{"x":"1"}}]}""")]
    [InlineData("""{"version":1,"topics":[{"name":"a","id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","partitions":1,"config":{},"y":1}]}""")]
    public void A_catalogue_that_cannot_be_understood_refuses_the_start_in_one_line(string text)
    {
        _storage.Stop(clean: true);
        string path = Path.Combine(_storage.DataDirectory, "topics.json");
        File.WriteAllText(path, text);
        DataDirectoryException e = Assert.Throws<DataDirectoryException>(_storage.Start);
        Assert.StartsWith(path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
        File.Delete(path);
        _storage.Start();
    }

    [Fact]
    public void A_half_written_catalogue_is_not_seen()
    {
        _storage.Stop(clean: false);
        string path = Path.Combine(_storage.DataDirectory, "topics.json.tmp");
        File.WriteAllText(path, "{");
        _storage.Start();
        Assert.False(File.Exists(path));
        Assert.Equal(0, _storage.Log.EndOffset);
    }

    [Fact]
    public void A_second_opener_is_refused_until_the_first_has_stopped()
    {
        DataDirectoryInUseException e = Assert.Throws<DataDirectoryInUseException>(
            () => LogManager.Open(_storage.DataDirectory, LogConfig.Default, _ => { }));
        Assert.Contains(_storage.DataDirectory, e.Message);
        _storage.Reopen(clean: true);
        Assert.Equal(0, _storage.Log.EndOffset);
    }

    [Fact]
    public void A_data_directory_that_cannot_be_made_is_named_with_the_cause()
    {
        string file = Path.Combine(_storage.DataDirectory, "file");
        File.WriteAllText(file, "");
        LinuxException under = Assert.Throws<LinuxException>(
            () => LogManager.Open(Path.Combine(file, "data"), LogConfig.Default, _ => { }));
        Assert.Equal(Errno.ENOTDIR, under.Error);
        Assert.Contains(file, under.Message);
        Assert.Throws<LinuxException>(() => LogManager.Open(file, LogConfig.Default, _ => { }));
        LinuxException proc = Assert.Throws<LinuxException>(() => LogManager.Open("/proc/data", LogConfig.Default, _ => { }));
        Assert.Contains("/proc/data", proc.Message);
    }

    [Fact]
    public void After_the_stop_nothing_is_appended_or_created()
    {
        PartitionLog log = _storage.Log;
        _storage.Stop(clean: true);
        _storage.Manager.Close();
        Assert.Throws<ObjectDisposedException>(() => log.Append(TestBatch.Make(1)));
        Assert.Throws<ObjectDisposedException>(() => log.TryRead(0, 1, true, out _));
        Assert.Throws<ObjectDisposedException>(() => _storage.Manager.Create("b", 1, NoOverrides, out _));
        Assert.Throws<ObjectDisposedException>(() => _storage.Manager.Delete("orders"));
    }

    private void Rename(Topic topic, int partition) => Directory.Move(
        Path.Combine(_storage.DataDirectory, PartitionFolder.Name(topic.Name, partition)),
        Path.Combine(_storage.DataDirectory, PartitionFolder.DeletedName(topic.Name, partition, topic.Id)));
}
