namespace Engine.Storage.Tests;

/// <summary>A log that its owner compacts: begins a segment, writes what matters once more, removes the segments before.</summary>
public sealed class SegmentRemovalTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_lies_before_a_begun_segment_can_be_removed_and_stays_removed(bool clean)
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000 });
        storage.Append(10);
        long from = storage.Log.BeginSegment();
        Assert.Equal(storage.Log.EndOffset, from);
        Assert.Equal(from, storage.Log.BeginSegment());
        storage.Append(2);
        storage.Log.RemoveSegmentsBefore(from);
        Assert.Equal(from, storage.Log.StartOffset);
        Assert.Equal(ReadResult.OffsetOutOfRange, storage.Log.TryRead(from - 1, 100, minOneBatch: true, out _));
        byte[] left = TestBatch.ReadAll(storage.Log, from);
        Assert.Equal(storage.Log.SizeBytes, left.Length);
        storage.Reopen(clean);
        Assert.Equal(from, storage.Log.StartOffset);
        Assert.Equal(left, TestBatch.ReadAll(storage.Log, from));
    }

    [Fact]
    public void A_segment_that_holds_more_than_what_lies_before_the_offset_stays()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 1000 });
        for (int i = 0; i < 5; i++)
        {
            storage.Log.Append(TestBatch.OfSize(500));
        }

        storage.Log.RemoveSegmentsBefore(1);
        Assert.Equal(0, storage.Log.StartOffset);
        storage.Log.RemoveSegmentsBefore(3);
        Assert.Equal(2, storage.Log.StartOffset);
        storage.Log.RemoveSegmentsBefore(long.MaxValue);
        Assert.Equal(4, storage.Log.StartOffset);
        Assert.Equal(500, TestBatch.ReadAll(storage.Log, 4).Length);
        storage.Log.Append(TestBatch.OfSize(500));
        Assert.Equal(6, storage.Log.EndOffset);
    }

    [Fact]
    public void A_deleted_log_begins_no_segment()
    {
        using StorageFixture storage = new();
        PartitionLog log = storage.Log;
        storage.Manager.Delete(StorageFixture.TopicName);
        Assert.Throws<LogDeletedException>(() => log.BeginSegment());
        log.RemoveSegmentsBefore(1);
    }
}
