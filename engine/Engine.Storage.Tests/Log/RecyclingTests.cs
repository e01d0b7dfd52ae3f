using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>Files of removed segments that are written again: when they are, when they must not be, and what a crash makes of it.</summary>
public sealed class RecyclingTests
{
    private const int BatchBytes = 500;
    private const int BatchesPerSegment = 8;
    private const int SegmentsKept = 3;

    /// <summary>A segment, and the hole that tells that it is an old one.</summary>
    private const int SpareBytes = (BatchesPerSegment * BatchBytes) + 4096;

    private static readonly LogConfig Ring = new()
    {
        SegmentBytes = BatchesPerSegment * BatchBytes,
        RetentionBytes = SegmentsKept * BatchesPerSegment * BatchBytes,
        IndexIntervalBytes = 500,
    };

    [Fact]
    public void A_ring_is_written_into_the_files_it_has_left()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        Assert.EndsWith("file=kept", FirstRemoval(storage), StringComparison.Ordinal);
        WaitForSpare(storage);
        string spare = Assert.Single(Spares(storage));
        long written = new FileInfo(spare).Length;
        Assert.Equal(SpareBytes, written);

        Append(storage, BatchesPerSegment); // The next segment, of which one batch is in the file by now.
        Assert.Equal(written, new FileInfo(storage.LogFiles[^1]).Length);
        Assert.Equal(1, storage.Log.Segments[^1].SizeBytes / BatchBytes);

        for (int i = 0; i < 20 * BatchesPerSegment; i++)
        {
            Append(storage, 1);
            Assert.Equal(Expected(storage.Log.StartOffset, storage.Log.EndOffset), TestBatch.ReadAll(storage.Log, storage.Log.StartOffset));
        }

