using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>Starts after an unclean stop of logs that were flushed up to somewhere: what is before that is neither read nor ever cut.</summary>
public sealed class RecoveryPointTests : IDisposable
{
    /// <summary>Segments of 4000 bytes, an index entry every 500.</summary>
    private readonly StorageFixture _storage = new();

    private readonly byte[] _batch = TestBatch.Make(3);

    public void Dispose() => _storage.Dispose();

    private int BatchesPerSegment => 4000 / _batch.Length;

    private int OffsetsPerSegment => BatchesPerSegment * 3;

    private string Checkpoint => Path.Combine(_storage.DataDirectory, LogMaintenance.RecoveryPointsFileName);

    [Fact]
    public void The_checkpoint_is_in_Kafkas_format_and_counts_flushed_records()
    {
        _storage.Append(2);
        _storage.SaveRecoveryPoint();
        Assert.False(File.Exists(Checkpoint));
        _storage.Log.Flush();
        _storage.Append(1);
        _storage.SaveRecoveryPoint();
        Assert.Equal("0\n1\norders 0 6\n", File.ReadAllText(Checkpoint));
        Assert.Equal((6, 9), (_storage.Log.FlushedOffset, _storage.Log.EndOffset));
        _storage.Reopen(clean: false);
        Assert.Equal((6, 9), (_storage.Log.FlushedOffset, _storage.Log.EndOffset));
    }

