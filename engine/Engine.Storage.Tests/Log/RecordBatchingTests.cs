using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>Storage record by record: what is written, what readers see, and what a producer may rely on.</summary>
public sealed class RecordBatchingTests
{
    private const int Records = 10;

    private static readonly LogConfig Config = new() { Batching = Batching.Record, SegmentBytes = 1 << 20 };

    [Fact]
    public void Every_record_is_a_batch_of_its_own_with_an_index_entry_of_its_own()
    {
        using StorageFixture storage = new(Config);
        byte[] batch = TestBatch.Of(7, 2, int.MaxValue - 3, Records);
        Assert.Equal(0, storage.Log.AppendFromProducer(TestBatch.Make(1)).BaseOffset);
        Assert.Equal((AppendOutcome.Appended, 1L), Outcome(storage.Log.AppendFromProducer(batch)));
        List<byte[]> stored = Split(TestBatch.ReadAll(storage.Log, 0));
        Assert.Equal(Records + 1, stored.Count);
        for (int i = 0; i < Records; i++)
        {
            byte[] one = stored[i + 1];
            Assert.Equal((1, 1L + i), (RecordBatch.RecordCount(one), RecordBatch.BaseOffset(one)));
            Assert.Equal((7L, (short)2), (RecordBatch.ProducerId(one), RecordBatch.ProducerEpoch(one)));
            Assert.Equal((int.MaxValue - 3 + i) & int.MaxValue, RecordBatch.BaseSequence(one));
            Assert.Equal(1_000_000 + i, RecordBatch.MaxTimestamp(one));
        }

        Assert.Equal(ValuesOf([batch]), ValuesOf(stored[1..]));
        storage.Stop(clean: true);
        Assert.Equal(Records * OffsetIndex.EntryBytes, new FileInfo(Path.ChangeExtension(storage.LogFiles[0], ".index")).Length);
        storage.Start();
        Assert.Equal(new OffsetAndTimestamp(4, 1_000_003), storage.Log.OffsetForTimestamp(1_000_003));
    }

    [Fact]
    public void The_time_of_the_append_is_that_of_every_record()
    {
        using StorageFixture storage = new(Config with { MessageTimestampType = TimestampType.LogAppendTime });
        AppendResult result = storage.Log.AppendFromProducer(TestBatch.Make(3));
        foreach (byte[] one in Split(TestBatch.ReadAll(storage.Log, 0)))
        {
            Assert.True(RecordBatch.IsLogAppendTime(one));
            Assert.Equal(result.TimestampMs, RecordBatch.MaxTimestamp(one));
        }
    }

    [Fact]
    public void A_batch_is_not_parted_by_a_roll_unless_it_is_larger_than_a_segment()
    {
        using StorageFixture storage = new(Config with { SegmentBytes = 1500 });
        for (int i = 0; i < 3; i++)
        {
            storage.Produce(1, 0, i * Records, Records);
        }

        Assert.Equal([0L, 10, 20], storage.Log.Segments.Select(s => s.BaseOffset));
        Assert.Equal((AppendOutcome.Appended, 30L), Outcome(storage.Produce(1, 0, 30, records: 50)));
        Assert.Equal(80, storage.Log.EndOffset);
        Assert.True(storage.Log.Segments.Length > 5);
        foreach (bool clean in (bool[])[false, true])
        {
            storage.Reopen(clean);
            Assert.Equal((AppendOutcome.Duplicate, 30L), Outcome(storage.Produce(1, 0, 30, records: 50)));
            Assert.Equal((AppendOutcome.Duplicate, 10L), Outcome(storage.Produce(1, 0, 10, Records)));
        }

        Assert.Equal(80, Split(TestBatch.ReadAll(storage.Log, 0)).Count);
    }

