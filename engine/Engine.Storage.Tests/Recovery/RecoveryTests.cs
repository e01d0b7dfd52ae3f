using Engine.Wire;

namespace Engine.Storage.Tests;

public sealed class RecoveryTests : IDisposable
{
    /// <summary>Segments of 4000 bytes, an index entry every 500.</summary>
    private readonly StorageFixture _storage = new();

    private readonly byte[] _batch = TestBatch.Make(3);

    public void Dispose() => _storage.Dispose();

    private int BatchesPerSegment => 4000 / _batch.Length;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_appended_is_there_after_a_stop(bool clean)
    {
        _storage.Append(100);
        byte[] before = TestBatch.ReadAll(_storage.Log, 0);
        _storage.Reopen(clean);
        Assert.Equal((0, 300), (_storage.Log.StartOffset, _storage.Log.EndOffset));
        Assert.Equal(before, TestBatch.ReadAll(_storage.Log, 0));
        Assert.Equal(clean ? 1 : 2, _storage.Lines.Length);
        Assert.All(_storage.Lines, line => Assert.Contains(clean ? "batches_checked=0 " : "batches_checked=100 ", line));
        Assert.Equal(300, _storage.Log.Append(TestBatch.Make(1)));
        _storage.Reopen(clean);
        Assert.Equal(301, _storage.Log.EndOffset);
    }

    [Fact]
    public void The_marker_of_a_clean_stop_counts_once_and_only_in_the_same_boot()
    {
        string marker = Path.Combine(_storage.DataDirectory, ".kafka_cleanshutdown");
        _storage.Append(5);
        _storage.Stop(clean: true);
        Assert.True(File.Exists(marker));
        _storage.Start();
        Assert.False(File.Exists(marker));
        _storage.Stop(clean: true);
        File.WriteAllText(marker, """{"version":0,"bootId":"00000000-0000-0000-0000-000000000000"}""");
        _storage.Start();
        Assert.Contains(_storage.Lines, l => l.Contains("restarted since the clean stop"));
        Assert.Contains(_storage.Lines, l => l.Contains("batches_checked=5 "));
        _storage.Stop(clean: true);
        File.WriteAllText(marker, "");
        _storage.Start();
        Assert.Contains(_storage.Lines, l => l.Contains("not written by this engine"));
        Assert.Contains(_storage.Lines, l => l.Contains("batches_checked=5 "));
    }

    [Fact]
    public void A_torn_tail_is_cut_at_every_length()
    {
        _storage.Append(3);
        string file = Assert.Single(_storage.LogFiles);
        for (int torn = 1; torn < _batch.Length; torn += torn is > 10 and < 55 ? 22 : 1)
        {
            _storage.Log.Append(TestBatch.Make(3));
            _storage.Stop(clean: false);
            Resize(file, (3 * _batch.Length) + torn);
            _storage.Start();
            Assert.Equal(9, _storage.Log.EndOffset);
            Assert.Equal(3 * _batch.Length, new FileInfo(file).Length);
            Assert.Contains(_storage.Lines, l => l.Contains($"cut at position {3 * _batch.Length}") && l.Contains($"{torn} of"));
        }
    }

    [Fact]
    public void Zeros_at_the_end_are_cut()
    {
        _storage.Append(3);
        _storage.Stop(clean: false);
        Resize(Assert.Single(_storage.LogFiles), (3 * _batch.Length) + 5000);
        _storage.Start();
        Assert.Equal(9, _storage.Log.EndOffset);
        Assert.Equal(3 * _batch.Length, TestBatch.ReadAll(_storage.Log, 0).Length);
    }

    [Fact]
    public void A_flipped_byte_in_the_middle_cuts_the_log_there_and_removes_what_follows()
    {
        _storage.Append(3 * BatchesPerSegment);
        _storage.Stop(clean: false);
        Flip(_storage.LogFiles[1], (2 * _batch.Length) + 100);
        _storage.Start();
        Assert.Equal((BatchesPerSegment + 2) * 3, _storage.Log.EndOffset);
        Assert.Equal(2, _storage.LogFiles.Length);
        Assert.Contains(_storage.Lines, l => l.Contains("checksum that does not match") && l.Contains("orders-0"));
        Assert.Contains(_storage.Lines, l => l.Contains("removed: it follows the cut"));
        _storage.Append(BatchesPerSegment);
        TestBatch.ReadAll(_storage.Log, 0);
    }

    [Theory]
    [InlineData(RecordBatch.LengthAt, "batch")]
    [InlineData(RecordBatch.MagicAt, "magic")]
    [InlineData(RecordBatch.RecordCountAt + 3, "records with last offset delta")]
    [InlineData(RecordBatch.BaseOffsetAt + 7, "base offset")]
    public void Every_kind_of_bad_batch_is_named(int flippedAt, string named)
    {
        _storage.Append(3);
        _storage.Stop(clean: false);
        Flip(_storage.LogFiles[0], _batch.Length + flippedAt);
        _storage.Start();
        Assert.Equal(3, _storage.Log.EndOffset);
        Assert.Contains(_storage.Lines, l => l.Contains(named));
    }