    [Fact]
    public void A_segment_is_flushed_when_it_has_been_ended_for_a_round()
    {
        _storage.Append(BatchesPerSegment + 1);
        _storage.Manager.Maintenance.Checkpoint();
        _storage.Append(BatchesPerSegment);
        Assert.Equal(0, _storage.Log.FlushedOffset);
        _storage.Manager.Maintenance.Checkpoint();
        Assert.True(SpinWait.SpinUntil(() => _storage.Log.FlushedOffset == OffsetsPerSegment, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Only_segments_from_the_recovery_point_on_are_checked()
    {
        FlushUpTo((3 * BatchesPerSegment) + 2);
        _storage.WriteIndexes();
        _storage.Append(BatchesPerSegment);
        byte[] before = TestBatch.ReadAll(_storage.Log, 0);
        _storage.Reopen(clean: false);
        string line = Assert.Single(_storage.Lines, l => l.StartsWith("event=log-recovered", StringComparison.Ordinal));
        Assert.Contains($" recovery_point={(3 * OffsetsPerSegment) + 6} segments_checked=2 batches_checked={BatchesPerSegment + 2} ", line);
        Assert.Contains(" batches_cut=0 bytes_cut=0 indexes_rebuilt=2 ", line);
        Assert.Equal(before, TestBatch.ReadAll(_storage.Log, 0));
    }

    [Fact]
    public void A_flipped_byte_in_an_earlier_segment_is_not_looked_for_and_is_the_readers_to_find()
    {
        FlushUpTo(3 * BatchesPerSegment);
        Damage(_storage.LogFiles[0], (2 * _batch.Length) + 100);
        Assert.False(_storage.Log.IsOffline);
        Assert.Equal(3 * OffsetsPerSegment, _storage.Log.EndOffset);
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(6, _batch.Length, true, out LogSlice slice));
        Assert.Equal(BatchFault.Crc, RecordBatch.Check(TestBatch.Read(slice)));
    }

    [Fact]
    public void A_flipped_byte_before_the_recovery_point_is_refused_with_file_and_offset_and_nothing_is_changed()
    {
        FlushUpTo(BatchesPerSegment + 4);
        _storage.Append(2);
        long bytes = new FileInfo(_storage.LogFiles[1]).Length;
        Damage(_storage.LogFiles[1], (2 * _batch.Length) + 100);
        string reason = IsRefused();
        Assert.Contains($"{_storage.LogFiles[1]} at position {2 * _batch.Length} (offset {OffsetsPerSegment + 6}): a checksum", reason);
        Assert.Contains($"recovery point {OffsetsPerSegment + 12}", reason);
        Assert.Equal(bytes, new FileInfo(_storage.LogFiles[1]).Length);

        // So it stays, over any kind of stop, until somebody decides.
        _storage.Reopen(clean: true);
        IsRefused();
        _storage.Stop(clean: true);
        File.Delete(Checkpoint);
        _storage.Start();
        Assert.False(_storage.Log.IsOffline);
        Assert.Equal(OffsetsPerSegment + 6, _storage.Log.EndOffset);
        Assert.Contains(_storage.Lines, l => l.Contains("batches_cut=4 ") && l.StartsWith("event=log-recovered", StringComparison.Ordinal));
    }

    [Fact]
    public void A_flipped_byte_behind_the_recovery_point_cuts_the_log_there()
    {
        FlushUpTo(BatchesPerSegment + 2);
        _storage.Append(6);
        Damage(_storage.LogFiles[1], (5 * _batch.Length) + 100);
        Assert.Equal(OffsetsPerSegment + 15, _storage.Log.EndOffset);
        Assert.Contains(
            _storage.Lines, l => l.Contains($"batches_cut=3 bytes_cut={3 * _batch.Length} ") && l.StartsWith("event=log-recovered", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Flushed_records_that_are_missing_are_refused(int segment)
    {
        FlushUpTo((2 * BatchesPerSegment) + 4);
        _storage.Stop(clean: false);
        string file = _storage.LogFiles[segment];
        using (FileStream log = File.OpenWrite(file))
        {
            log.SetLength(log.Length - _batch.Length);
        }

        _storage.Start();
        string reason = IsRefused();
        Assert.Contains("recovery point", reason);
        Assert.Contains(segment == 2 ? $"offset {(2 * OffsetsPerSegment) + 9}" : $"offset {(segment + 1) * OffsetsPerSegment}", reason);
        Assert.Equal(3, _storage.LogFiles.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flushed_segment_that_is_missing_or_overlaps_is_refused_and_named(bool missing)
    {
        FlushUpTo((2 * BatchesPerSegment) + 4);
        _storage.Stop(clean: false);
        string second = _storage.LogFiles[1];
        string named = _storage.LogFiles[2];
        if (missing)
        {
            File.Delete(second);
        }
        else
        {
            named = Path.Combine(_storage.Folder, $"{OffsetsPerSegment - 3:D20}.log");
            File.Move(second, named);
        }

        _storage.Start();
        Assert.Contains(named, IsRefused());
    }

    [Fact]
    public void A_folder_that_is_missing_is_no_empty_log_when_records_of_it_were_flushed()
    {
        FlushUpTo(2);
        _storage.Stop(clean: true);
        Directory.Delete(_storage.Folder, recursive: true);
        _storage.Start();
        Assert.Contains("the log ends at offset 0", IsRefused());
        Assert.True(_storage.Manager.Delete(StorageFixture.TopicName));
    }

    [Fact]
    public void A_refused_log_says_so_to_everybody_and_the_others_are_served()
    {
        _storage.Manager.Create("other", 1, new Dictionary<string, string?>(), out _);
        FlushUpTo(2);
        Damage(_storage.LogFiles[0], 100);
        IsRefused();
        Assert.Throws<LogOfflineException>(() => _storage.Log.Append(TestBatch.Make(1)));
        Assert.Equal(ReadResult.Offline, _storage.Log.TryRead(0, 1, true, out _));
        Assert.Null(_storage.Log.OffsetForTimestamp(0));
        Assert.False(_storage.Log.TryWaitForFlush(1, new Waiter(), 0, out bool isFlushed));
        Assert.False(isFlushed);
        Assert.True(_storage.Manager.TryGet("other", out Topic? other));
        Assert.Equal(0, other.Partition(0)!.Append(TestBatch.Make(1)));
    }

    [Fact]
    public void A_new_topic_is_not_measured_by_the_recovery_point_of_an_old_one_of_its_name()
    {
        FlushUpTo(50);
        _storage.Manager.Delete(StorageFixture.TopicName);
        _storage.Manager.Create(StorageFixture.TopicName, 1, new Dictionary<string, string?>(), out _);
        _storage.Append(1);
        _storage.Reopen(clean: false);
        Assert.False(_storage.Log.IsOffline);
        Assert.Equal(3, _storage.Log.EndOffset);
    }

    [Theory]
    [InlineData("", "does not begin with")]
    [InlineData("1\n1\norders 0 6\n", "version 1, this engine knows version 0")]
    [InlineData("0\n2\norders 0 6\n", "1 entries and says 2")]
    [InlineData("0\n1\norders 0\n", "'orders 0' is not")]
    [InlineData("0\n1\norders 0 -6\n", "'orders 0 -6' is not")]
    [InlineData("nonsense\n", "does not begin with")]
    public void A_checkpoint_that_cannot_be_understood_is_said_and_everything_is_checked(string text, string words)
    {
        FlushUpTo(2);
        _storage.Append(2);
        _storage.Stop(clean: false);
        File.WriteAllText(Checkpoint, text);
        _storage.Start();
        Assert.Contains(_storage.Lines, l => l.StartsWith(LogMaintenance.RecoveryPointsFileName, StringComparison.Ordinal) && l.Contains(words));
        Assert.Contains(_storage.Lines, l => l.Contains("batches_checked=4 "));
        Assert.Equal(12, _storage.Log.EndOffset);
    }

    [Fact]
    public void Producers_are_known_again_though_the_segments_with_their_batches_are_not_read()
    {
        for (int i = 0; i < 100; i++)
        {
            _storage.Produce(7, 0, i);
        }

        _storage.Log.Flush();
        _storage.SaveRecoveryPoint();
        Assert.True(_storage.LogFiles.Length > 2);
        _storage.Reopen(clean: false);
        Assert.Equal(AppendOutcome.Duplicate, _storage.Produce(7, 0, 99).Outcome);
        Assert.Equal(AppendOutcome.OutOfOrderSequence, _storage.Produce(7, 0, 101).Outcome);
        Assert.Equal(AppendOutcome.Appended, _storage.Produce(7, 0, 100).Outcome);
    }

    [Fact]
    public void Flushed_segments_without_their_indexes_are_indexed_anew()
    {
        FlushUpTo((3 * BatchesPerSegment) + 1);
        byte[] before = TestBatch.ReadAll(_storage.Log, 0);
        _storage.Stop(clean: false);
        foreach (string index in Directory.GetFiles(_storage.Folder, "*index"))
        {
            // As a machine leaves them that lost its power: there, and empty, or full of zeros.
            File.WriteAllBytes(index, new byte[index.EndsWith(".timeindex", StringComparison.Ordinal) ? 12 : 64]);
        }

        _storage.Start();
        Assert.Contains(_storage.Lines, l => l.Contains("indexes_rebuilt=4 ") && l.Contains("batches_checked=1 "));
        Assert.Equal(before, TestBatch.ReadAll(_storage.Log, 0));
    }

    private void FlushUpTo(int batches)
    {
        _storage.Append(batches);
        _storage.Log.Flush();
        _storage.SaveRecoveryPoint();
    }

    /// <summary>Flips a byte of a file while the log is down, after an unclean stop.</summary>
    private void Damage(string path, int at)
    {
        _storage.Stop(clean: false);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
        _storage.Start();
    }

    private string IsRefused()
    {
        Assert.True(_storage.Log.IsOffline);
        return Assert.Single(_storage.Lines, l => l.StartsWith("event=log-offline log=orders-0 reason=", StringComparison.Ordinal));
    }

    private sealed class Waiter : IFlushWaiter
    {
        public void Flushed(int token, bool isFlushed) => Assert.Fail("nobody waits");
    }
}