    /// <summary>As after a kill between two records: the file ends behind some of them.</summary>
    [Theory]
    [InlineData(100_000, true)]
    [InlineData(100_000, false)]
    [InlineData(900, true)]
    [InlineData(900, false)]
    public void A_repeat_of_a_batch_that_was_stored_in_part_stores_the_rest(long segmentBytes, bool clean)
    {
        for (int kept = 0; kept <= Records; kept++)
        {
            using StorageFixture storage = new(Config with { SegmentBytes = segmentBytes });
            storage.Produce(1, 0, 0, Records);
            storage.Produce(1, 0, Records, Records);
            storage.Stop(clean: false);
            CutTo(storage, Records + kept);
            storage.Start();
            Assert.Equal(Records + kept, storage.Log.EndOffset);
            if (clean)
            {
                storage.Reopen(clean: true);
            }

            // What was in flight before it, whatever else is asked, the batch itself, and the next.
            Assert.Equal((AppendOutcome.Duplicate, 0L), Outcome(storage.Produce(1, 0, 0, Records)));
            Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 0, 2 * Records + 1).Outcome);
            AppendOutcome expected = kept == Records ? AppendOutcome.Duplicate : AppendOutcome.Appended;
            Assert.Equal((expected, (long)Records), Outcome(storage.Produce(1, 0, Records, Records)));
            Assert.Equal((AppendOutcome.Duplicate, (long)Records), Outcome(storage.Produce(1, 0, Records, Records)));
            Assert.Equal((AppendOutcome.Appended, 2L * Records), Outcome(storage.Produce(1, 0, 2 * Records, Records)));
            List<byte[]> stored = Split(TestBatch.ReadAll(storage.Log, 0));
            Assert.Equal(Enumerable.Range(0, 3 * Records), stored.Select(one => RecordBatch.BaseSequence(one)));
        }
    }

    [Fact]
    public void Records_of_another_producer_may_come_before_the_rest()
    {
        using StorageFixture storage = new(Config);
        storage.Produce(1, 0, 0, Records);
        storage.Stop(clean: false);
        CutTo(storage, 4);
        storage.Start();
        Assert.Equal((AppendOutcome.Appended, 4L), Outcome(storage.Produce(2, 0, 0, 3)));
        Assert.Equal((AppendOutcome.Appended, 0L), Outcome(storage.Produce(1, 0, 0, Records)));
        Assert.Equal(13, storage.Log.EndOffset);
        foreach (bool clean in (bool[])[false, true])
        {
            Assert.Equal((AppendOutcome.Duplicate, 0L), Outcome(storage.Produce(1, 0, 0, Records)));
            Assert.Equal((AppendOutcome.Duplicate, 4L), Outcome(storage.Produce(2, 0, 0, 3)));
            storage.Reopen(clean);
        }

        Assert.Equal((AppendOutcome.Appended, 13L), Outcome(storage.Produce(1, 0, Records, 1)));
    }

    [Fact]
    public void Five_batches_are_remembered_and_five_again_behind_a_restart()
    {
        using StorageFixture storage = new(Config);
        for (int i = 0; i < 6; i++)
        {
            storage.Produce(1, 0, 2 * i, 2);
            storage.Produce(2, 0, 2 * i, 2);
        }

        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 0, 0, 2).Outcome);
        foreach (bool clean in (bool[])[false, true])
        {
            for (int i = 1; i < 6; i++)
            {
                Assert.Equal((AppendOutcome.Duplicate, 4L * i), Outcome(storage.Produce(1, 0, 2 * i, 2)));
                Assert.Equal((AppendOutcome.Duplicate, (4L * i) + 2), Outcome(storage.Produce(2, 0, 2 * i, 2)));
            }

            storage.Reopen(clean);
        }

        Assert.Equal(AppendOutcome.InvalidProducerEpoch, Then(storage.Produce(1, 1, 0, 2), storage.Produce(1, 0, 12, 2)).Outcome);
    }

    [Theory]
    [InlineData(3_000_000, 0)]
    [InlineData(400_000, 1)]
    public void A_full_disk_leaves_nothing_of_a_batch_or_what_a_repeat_goes_on_from(int segmentBytes, int partsAtLeast)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem takes root");
        using TestDirectory directory = new();
        FullDiskTests.Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", directory.Path);
        try
        {
            using StorageFixture storage = new(Config with { SegmentBytes = segmentBytes }, directory.Path);
            storage.Produce(1, 0, 0, Records);
            LinuxException refused = Assert.Throws<LinuxException>(() => storage.Produce(1, 0, Records, records: 50, valueBytes: 90_000));
            Assert.Equal(Errno.ENOSPC, refused.Error);
            long end = storage.Log.EndOffset;
            Assert.True(partsAtLeast == 0 ? end == Records : end > Records);
            Assert.Equal(end, Split(TestBatch.ReadAll(storage.Log, 0)).Count);
            FullDiskTests.Run("mount", "-o", "remount,size=16m", directory.Path);
            Assert.Equal((AppendOutcome.Appended, (long)Records), Outcome(storage.Produce(1, 0, Records, records: 50, valueBytes: 90_000)));
            storage.Reopen(clean: false);
            Assert.All(storage.Lines, l => Assert.Contains("batches_cut=0 ", l));
            Assert.Equal(Enumerable.Range(0, 60), Split(TestBatch.ReadAll(storage.Log, 0)).Select(one => RecordBatch.BaseSequence(one)));
            storage.Stop(clean: true);
        }
        finally
        {
            FullDiskTests.Run("umount", directory.Path);
        }
    }

    [Fact]
    public void Malformed_records_are_refused_before_anything_is_written()
    {
        using StorageFixture storage = new(Config);
        byte[] batch = TestBatch.Make(3);
        batch[^1] = 0x7E;
        Assert.Throws<ArgumentException>(() => storage.Log.AppendFromProducer(batch));
        Assert.Equal((0L, 0L), (storage.Log.EndOffset, new FileInfo(storage.LogFiles[0]).Length));
    }

    private static (AppendOutcome Outcome, long BaseOffset) Outcome(AppendResult result) => (result.Outcome, result.BaseOffset);

    private static AppendResult Then(AppendResult first, AppendResult second)
    {
        Assert.Equal(AppendOutcome.Appended, first.Outcome);
        return second;
    }

    /// <summary>Cuts the files of a stopped log to its first records, in the middle of the next one.</summary>
    private static void CutTo(StorageFixture storage, int records)
    {
        foreach (string path in storage.LogFiles)
        {
            byte[] file = File.ReadAllBytes(path);
            int at = 0;
            while (at < file.Length && RecordBatch.BaseOffset(file.AsSpan(at)) < records)
            {
                at += (int)RecordBatch.SizeBytes(file.AsSpan(at));
            }

            using FileStream stream = File.OpenWrite(path);
            stream.SetLength(Math.Min(file.Length, at == 0 ? 0 : at + 30));
        }
    }

    private static List<byte[]> Split(byte[] bytes)
    {
        List<byte[]> batches = [];
        for (int at = 0; at < bytes.Length; at += batches[^1].Length)
        {
            batches.Add(bytes[at..(at + (int)RecordBatch.SizeBytes(bytes.AsSpan(at)))]);
        }

        return batches;
    }

    private static List<string> ValuesOf(IEnumerable<byte[]> batches)
    {
        List<string> values = [];
        foreach (byte[] batch in batches)
        {
            RecordReader reader = new(batch);
            while (reader.MoveNext(out Engine.Wire.Record record))
            {
                values.Add(Convert.ToHexString(record.Value));
            }
        }

        return values;
    }
}