    [Fact]
    public void A_missing_segment_cuts_the_log_before_the_hole_when_nothing_was_flushed()
    {
        _storage.Append(3 * BatchesPerSegment);
        _storage.Stop(clean: true);
        File.Delete(Path.Combine(_storage.DataDirectory, LogMaintenance.RecoveryPointsFileName));
        File.Delete(_storage.LogFiles[1]);
        _storage.Start();
        Assert.Equal(BatchesPerSegment * 3, _storage.Log.EndOffset);
        Assert.Contains(_storage.Lines, l => l.Contains("although the last stop was clean"));
        Assert.Contains(_storage.Lines, l => l.Contains("belongs to no segment"));
        Assert.Single(_storage.LogFiles);
    }

    [Fact]
    public void A_missing_oldest_segment_moves_the_start()
    {
        _storage.Append(3 * BatchesPerSegment);
        _storage.Stop(clean: false);
        File.Delete(_storage.LogFiles[0]);
        _storage.Start();
        Assert.Equal((BatchesPerSegment * 3, BatchesPerSegment * 9), (_storage.Log.StartOffset, _storage.Log.EndOffset));
    }

    [Fact]
    public void An_empty_last_segment_is_appended_to()
    {
        _storage.Append(BatchesPerSegment);
        _storage.Stop(clean: false);
        File.WriteAllBytes(Path.Combine(_storage.Folder, $"{BatchesPerSegment * 3:D20}.log"), []);
        _storage.Start();
        Assert.Equal(BatchesPerSegment * 3, _storage.Log.EndOffset);
        _storage.Append(1);
        Assert.Equal(_batch.Length, new FileInfo(_storage.LogFiles[1]).Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Indexes_that_are_missing_cut_or_lying_are_made_anew(bool clean)
    {
        _storage.Append(5 * BatchesPerSegment);
        byte[] before = TestBatch.ReadAll(_storage.Log, 0);
        _storage.Stop(clean: true);
        string[] indexes = [.. _storage.LogFiles.Select(f => Path.ChangeExtension(f, ".index"))];
        byte[][] right = [.. indexes.Select(File.ReadAllBytes)];
        File.Delete(indexes[0]);
        Resize(indexes[1], right[1].Length - 3);
        Flip(indexes[2], right[2].Length - 1); // the last entry's position
        File.WriteAllBytes(indexes[3], [.. right[3].Chunk(8).Reverse().SelectMany(e => e)]);
        File.WriteAllBytes(indexes[4], [.. right[4], .. new byte[16]]);
        if (!clean)
        {
            File.Delete(Path.Combine(_storage.DataDirectory, ".kafka_cleanshutdown"));
        }

        _storage.Start();
        Assert.Equal(before, TestBatch.ReadAll(_storage.Log, 0));
        Assert.Contains(_storage.Lines, l => l.StartsWith("event=log-recovered") && l.Contains("indexes_rebuilt=5 "));
        _storage.Stop(clean: true);
        Assert.Equal(right, indexes.Select(File.ReadAllBytes));
    }

    [Fact]
    public void An_index_that_lies_in_its_middle_is_found_out_when_it_is_used()
    {
        _storage.Append(2 * BatchesPerSegment);
        _storage.Stop(clean: true);
        foreach (string log in _storage.LogFiles)
        {
            // The first entry stays in order with its neighbours, and points into the middle of a batch.
            Flip(Path.ChangeExtension(log, ".index"), 7);
        }

        _storage.Start();
        for (long offset = 0; offset < _storage.Log.EndOffset; offset++)
        {
            Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(offset, RecordBatch.HeaderBytes, false, out LogSlice slice));
            byte[] header = TestBatch.Read(slice);
            Assert.InRange(offset, RecordBatch.BaseOffset(header), RecordBatch.LastOffset(header));
        }
    }

    [Fact]
    public void Foreign_and_left_over_files_are_named()
    {
        _storage.Append(2);
        _storage.Stop(clean: true);
        File.WriteAllText(Path.Combine(_storage.Folder, "notes.txt"), "mine");
        File.WriteAllText(Path.Combine(_storage.Folder, "00000000000000000077.timeindex"), "no log either");
        File.WriteAllText(Path.Combine(_storage.Folder, "00000000000000000000.log.deleted"), "");
        File.WriteAllText(Path.Combine(_storage.Folder, "00000000000000000077.index"), "no log");
        _storage.Start();
        Assert.Equal(6, _storage.Log.EndOffset);
        Assert.Contains(_storage.Lines, l => l.Contains("notes.txt") && l.Contains("left alone"));
        Assert.Contains(_storage.Lines, l => l.Contains("log.deleted") && l.Contains("removed"));
        Assert.Contains(_storage.Lines, l => l.Contains("00000000000000000077.index") && l.Contains("removed"));
        Assert.Contains(_storage.Lines, l => l.Contains("00000000000000000077.timeindex") && l.Contains("removed"));
        Assert.True(File.Exists(Path.Combine(_storage.Folder, "notes.txt")));
    }

    [Fact]
    public void Batches_larger_than_the_chunk_that_is_read_are_checked_whole()
    {
        using StorageFixture storage = new(new LogConfig());
        foreach (int size in (int[])[700_000, 3_000_000, 100_000, 1_500_000])
        {
            storage.Log.Append(TestBatch.OfSize(size));
        }

        storage.Reopen(clean: false);
        Assert.Equal(4, storage.Log.EndOffset);
        storage.Stop(clean: false);
        Flip(storage.LogFiles[0], 700_000 + 2_999_999);
        storage.Start();
        Assert.Equal(1, storage.Log.EndOffset);
    }

    private static void Flip(string path, int at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static void Resize(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