        long start = storage.Log.StartOffset;
        long end = storage.Log.EndOffset;
        storage.Reopen(clean: true);
        Assert.Empty(Spares(storage));
        Assert.DoesNotContain(storage.Lines, l => l.Contains(" cut at position", StringComparison.Ordinal));
        Assert.Equal((start, end), (storage.Log.StartOffset, storage.Log.EndOffset));
        Assert.Equal(Expected(start, end), TestBatch.ReadAll(storage.Log, start));
    }

    [Theory]
    [InlineData(0)] // the file is as it was before
    [InlineData(1)]
    [InlineData(BatchesPerSegment - 1)]
    [InlineData(BatchesPerSegment)]
    public void After_a_crash_what_the_file_held_before_is_no_part_of_the_log(int batchesInActive)
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForSpare(storage);
        if (batchesInActive > 0)
        {
            Append(storage, BatchesPerSegment - 1 + batchesInActive);
        }
        else
        {
            Append(storage, BatchesPerSegment - 1);
            storage.Log.BeginSegment();
        }

        long start = storage.Log.StartOffset;
        long end = storage.Log.EndOffset;
        Assert.Equal(SpareBytes, new FileInfo(storage.LogFiles[^1]).Length);
        storage.Reopen(clean: false);

        Assert.Equal(end, storage.Log.EndOffset);
        Assert.DoesNotContain(storage.Lines, l => l.Contains(" cut at position", StringComparison.Ordinal));
        Assert.Equal(Expected(start, end), TestBatch.ReadAll(storage.Log, start));
        Assert.Equal(batchesInActive * BatchBytes, new FileInfo(storage.LogFiles[^1]).Length);
        Append(storage, 3 * FillsRing);
        start = storage.Log.StartOffset;
        Assert.Equal(Expected(start, storage.Log.EndOffset), TestBatch.ReadAll(storage.Log, start));
    }

    [Theory]
    [InlineData(RecordBatch.HeaderBytes)]
    [InlineData(200)]
    public void A_batch_that_was_being_written_over_an_old_one_is_cut_and_told(int bytesWritten)
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForSpare(storage);
        Append(storage, BatchesPerSegment + 1);
        long end = storage.Log.EndOffset;
        storage.Stop(clean: false);

        byte[] next = TestBatch.Make(20, seed: 7);
        RecordBatch.Assign(next, end, leaderEpoch: 0);
        using (FileStream file = File.OpenWrite(storage.LogFiles[^1]))
        {
            file.Position = 2 * BatchBytes;
            file.Write(next.AsSpan(0, bytesWritten));
        }

        storage.Start();
        Assert.Equal(end, storage.Log.EndOffset);
        Assert.Contains(storage.Lines, l => l.Contains($"cut at position {2 * BatchBytes}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_header_over_two_pages_is_invalid_before_it_is_written()
    {
        using TestDirectory directory = new();
        string path = Path.Combine(directory.Path, "file");
        File.WriteAllBytes(path, new byte[3 * 4096]);
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadWrite);
        SequentialStore store = new(file, 3 * 4096);
        store.Append([], 4096 - 10);
        store.Append([], 8192 - RecordBatch.AttributesAt);
        byte[] found = File.ReadAllBytes(path);
        Assert.All(found[(4096 - 10)..(4096 - 10 + RecordBatch.AttributesAt)], value => Assert.Equal(0xFF, value));
        Assert.Equal(RecordBatch.AttributesAt, found.Count(value => value != 0));
    }

    [Fact]
    public void What_a_reader_may_not_have_received_is_not_written_over()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, BatchesPerSegment);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        slice.Lend();
        slice.Release();
        Append(storage, FillsRing - BatchesPerSegment);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
        Assert.Empty(Spares(storage));
    }

    [Fact]
    public void What_a_reader_has_received_is_written_over()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, BatchesPerSegment + 1);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        SegmentLoan loan = slice.Lend();
        Assert.True(loan.Covers(slice));
        Assert.False(loan.EndsBefore(slice));
        slice.Release();
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(BatchesPerSegment, int.MaxValue, true, out LogSlice next));
        Assert.False(loan.Covers(next));
        Assert.True(loan.EndsBefore(next));
        next.Release();
        loan.GiveBack();
        Append(storage, FillsRing - BatchesPerSegment - 1);
        Assert.EndsWith("file=kept", FirstRemoval(storage), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_being_read_is_not_written_over()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, BatchesPerSegment);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        Append(storage, FillsRing - BatchesPerSegment);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
        Append(storage, 3 * FillsRing);
        Assert.Equal(Expected(0, BatchesPerSegment), TestBatch.Read(slice));
    }

    [Fact]
    public void What_an_earlier_process_may_have_sent_is_not_written_over()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing - 1);
        storage.Reopen(clean: true);
        Append(storage, 1);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_is_flushed_on_demand_takes_new_files() => NeverKeeps(Ring with { FlushMessages = 1000 });

    [Fact]
    public void It_can_be_switched_off() => NeverKeeps(Ring with { RecyclesSegments = false });

    [Fact]
    public void A_spare_file_that_nobody_needs_goes()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForSpare(storage);
        storage.Log.ApplyRetention(0);
        Assert.Single(Spares(storage));
        storage.Log.ApplyRetention(0);
        Assert.Empty(Spares(storage));
    }

    private static int FillsRing => ((SegmentsKept + 1) * BatchesPerSegment) + 1;

    private static void NeverKeeps(LogConfig config)
    {
        using StorageFixture storage = new(config, onDisk: true);
        Append(storage, FillsRing);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
        Assert.Empty(Spares(storage));
    }

    private static void Append(StorageFixture storage, int batches)
    {
        for (int i = 0; i < batches; i++)
        {
            storage.Log.Append(Batch(storage.Log.EndOffset));
        }
    }

    /// <summary>The batch of one record that the log has at an offset.</summary>
    private static byte[] Batch(long offset)
    {
        byte[] batch = TestBatch.OfSize(BatchBytes);
        RecordBatch.Assign(batch, offset, leaderEpoch: 0);
        return batch;
    }

    private static byte[] Expected(long from, long to) => [.. Enumerable.Range((int)from, (int)(to - from)).SelectMany(offset => Batch(offset))];

    private static string FirstRemoval(StorageFixture storage) => storage.WaitForLine("event=segment-deleted");

    private static void WaitForSpare(StorageFixture storage) =>
        Assert.True(SpinWait.SpinUntil(() => storage.Log.SpareFiles > 0, TimeSpan.FromMinutes(1)), string.Join('\n', storage.Lines));

    private static string[] Spares(StorageFixture storage) => Directory.GetFiles(storage.Folder, "*.log.deleted");
}
