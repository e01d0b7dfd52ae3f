using System.Diagnostics;
using System.Globalization;
using Engine.Linux;
using Engine.Linux.Tests;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>Segments whose files are written again: when they are, when they must not be, and what a crash makes of it.</summary>
public sealed class RecyclingTests
{
    private const int BatchBytes = 500;
    private const int BatchesPerSegment = 8;
    private const int SegmentsKept = 3;

    /// <summary>As many batches as a roll finds the ring full with, and the one that rolls.</summary>
    private const int FillsRing = (SegmentsKept * BatchesPerSegment) + 1;

    /// <summary>A segment, and the hole that tells that it is an old one.</summary>
    private const int LeftoverBytes = (BatchesPerSegment * BatchBytes) + 4096;

    /// <summary>Two of the waits of a log for others that ask for marks too.</summary>
    private static readonly TimeSpan CloseUponOneAnother = TimeSpan.FromMilliseconds(40);

    private static readonly LogConfig Ring = new()
    {
        SegmentBytes = BatchesPerSegment * BatchBytes,
        RetentionBytes = SegmentsKept * BatchesPerSegment * BatchBytes,
        IndexIntervalBytes = 500,
    };

    [Fact]
    public void A_ring_is_written_into_the_files_it_has()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        Append(storage, BatchesPerSegment);
        Assert.EndsWith("file=recycled", FirstRemoval(storage), StringComparison.Ordinal);
        Assert.Equal(LeftoverBytes, new FileInfo(storage.LogFiles[^1]).Length);
        Assert.Equal(1, storage.Log.Segments[^1].SizeBytes / BatchBytes);
        Assert.Equal(SegmentsKept + 1, storage.LogFiles.Length);

        for (int i = 0; i < 20 * BatchesPerSegment; i++)
        {
            Append(storage, 1);
            Assert.Equal(Expected(storage.Log.StartOffset, storage.Log.EndOffset), TestBatch.ReadAll(storage.Log, storage.Log.StartOffset));
        }

        long start = storage.Log.StartOffset;
        long end = storage.Log.EndOffset;
        storage.Stop(clean: true);
        Assert.Equal(0, MarkedTo(storage));
        storage.Start();
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
        WaitForMark(storage);
        Append(storage, BatchesPerSegment - 1);
        if (batchesInActive > 0)
        {
            Append(storage, batchesInActive);
        }
        else
        {
            storage.Log.BeginSegment();
        }

        long start = storage.Log.StartOffset;
        long end = storage.Log.EndOffset;
        Assert.Equal(LeftoverBytes, new FileInfo(storage.LogFiles[^1]).Length);
        storage.Reopen(clean: false);

        Assert.Equal((start, end), (storage.Log.StartOffset, storage.Log.EndOffset));
        Assert.DoesNotContain(storage.Lines, l => l.Contains(" cut at position", StringComparison.Ordinal));
        Assert.Equal(Expected(start, end), TestBatch.ReadAll(storage.Log, start));
        Assert.Equal(batchesInActive * BatchBytes, new FileInfo(storage.LogFiles[^1]).Length);
        Assert.Equal(0, MarkedTo(storage));
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
        WaitForMark(storage);
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
    public void After_a_loss_of_power_a_segment_with_the_bytes_of_another_is_let_go_of()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        long end = storage.Log.EndOffset;
        storage.Stop(clean: false);

        // As if the new name had been lost, and the first batch written under it had not.
        using (FileStream file = File.OpenWrite(storage.LogFiles[1]))
        {
            file.Write(Batch(end));
        }

