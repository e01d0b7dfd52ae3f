using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>When segments end, and when they go, by age and by their indexes: Kafka's rules.</summary>
public sealed class RetentionTests
{
    private const long HourMs = 3_600_000;

    private static long NowMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public void A_segment_ends_when_a_batch_is_too_much_younger_than_its_first()
    {
        using StorageFixture storage = new(new LogConfig { SegmentMs = 1000 });
        foreach (long timestampMs in (long[])[5000, 6000, 3000, 6001, 7001, 7002])
        {
            storage.Log.Append(TestBatch.Make(1, timestampMs: timestampMs));
        }

        Assert.Equal([0L, 3, 5], BaseOffsets(storage));
    }

    [Fact]
    public void The_age_of_a_segment_is_counted_over_a_restart()
    {
        using StorageFixture storage = new(new LogConfig { SegmentMs = 1000 });
        storage.Log.Append(TestBatch.Make(1, timestampMs: 5000));
        storage.Reopen(clean: true);
        storage.Log.Append(TestBatch.Make(1, timestampMs: 6000));
        storage.Reopen(clean: false);
        storage.Log.Append(TestBatch.Make(1, timestampMs: 6001));
        Assert.Equal([0L, 2], BaseOffsets(storage));
    }

    [Fact]
    public void Batches_without_timestamps_are_timed_by_the_clock()
    {
        using StorageFixture storage = new(new LogConfig { SegmentMs = 1 });
        storage.Log.Append(TestBatch.Make(1, timestampMs: -1));
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                storage.Log.Append(TestBatch.Make(1, timestampMs: -1));
                return storage.LogFiles.Length > 1;
            },
            TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData(24, 3)] // two entries of the time index, of which one is kept for the segment's end
    [InlineData(80, 7)]
    public void A_segment_ends_when_an_index_is_full(int indexBytes, int batches)
    {
        using StorageFixture storage = new(new LogConfig { SegmentIndexBytes = indexBytes, IndexIntervalBytes = 0 });
        for (int i = 0; i < batches + 1; i++)
        {
            storage.Log.Append(TestBatch.Make(1, timestampMs: 1000 + i));
        }

        storage.Stop(clean: true);
        string index = Path.ChangeExtension(storage.LogFiles[0], ".timeindex");
        Assert.InRange(new FileInfo(index).Length, 1, indexBytes);
        Assert.InRange(new FileInfo(Path.ChangeExtension(index, ".index")).Length, 1, indexBytes);
        Assert.True(storage.LogFiles.Length > 1);
        Assert.True(BaseOffsets(storage)[1] <= batches);
    }

    [Fact]
    public void A_full_index_ends_the_segment_exactly_where_Kafka_ends_it()
    {
        using StorageFixture storage = new(new LogConfig { SegmentIndexBytes = 80, IndexIntervalBytes = 0 });
        for (int i = 0; i < 20; i++)
        {
            storage.Log.Append(TestBatch.Make(1, timestampMs: 1000 + i));
        }

        // 80 bytes are six entries of a time index; five are taken by the second to the sixth batch.
        Assert.Equal([0L, 6, 12, 18], BaseOffsets(storage));
    }

    [Fact]
    public void Segments_go_when_their_largest_timestamp_is_too_old()
    {
        using StorageFixture storage = new(new LogConfig { SegmentMs = HourMs, RetentionMs = 3 * HourMs });
        long now = NowMs;
        foreach (int hoursAgo in (int[])[10, 7, 2, 0])
        {
            storage.Log.Append(TestBatch.Make(1, timestampMs: now - (hoursAgo * HourMs)));
        }

        Assert.Equal([0L, 1, 2, 3], BaseOffsets(storage));
        storage.Manager.Maintenance.ApplyRetention();
        Assert.Equal((2, 4), (storage.Log.StartOffset, storage.Log.EndOffset));
        Assert.Equal(ReadResult.OffsetOutOfRange, storage.Log.TryRead(1, 1000, true, out _));
        storage.Reopen(clean: true);
        Assert.Equal((2, 4), (storage.Log.StartOffset, storage.Log.EndOffset));
        Assert.Equal([2L, 3], BaseOffsets(storage));
        Assert.Equal(2, Directory.GetFiles(storage.Folder, "*.timeindex").Length);
    }

    [Fact]
    public void An_old_segment_behind_a_young_one_stays()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 200, RetentionMs = 3 * HourMs });
        long now = NowMs;
        foreach (int hoursAgo in (int[])[1, 9, 1])
        {
            byte[] batch = TestBatch.OfSize(200);
            RecordBatch.SetTimestamps(batch, logAppendTime: true, now - (hoursAgo * HourMs));
            storage.Log.Append(batch);
        }

        storage.Manager.Maintenance.ApplyRetention();
        Assert.Equal(0, storage.Log.StartOffset);
    }

    [Fact]
    public void When_all_is_too_old_an_empty_segment_is_begun_and_stays()
    {
        using StorageFixture storage = new(new LogConfig { RetentionMs = HourMs });
        storage.Log.Append(TestBatch.Make(3, timestampMs: NowMs - (2 * HourMs)));
        storage.Manager.Maintenance.ApplyRetention();
        Assert.Equal((3, 3), (storage.Log.StartOffset, storage.Log.EndOffset));
        storage.Manager.Maintenance.ApplyRetention();
        storage.Reopen(clean: true);
        Assert.Equal((3, 3), (storage.Log.StartOffset, storage.Log.EndOffset));
        storage.Manager.Maintenance.ApplyRetention();
        Assert.Equal([3L], BaseOffsets(storage));
        Assert.Equal(3, storage.Log.Append(TestBatch.Make(1, timestampMs: NowMs)));
        storage.Reopen(clean: false);
        Assert.Equal((3, 4), (storage.Log.StartOffset, storage.Log.EndOffset));
    }

    [Fact]
    public void Without_timestamps_the_age_is_that_of_the_file()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 200, RetentionMs = HourMs });
        for (int i = 0; i < 3; i++)
        {
            byte[] batch = TestBatch.OfSize(200);
            RecordBatch.SetTimestamps(batch, logAppendTime: false, -1);
            storage.Log.Append(batch);
        }

        File.SetLastWriteTimeUtc(storage.LogFiles[0], DateTime.UtcNow.AddHours(-2));
        storage.Manager.Maintenance.ApplyRetention();
        Assert.Equal(1, storage.Log.StartOffset);
    }

    [Fact]
    public void Between_rolls_retention_by_size_takes_the_last_segment_too()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000, RetentionBytes = 0 });
        storage.Log.Append(TestBatch.OfSize(500));
        storage.Manager.Maintenance.ApplyRetention();
        Assert.Equal((1, 1), (storage.Log.StartOffset, storage.Log.EndOffset));
        storage.Reopen(clean: false);
        Assert.Equal((1, 1), (storage.Log.StartOffset, storage.Log.EndOffset));
    }

    [Fact]
    public void The_timers_do_it_without_being_asked()
    {
        using StorageFixture storage = new(new LogConfig { RetentionMs = HourMs }, intervals: new() { RetentionCheckMs = 20, CheckpointMs = 20 });
        storage.Log.Append(TestBatch.Make(3, timestampMs: NowMs - (2 * HourMs)));
        Assert.True(SpinWait.SpinUntil(() => storage.Log.StartOffset == 3, TimeSpan.FromMinutes(1)));
        string checkpoint = Path.Combine(storage.DataDirectory, LogMaintenance.RecoveryPointsFileName);
        Assert.True(SpinWait.SpinUntil(
            () => File.Exists(checkpoint) && File.ReadAllText(checkpoint) == "0\n1\norders 0 3\n", TimeSpan.FromMinutes(1)));
    }

    private static long[] BaseOffsets(StorageFixture storage) =>
        [.. storage.LogFiles.Select(f => long.Parse(Path.GetFileNameWithoutExtension(f), System.Globalization.CultureInfo.InvariantCulture))];
}
