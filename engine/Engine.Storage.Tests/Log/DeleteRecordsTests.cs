using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>Records deleted from a log's start, and where it starts after a restart.</summary>
public sealed class DeleteRecordsTests : IDisposable
{
    private const string Checkpoint = "log-start-offset-checkpoint";

    private readonly StorageFixture _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Records_before_the_offset_cannot_be_read_and_those_from_it_on_can()
    {
        _storage.Append(4, records: 3);
        Assert.Equal(ReadResult.Ok, _storage.Log.DeleteRecordsTo(4));
        Assert.Equal((4, 12), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Equal(ReadResult.OffsetOutOfRange, _storage.Log.TryRead(3, 1000, true, out _));
        Assert.Equal(3, BaseOffsetAt(4));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(13)]
    [InlineData(long.MaxValue)]
    public void An_offset_that_is_not_the_logs_changes_nothing(long offset)
    {
        _storage.Append(4, records: 3);
        Assert.Equal(ReadResult.OffsetOutOfRange, _storage.Log.DeleteRecordsTo(offset));
        Assert.Equal(0, _storage.Log.StartOffset);
    }

    [Fact]
    public void The_start_never_goes_back()
    {
        _storage.Append(4, records: 3);
        _storage.Log.DeleteRecordsTo(7);
        Assert.Equal(ReadResult.Ok, _storage.Log.DeleteRecordsTo(2));
        Assert.Equal(7, _storage.Log.StartOffset);
    }

    [Fact]
    public void Segments_that_hold_nothing_else_are_removed_and_a_slice_of_them_stays_readable()
    {
        _storage.Append(100);
        long[] bases = BaseOffsets();
        Assert.True(bases.Length > 3);
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(0, 500, true, out LogSlice slice));
        _storage.Log.DeleteRecordsTo(bases[2] + 1);
        _storage.Stop(clean: true);
        Assert.Equal(bases[2..], BaseOffsets());
        Assert.Equal(500, TestBatch.Read(slice).Length);
        slice.Release();
    }