        storage.Start();
        Assert.Equal((2 * BatchesPerSegment, end), (storage.Log.StartOffset, storage.Log.EndOffset));
        Assert.Equal(Expected(storage.Log.StartOffset, end), TestBatch.ReadAll(storage.Log, storage.Log.StartOffset));
        Assert.Equal(2, storage.Lines.Count(l => l.Contains("removed: the log had let go of it", StringComparison.Ordinal)));
        Assert.Equal(0, MarkedTo(storage));
    }

    [Fact]
    public void After_a_loss_of_power_a_segment_that_ends_too_early_is_let_go_of()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        storage.Stop(clean: false);
        using (FileStream file = File.OpenWrite(storage.LogFiles[0]))
        {
            file.SetLength(2 * BatchBytes);
        }

        storage.Start();
        Assert.Equal(BatchesPerSegment, storage.Log.StartOffset);
    }

    [Fact]
    public void After_a_crash_a_marked_segment_that_is_whole_stays()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        Assert.Equal(2 * BatchesPerSegment, MarkedTo(storage));
        storage.Reopen(clean: false);
        Assert.Equal(0, storage.Log.StartOffset);
        Assert.Equal(Expected(0, FillsRing), TestBatch.ReadAll(storage.Log, 0));
        Assert.Equal(0, MarkedTo(storage));
    }

    /// <summary>Segments are never quite full; a hundredth of what is to be kept may be missing for it.</summary>
    [Theory]
    [InlineData(SegmentsKept * BatchesPerSegment * BatchBytes * 101 / 100, true)]
    [InlineData(SegmentsKept * BatchesPerSegment * BatchBytes * 103 / 100, false)]
    public void The_oldest_goes_into_the_next_when_nearly_all_that_is_to_be_kept_stays(int retentionBytes, bool recycled)
    {
        using StorageFixture storage = new(Ring with { RetentionBytes = retentionBytes }, onDisk: true);
        Append(storage, FillsRing);
        Assert.Equal(recycled, SpinWait.SpinUntil(() => storage.Log.Segments[0].IsMarked, recycled ? 60_000 : 0));
        Append(storage, BatchesPerSegment);
        Assert.Equal(recycled ? SegmentsKept + 1 : SegmentsKept + 2, storage.Log.Segments.Length);
        Assert.Equal(recycled ? BatchesPerSegment : 0, storage.Log.StartOffset);
    }

    [Fact]
    public void A_segment_whose_mark_is_not_on_the_device_is_removed()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        storage.Log.Segments[0].IsMarked = false;
        Append(storage, BatchesPerSegment);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
        Assert.Equal(BatchBytes, new FileInfo(storage.LogFiles[^1]).Length);
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
        Append(storage, FillsRing);
        WaitForMark(storage);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        slice.Lend();
        slice.Release();
        Append(storage, BatchesPerSegment);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_reader_has_received_is_written_over()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
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
        Append(storage, BatchesPerSegment);
        Assert.EndsWith("file=recycled", FirstRemoval(storage), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_being_read_is_not_written_over()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        Append(storage, BatchesPerSegment);
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
        WaitForMark(storage);
        Append(storage, BatchesPerSegment);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_is_flushed_on_demand_takes_new_files() => NeverRecycles(Ring with { FlushMessages = 1000 });

    [Fact]
    public void It_can_be_switched_off() => NeverRecycles(Ring with { RecyclesSegments = false });

    [Fact]
    public void A_log_that_was_removed_meanwhile_is_not_marked()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        WaitForMark(storage);
        PartitionLog log = storage.Log;
        storage.Stop(clean: false);
        List<LogSegment> chosen = [];
        log.ChooseOldest(chosen);
        Assert.Empty(chosen);
        Assert.Equal(2 * BatchesPerSegment, MarkedTo(storage));
    }

    [Fact]
    public void A_ring_uses_the_memory_of_its_indexes_again()
    {
        // As many entries as a new index has room for: 8 KiB.
        using StorageFixture storage = new(Ring with { IndexIntervalBytes = 1 }, onDisk: true);
        Append(storage, FillsRing);
        List<long> allocated = [];
        for (int roll = 0; roll < 5; roll++)
        {
            WaitForMark(storage);
            long end = storage.Log.EndOffset;
            byte[][] batches = [.. Enumerable.Range(0, BatchesPerSegment).Select(i => Batch(end + i))];
            allocated.Add(Allocations.Of(() => Array.ForEach(batches, batch => storage.Log.Append(batch))));
            Assert.Equal(Expected(storage.Log.StartOffset, end + BatchesPerSegment), TestBatch.ReadAll(storage.Log, storage.Log.StartOffset));
        }

        Assert.All(Allocations.ButForOne(allocated), bytes => Assert.InRange(bytes, 1, 6_000));
    }

    [Fact]
    public void A_topic_of_a_deleted_ones_name_has_nothing_marked()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        storage.Manager.Create("others", 2, new Dictionary<string, string?>(), out Topic others);
        Append(storage, FillsRing);
        Append(others.Partition(1)!, FillsRing);
        WaitForMark(storage);
        Assert.True(SpinWait.SpinUntil(() => others.Partition(1)!.Segments[0].IsMarked, TimeSpan.FromMinutes(1)));
        Assert.Equal(["orders 0", "others 1"], MarkedLogs(storage));
        storage.Manager.Delete("others");
        storage.Manager.Create("others", 2, new Dictionary<string, string?>(), out _);
        Assert.Equal(["orders 0"], MarkedLogs(storage));
    }

    [Fact]
    public void Marks_that_cannot_be_read_are_passed_over_and_said()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, FillsRing);
        storage.Stop(clean: false);
        File.WriteAllText(Path.Combine(storage.DataDirectory, RecycleOffsets.FileName), "0\n1\norders zero 8\n");
        storage.Start();
        Assert.Contains(storage.Lines, l => l.StartsWith($"{RecycleOffsets.FileName} is passed over: 'orders zero 8'", StringComparison.Ordinal));
        Assert.Equal(Expected(0, FillsRing), TestBatch.ReadAll(storage.Log, 0));
    }

    /// <summary>Of 17 segments 8 are marked, so that three go before the next are: a mark is a write to the device.</summary>
    [Fact]
    public void The_next_are_marked_when_half_of_the_marked_have_gone()
    {
        const int Kept = 16;
        using StorageFixture storage = new(Ring with { RetentionBytes = Kept * BatchesPerSegment * BatchBytes }, onDisk: true);
        Append(storage, (Kept * BatchesPerSegment) + 1);
        WaitForMark(storage);
        Assert.Equal(8 * BatchesPerSegment, MarkedTo(storage));

        // What a roll has asked for is done before the next roll is told.
        Append(storage, 3 * BatchesPerSegment);
        storage.WaitForLine($"event=roll segment={storage.Log.Segments[^2].Path}");
        Assert.Equal(8 * BatchesPerSegment, MarkedTo(storage));
        Append(storage, BatchesPerSegment);
        Assert.True(SpinWait.SpinUntil(() => MarkedTo(storage) == 12 * BatchesPerSegment, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Logs_that_roll_one_after_another_are_marked_together()
    {
        int attempts = 0;
        while (!RollOneAfterAnother())
        {
            Assert.True(++attempts < 100, $"the logs never rolled within {CloseUponOneAnother.TotalMilliseconds} ms");
        }
    }

    /// <summary>False when the rolls were not close upon one another, as on a machine that is busy: there may be any number of files then.</summary>
    private static bool RollOneAfterAnother()
    {
        const int Logs = 12;
        using StorageFixture storage = new(Ring, onDisk: true);
        storage.Manager.Create("others", Logs, new Dictionary<string, string?>(), out Topic others);
        foreach (PartitionLog log in others.Partitions)
        {
            Append(log, FillsRing - 1);
        }

        int written = 0;
        using FileSystemWatcher watcher = new(storage.DataDirectory);
        watcher.Renamed += (_, renamed) => Interlocked.Add(ref written, renamed.Name == RecycleOffsets.FileName ? 1 : 0);
        watcher.EnableRaisingEvents = true;
        Stopwatch rolling = Stopwatch.StartNew();
        foreach (PartitionLog log in others.Partitions)
        {
            Append(log, 1);
            Thread.Sleep(1);
        }

        if (rolling.Elapsed > CloseUponOneAnother)
        {
            return false;
        }

        Assert.True(SpinWait.SpinUntil(() => others.Partitions.All(log => log.Segments[0].IsMarked), TimeSpan.FromMinutes(1)));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref written) > 0, TimeSpan.FromMinutes(1)));
        Assert.InRange(Volatile.Read(ref written), 1, Logs / 2);
        Assert.Equal(Logs, MarkedLogs(storage).Length);
        return true;
    }

    private static void NeverRecycles(LogConfig config)
    {
        using StorageFixture storage = new(config, onDisk: true);
        Append(storage, FillsRing);
        List<LogSegment> chosen = [];
        storage.Log.ChooseOldest(chosen);
        Assert.Empty(chosen);
        Append(storage, BatchesPerSegment);
        Assert.EndsWith("file=removed", FirstRemoval(storage), StringComparison.Ordinal);
    }

    private static void Append(StorageFixture storage, int batches) => Append(storage.Log, batches);

    private static void Append(PartitionLog log, int batches)
    {
        for (int i = 0; i < batches; i++)
        {
            log.Append(Batch(log.EndOffset));
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

    private static void WaitForMark(StorageFixture storage) =>
        Assert.True(SpinWait.SpinUntil(() => storage.Log.Segments[0].IsMarked, TimeSpan.FromMinutes(1)), string.Join('\n', storage.Lines));

    /// <summary>What the file says of the log.</summary>
    private static long MarkedTo(StorageFixture storage)
    {
        string path = Path.Combine(storage.DataDirectory, RecycleOffsets.FileName);
        return File.Exists(path) ? long.Parse(File.ReadAllLines(path)[^1].Split(' ')[^1], CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Topics and partitions that the file speaks of.</summary>
    private static string[] MarkedLogs(StorageFixture storage) =>
        [.. File.ReadAllLines(Path.Combine(storage.DataDirectory, RecycleOffsets.FileName))[2..].Select(line => line[..line.LastIndexOf(' ')])];
}
