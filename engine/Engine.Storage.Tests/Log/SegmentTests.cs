using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Storage.Tests;

public sealed class SegmentTests
{
    [Fact]
    public void A_segment_is_closed_when_a_batch_would_take_it_over_its_size()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000 });
        for (int i = 0; i < 5; i++)
        {
            storage.Log.Append(TestBatch.OfSize(500));
        }

        Assert.Equal(
            ["00000000000000000000.log", "00000000000000000002.log", "00000000000000000004.log"],
            storage.LogFiles.Select(Path.GetFileName));
        Assert.Equal([1000L, 1000, 500], storage.LogFiles.Select(f => new FileInfo(f).Length));
        Assert.Equal(2500, TestBatch.ReadAll(storage.Log, 0).Length);
        Assert.Equal(500, TestBatch.ReadAll(storage.Log, 4).Length);
    }

    [Fact]
    public void A_batch_larger_than_a_segment_gets_one_of_its_own()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000 });
        foreach (int size in (int[])[1500, 300, 2000])
        {
            storage.Log.Append(TestBatch.OfSize(size));
        }

        Assert.Equal([1500L, 300, 2000], storage.LogFiles.Select(f => new FileInfo(f).Length));
    }

    [Fact]
    public void Index_entries_hold_last_offset_and_position_of_the_batch_that_passed_the_interval()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 9000, IndexIntervalBytes = 2500 });
        for (int i = 0; i < 9; i++)
        {
            storage.Log.Append(Padded(records: 4, bytes: 1000));
        }

        storage.Log.Append(Padded(records: 4, bytes: 1000));
        storage.Stop(clean: true);
        byte[] index = File.ReadAllBytes(Path.Combine(storage.Folder, "00000000000000000000.index"));

        // 3000 bytes have gone by before the batches at 3000, 6000; the one at 9000 is in the next segment.
        Assert.Equal([(15, 3000), (27, 6000)], Entries(index));
        Assert.Empty(File.ReadAllBytes(Path.Combine(storage.Folder, "00000000000000000036.index")));
    }

    [Fact]
    public void Index_files_and_snapshots_are_written_when_their_segment_has_been_flushed()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000 });
        for (int i = 0; i < 9; i++)
        {
            storage.Log.Append(TestBatch.OfSize(500));
        }

        storage.Manager.Maintenance.Checkpoint();
        Assert.Empty(Beside(storage));
        storage.Log.Flush();
        storage.Manager.Maintenance.Checkpoint();
        string[] ended = ["00.index", "00.timeindex", "02.index", "02.snapshot", "02.timeindex", "04.index", "04.snapshot", "04.timeindex",
            "06.index", "06.snapshot", "06.timeindex"];
        Assert.True(SpinWait.SpinUntil(() => Beside(storage).SequenceEqual(ended), TimeSpan.FromMinutes(1)), string.Join(' ', Beside(storage)));

        storage.Reopen(clean: false);
        Assert.DoesNotContain(storage.Lines, l => l.Contains("rebuilt", StringComparison.Ordinal) && !l.Contains("indexes_rebuilt=1", StringComparison.Ordinal));
        Assert.Equal(4500, TestBatch.ReadAll(storage.Log, 0).Length);
        storage.Stop(clean: true);
        Assert.Equal([.. ended, "08.index", "08.timeindex", "09.snapshot"], Beside(storage));
    }

    [Fact]
    public void Retention_drops_the_oldest_segments_that_the_log_can_do_without()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000, RetentionBytes = 2000 });
        for (int i = 0; i < 8; i++)
        {
            storage.Log.Append(TestBatch.OfSize(500));
        }

        // At the roll for the fourth segment 3000 bytes were there, and 2000 without the first.
        Assert.Equal(2, storage.Log.StartOffset);
        storage.Log.Append(TestBatch.OfSize(500));
        Assert.Equal(4, storage.Log.StartOffset);
        Assert.Equal(ReadResult.OffsetOutOfRange, storage.Log.TryRead(3, 1000, true, out _));
        Assert.Equal(2500, storage.Log.SizeBytes);
        storage.Stop(clean: true);
        Assert.Equal(3, storage.LogFiles.Length);
        Assert.Equal(3, Directory.GetFiles(storage.Folder, "*.index").Length);
        storage.Start();
        Assert.Equal((4, 9), (storage.Log.StartOffset, storage.Log.EndOffset));
    }

    [Fact]
    public void Retention_of_zero_keeps_the_segment_that_is_appended_to()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000, RetentionBytes = 0 });
        for (int i = 0; i < 5; i++)
        {
            storage.Log.Append(TestBatch.OfSize(500));
        }

        Assert.Equal((4, 5), (storage.Log.StartOffset, storage.Log.EndOffset));
        Assert.Equal(500, TestBatch.ReadAll(storage.Log, 4).Length);
    }

    [Fact]
    public void A_slice_outlives_the_retention_of_its_segment()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000, RetentionBytes = 0 });
        byte[] first = TestBatch.OfSize(500);
        storage.Log.Append(first);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, 1000, true, out LogSlice slice));
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, 1000, true, out LogSlice other));
        other.Release();
        for (int i = 0; i < 5; i++)
        {
            storage.Log.Append(TestBatch.OfSize(500));
        }

        Assert.Equal(4, storage.Log.StartOffset);
        storage.Stop(clean: true);
        Assert.Single(storage.LogFiles);
        int number = slice.File.Number;
        Assert.True(number >= 0);
        Engine.Linux.FileDescriptor file = slice.File;
        Assert.Equal(first, TestBatch.Read(slice));
        Assert.Equal(-1, file.Number);
    }

    private static byte[] Padded(int records, int bytes)
    {
        for (int value = (bytes - RecordBatch.HeaderBytes) / records - 20; ; value++)
        {
            byte[] batch = TestBatch.Make(records, value);
            if (batch.Length >= bytes)
            {
                // Bytes behind the records make the size exact; the log does not open batches, so it cannot mind.
                Assert.InRange(batch.Length, bytes, bytes + 10);
                return Resize(TestBatch.Make(records, value - 4), bytes);
            }
        }
    }

    private static byte[] Resize(byte[] batch, int bytes)
    {
        Array.Resize(ref batch, bytes);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatch.LengthAt), bytes - RecordBatch.LogOverheadBytes);
        BinaryPrimitives.WriteUInt32BigEndian(
            batch.AsSpan(RecordBatch.CrcAt), Crc32C.Compute(batch.AsSpan(RecordBatch.AttributesAt)));
        return batch;
    }

    private static (int Offset, int Position)[] Entries(byte[] index) =>
        [.. index.Chunk(8).Select(e => (BinaryPrimitives.ReadInt32BigEndian(e), BinaryPrimitives.ReadInt32BigEndian(e.AsSpan(4))))];

    /// <summary>All files but the logs, by the ends of their names.</summary>
    private static string[] Beside(StorageFixture storage) =>
        [.. Directory.GetFiles(storage.Folder).Where(f => !f.EndsWith(".log", StringComparison.Ordinal)).Select(f => Path.GetFileName(f)[18..]).Order(StringComparer.Ordinal)];
}