    [Fact]
    public void All_records_may_go_and_offsets_go_on()
    {
        _storage.Append(10);
        _storage.Log.DeleteRecordsTo(30);
        Assert.Equal((30, 30), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(30, 1000, true, out _));
        Assert.Null(_storage.Log.OffsetForTimestamp(0));
        Assert.Null(_storage.Log.OffsetOfMaxTimestamp());
        Assert.Equal(30, _storage.Log.Append(TestBatch.Make(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_start_is_kept_over_a_restart_in_Kafkas_file(bool clean)
    {
        _storage.Append(4, records: 3);
        _storage.Log.DeleteRecordsTo(4);
        _storage.Manager.SaveStartOffsets();
        Assert.Equal("0\n1\norders 0 4\n", File.ReadAllText(Path.Combine(_storage.DataDirectory, Checkpoint)));
        _storage.Reopen(clean);
        Assert.Equal((4, 12), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Equal(ReadResult.OffsetOutOfRange, _storage.Log.TryRead(3, 1000, true, out _));
        Assert.Equal(3, BaseOffsetAt(4));
        Assert.DoesNotContain(_storage.Lines, l => l.Contains(Checkpoint));
    }

    [Fact]
    public void A_start_that_the_files_say_themselves_is_not_in_the_checkpoint()
    {
        _storage.Append(100);
        _storage.Log.DeleteRecordsTo(BaseOffsets()[2]);
        _storage.Manager.SaveStartOffsets();
        Assert.Equal("0\n0\n", File.ReadAllText(Path.Combine(_storage.DataDirectory, Checkpoint)));
    }

    [Fact]
    public void A_roll_with_retention_does_not_bring_deleted_records_back()
    {
        _storage.Append(30);
        _storage.Log.DeleteRecordsTo(80);
        _storage.Append(100);
        Assert.Equal(80, _storage.Log.StartOffset);
        Assert.Equal(ReadResult.OffsetOutOfRange, _storage.Log.TryRead(79, 1000, true, out _));
    }

    [Fact]
    public void A_log_that_ends_before_its_start_goes_on_at_it_empty()
    {
        _storage.Append(4, records: 3);
        _storage.Stop(clean: true);
        File.WriteAllText(Path.Combine(_storage.DataDirectory, Checkpoint), "0\n1\norders 0 50\n");
        _storage.Start();
        Assert.Equal((50, 50), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Equal(50, _storage.Log.Append(TestBatch.Make(1)));
        _storage.Reopen(clean: false);
        Assert.Equal((50, 51), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Equal(50, BaseOffsetAt(50));
    }

    [Fact]
    public void A_new_topic_of_the_same_name_starts_at_0()
    {
        _storage.Append(4, records: 3);
        _storage.Log.DeleteRecordsTo(4);
        _storage.Manager.SaveStartOffsets();
        _storage.Manager.Delete(StorageFixture.TopicName);
        _storage.Manager.Create(StorageFixture.TopicName, 1, new Dictionary<string, string?>(), out _);
        _storage.Append(3);
        _storage.Reopen(clean: false);
        Assert.Equal((0, 9), (_storage.Log.StartOffset, _storage.Log.EndOffset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0\n2\norders 0 4\n")]
    [InlineData("1\n1\norders 0 4\n")]
    [InlineData("0\n1\norders zero 4\n")]
    [InlineData("0\n1\norders 0 -4\n")]
    [InlineData("garbage")]
    public void A_checkpoint_that_is_none_is_passed_over_and_said_so(string text)
    {
        _storage.Append(4, records: 3);
        _storage.Stop(clean: true);
        File.WriteAllText(Path.Combine(_storage.DataDirectory, Checkpoint), text);
        _storage.Start();
        Assert.Equal((0, 12), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Contains(_storage.Lines, l => l.Contains(Checkpoint));
    }

    [Fact]
    public void A_checkpoint_may_speak_of_topics_that_are_not_there()
    {
        _storage.Stop(clean: true);
        File.WriteAllText(Path.Combine(_storage.DataDirectory, Checkpoint), "0\n2\nnobody 0 4\norders 7 4\n");
        _storage.Start();
        Assert.Equal(0, _storage.Log.StartOffset);
        Assert.DoesNotContain(_storage.Lines, l => l.Contains(Checkpoint));
    }

    [Fact]
    public void Offsets_by_timestamp_are_looked_for_behind_the_start()
    {
        _storage.Log.Append(TestBatch.Make(3, timestampMs: 9_000));
        _storage.Log.Append(TestBatch.Make(3, timestampMs: 5_000));
        Assert.Equal(new OffsetAndTimestamp(2, 9_002), _storage.Log.OffsetOfMaxTimestamp());
        _storage.Log.DeleteRecordsTo(2);
        Assert.Equal(new OffsetAndTimestamp(2, 9_002), _storage.Log.OffsetForTimestamp(0));
        _storage.Log.DeleteRecordsTo(4);
        Assert.Equal(new OffsetAndTimestamp(4, 5_001), _storage.Log.OffsetForTimestamp(0));
        Assert.Equal(new OffsetAndTimestamp(5, 5_002), _storage.Log.OffsetOfMaxTimestamp());
        Assert.Null(_storage.Log.OffsetForTimestamp(5_003));
    }

    private long BaseOffsetAt(long offset)
    {
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(offset, 1000, true, out LogSlice slice));
        long found = RecordBatch.BaseOffset(TestBatch.Read(slice));
        slice.Release();
        return found;
    }

    private long[] BaseOffsets() =>
        [.. _storage.LogFiles.Select(file => long.Parse(Path.GetFileNameWithoutExtension(file), System.Globalization.CultureInfo.InvariantCulture))];
}
