using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Storage.Tests;

public sealed class TimeIndexTests
{
    private static readonly LogConfig EveryBatch = new() { SegmentBytes = 4000, IndexIntervalBytes = 0 };

    [Fact]
    public void Entries_hold_the_largest_timestamp_so_far_and_the_last_offset_of_its_batch()
    {
        using StorageFixture storage = new(EveryBatch);
        foreach (long timestampMs in (long[])[100, 300, 200, 300, 400, 350])
        {
            storage.Log.Append(TestBatch.Make(2, timestampMs: timestampMs));
        }

        storage.Stop(clean: true);

        // With the interval of 0 each batch but the first gets an entry, if the time has grown; record n of a batch is n ms later.
        Assert.Equal([(301, 3), (401, 9)], Entries(storage, 0));
    }

    [Fact]
    public void A_segment_ends_with_an_entry_of_its_largest_timestamp()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000, IndexIntervalBytes = 1 << 20 });
        foreach (long timestampMs in (long[])[100, 300, 200, 250])
        {
            byte[] batch = TestBatch.OfSize(400);
            RecordBatch.SetTimestamps(batch, logAppendTime: true, timestampMs);
            storage.Log.Append(batch);
        }

        storage.Stop(clean: true);
        Assert.Equal([(300, 1)], Entries(storage, 0));
        Assert.Equal([(250, 3)], Entries(storage, 2));
        storage.Start();
        storage.Log.Append(TestBatch.Make(1, timestampMs: 900));
        storage.Stop(clean: true);
        Assert.Equal([(250, 3), (900, 4)], Entries(storage, 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lookups_find_what_a_scan_of_all_records_finds(bool clean)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            using StorageFixture storage = new(new LogConfig { SegmentBytes = 3000, IndexIntervalBytes = random.Next(0, 600) });
            List<long> timestamps = [];
            for (int i = 0; i < 150; i++)
            {
                long timestampMs = (i * 10) + random.Next(0, 200);
                int records = random.Next(1, 5);
                timestamps.AddRange(Enumerable.Range(0, records).Select(r => timestampMs + r));
                storage.Log.Append(TestBatch.Make(records, timestampMs: timestampMs));
            }

            Compare(storage.Log, timestamps, seed);
            storage.Reopen(clean);
            Compare(storage.Log, timestamps, seed);
        }
    }

    [Fact]
    public void Batches_without_timestamps_are_in_no_time_index()
    {
        using StorageFixture storage = new(EveryBatch);
        for (int i = 0; i < 100; i++)
        {
            storage.Log.Append(TestBatch.Make(1, timestampMs: -1));
        }

        Assert.Null(storage.Log.OffsetForTimestamp(0));
        storage.Reopen(clean: true);
        Assert.Single(storage.Lines);
        Assert.Null(storage.Log.OffsetForTimestamp(0));
        storage.Log.Append(TestBatch.Make(1, timestampMs: 5));
        Assert.Equal(new OffsetAndTimestamp(100, 5), storage.Log.OffsetForTimestamp(5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Time_indexes_that_are_missing_cut_or_lying_are_made_anew(bool clean)
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 3000, IndexIntervalBytes = 100 });
        List<long> timestamps = [];
        for (int i = 0; i < 130; i++)
        {
            timestamps.Add(1000 + (i * 10));
            storage.Log.Append(TestBatch.Make(1, timestampMs: 1000 + (i * 10)));
        }

        storage.Stop(clean: true);
        string[] indexes = [.. storage.LogFiles.Select(f => Path.ChangeExtension(f, ".timeindex"))];
        byte[][] right = [.. indexes.Select(File.ReadAllBytes)];
        Assert.Equal(4, indexes.Length);
        File.Delete(indexes[0]);
        File.WriteAllBytes(indexes[1], right[1][..^5]);
        File.WriteAllBytes(indexes[2], right[2][..^12]); // whole entries, and the last one is missing
        File.WriteAllBytes(indexes[3], [.. right[3][..^12], .. Entry(77_777, 20)]);
        if (!clean)
        {
            File.Delete(Path.Combine(storage.DataDirectory, ".kafka_cleanshutdown"));
        }

        storage.Start();
        Assert.Contains(storage.Lines, l => l.StartsWith("event=log-recovered", StringComparison.Ordinal) && l.Contains("indexes_rebuilt=4 "));
        Compare(storage.Log, timestamps, seed: 0);
        storage.Stop(clean: true);
        Assert.Equal(right, indexes.Select(File.ReadAllBytes));
    }

    [Fact]
    public void A_time_index_that_lies_in_its_middle_leads_nobody_astray()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 3000, IndexIntervalBytes = 0 });
        List<long> timestamps = [];
        for (int i = 0; i < 60; i++)
        {
            timestamps.Add(1000 + (i * 10));
            storage.Log.Append(TestBatch.Make(1, timestampMs: 1000 + (i * 10)));
        }

        storage.Stop(clean: true);
        foreach (string index in storage.LogFiles.Select(f => Path.ChangeExtension(f, ".timeindex")))
        {
            // Every entry but the last says that its time came one record later.
            byte[] bytes = File.ReadAllBytes(index);
            for (int at = 0; at < bytes.Length - 12; at += 12)
            {
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + 8), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 8)) + 1);
            }

            File.WriteAllBytes(index, bytes);
        }

        storage.Start();
        Compare(storage.Log, timestamps, seed: 0);
    }

    private static void Compare(PartitionLog log, List<long> timestamps, int seed)
    {
        for (long asked = 0; asked <= timestamps.Max() + 1; asked += 7)
        {
            int first = timestamps.FindIndex(t => t >= asked);
            OffsetAndTimestamp? expected = first < 0 ? null : new OffsetAndTimestamp(first, timestamps[first]);
            Assert.True(expected == log.OffsetForTimestamp(asked), $"seed {seed}, time {asked}: {log.OffsetForTimestamp(asked)}, not {expected}");
        }
    }

    private static byte[] Entry(long timestampMs, int offset)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(bytes, timestampMs);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), offset);
        return bytes;
    }

    /// <summary>The entries of a segment's time index, with absolute offsets.</summary>
    private static (long Timestamp, int Offset)[] Entries(StorageFixture storage, int baseOffset) =>
        [.. File.ReadAllBytes(Path.Combine(storage.Folder, $"{baseOffset:D20}.timeindex")).Chunk(12).Select(
            e => (BinaryPrimitives.ReadInt64BigEndian(e), baseOffset + BinaryPrimitives.ReadInt32BigEndian(e.AsSpan(8))))];
}
