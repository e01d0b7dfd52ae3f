using Engine.Linux.Tests;
using Engine.Wire;

namespace Engine.Storage.Tests;

public sealed class AppendReadTests : IDisposable
{
    private readonly StorageFixture _storage = new(new LogConfig { IndexIntervalBytes = 500 });

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void An_empty_log_begins_and_ends_at_zero_and_gives_an_empty_slice_there()
    {
        PartitionLog log = _storage.Log;
        Assert.Equal((0, 0), (log.StartOffset, log.EndOffset));
        Assert.Equal(ReadResult.Ok, log.TryRead(0, 1000, true, out LogSlice slice));
        Assert.Equal(0, slice.Length);
        slice.Release();
        Assert.Equal(ReadResult.OffsetOutOfRange, log.TryRead(1, 1000, true, out _));
        Assert.Equal(ReadResult.OffsetOutOfRange, log.TryRead(-1, 1000, true, out _));
    }

    [Fact]
    public void An_append_writes_offset_and_epoch_and_nothing_else_into_the_batch()
    {
        byte[] sent = TestBatch.Make(5);
        byte[] batch = [.. sent];
        Assert.Equal(0, _storage.Log.Append(TestBatch.Make(7)));
        Assert.Equal(7, _storage.Log.Append(batch));
        Assert.Equal(12, _storage.Log.EndOffset);

        Assert.Equal(7, RecordBatch.BaseOffset(batch));
        Assert.Equal(0, RecordBatch.LeaderEpoch(batch));
        RecordBatch.Assign(sent, 7, 0);
        Assert.Equal(sent, batch);
        Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
        Assert.Equal(batch, TestBatch.ReadAll(_storage.Log, 7));
    }

    [Fact]
    public void Every_offset_is_found_at_the_batch_that_holds_it()
    {
        // More batches than the tail remembers, so that index, tail and walk all have their part.
        for (int i = 0; i < 200; i++)
        {
            _storage.Log.Append(TestBatch.Make(1 + (i % 5)));
        }

        AssertEveryOffsetIsFound(_storage.Log);
        _storage.Reopen(clean: true);
        AssertEveryOffsetIsFound(_storage.Log);
    }

    [Fact]
    public void A_slice_ends_at_the_limit_even_in_the_middle_of_a_batch()
    {
        _storage.Append(10);
        byte[] all = TestBatch.ReadAll(_storage.Log, 0);
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(0, 333, false, out LogSlice slice));
        Assert.Equal(all[..333], TestBatch.Read(slice));
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(0, 10, false, out slice));
        Assert.Equal(all[..10], TestBatch.Read(slice));
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(0, 0, false, out slice));
        Assert.Equal(0, slice.Length);
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(0, -5, false, out slice));
        Assert.Equal(0, slice.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(28)]
    public void The_first_batch_is_given_whole_when_one_is_wanted(long offset)
    {
        _storage.Append(10);
        byte[] batch = TestBatch.Make(3);
        foreach (int limit in (int[])[0, 1, 61, batch.Length - 1, batch.Length])
        {
            Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(offset, limit, true, out LogSlice slice));
            byte[] bytes = TestBatch.Read(slice);
            Assert.Equal(batch.Length, bytes.Length);
            Assert.Equal(offset / 3 * 3, RecordBatch.BaseOffset(bytes));
        }

        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(offset, batch.Length + 1, true, out LogSlice cut));
        Assert.Equal(Math.Min(batch.Length + 1, (10 - (int)(offset / 3)) * batch.Length), TestBatch.Read(cut).Length);
    }

    [Fact]
    public void Reading_and_appending_allocate_nothing_in_the_steady_state()
    {
        PartitionLog log = _storage.Log;
        byte[] batch = TestBatch.Make(3);
        const int Rounds = 400;
        int bytes = 0;
        Append();
        ReadAll(window: 0);
        Assert.All(Allocations.OfWindows(_ => Append()), allocated => Assert.Equal(0, allocated));
        Assert.All(Allocations.OfWindows(ReadAll), allocated => Assert.Equal(0, allocated));
        Assert.True(bytes > 6 * Rounds * batch.Length);

        void Append()
        {
            for (int i = 0; i < Rounds; i++)
            {
                log.Append(batch);
            }
        }

        void ReadAll(int window)
        {
            for (int i = 0; i < Rounds; i++)
            {
                bytes += Read(log, log.EndOffset - 1, 1 << 20) + Read(log, (window * Rounds) + i, 100);
            }
        }

        static int Read(PartitionLog log, long offset, int limit)
        {
            log.TryRead(offset, limit, true, out LogSlice slice);
            slice.Release();
            return slice.Length;
        }
    }

    [Fact]
    public void Timestamps_find_the_first_record_at_or_after_them()
    {
        _storage.Log.Append(TestBatch.Make(3, timestampMs: 100));
        _storage.Log.Append(TestBatch.Make(3, timestampMs: 200));
        Assert.Equal(new OffsetAndTimestamp(0, 100), _storage.Log.OffsetForTimestamp(0));
        Assert.Equal(new OffsetAndTimestamp(1, 101), _storage.Log.OffsetForTimestamp(101));
        Assert.Equal(new OffsetAndTimestamp(3, 200), _storage.Log.OffsetForTimestamp(103));
        Assert.Equal(new OffsetAndTimestamp(5, 202), _storage.Log.OffsetForTimestamp(202));
        Assert.Null(_storage.Log.OffsetForTimestamp(203));
    }

    [Fact]
    public void Appenders_and_readers_on_many_threads_see_whole_batches_in_order()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 40_000, IndexIntervalBytes = 500 });
        PartitionLog log = storage.Log;
        const int appenders = 3;
        const int batches = 500;
        Thread[] threads = [.. Enumerable.Range(0, appenders).Select(n => new Thread(() =>
        {
            for (int i = 0; i < batches; i++)
            {
                log.Append(TestBatch.Make(2));
            }
        }))];
        Array.ForEach(threads, t => t.Start());

        long offset = 0;
        while (offset < appenders * batches * 2)
        {
            Assert.Equal(ReadResult.Ok, log.TryRead(offset, 5000, true, out LogSlice slice));
            byte[] bytes = TestBatch.Read(slice);
            for (int at = 0; bytes.Length - at > RecordBatch.HeaderBytes && RecordBatch.SizeBytes(bytes.AsSpan(at)) <= bytes.Length - at;)
            {
                Assert.Equal(offset, RecordBatch.BaseOffset(bytes.AsSpan(at)));
                offset += 2;
                at += (int)RecordBatch.SizeBytes(bytes.AsSpan(at));
            }
        }

        Array.ForEach(threads, t => t.Join());
        Assert.Equal(appenders * batches * 2, log.EndOffset);
    }

    [Fact]
    public void Readers_that_race_with_retention_get_whole_batches_or_are_told_to_move_on()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 2000, RetentionBytes = 3000, IndexIntervalBytes = 300 });
        PartitionLog log = storage.Log;
        const int batches = 3000;
        log.Append(TestBatch.Make(2));
        bool done = false;
        List<Exception> failures = [];
        Thread[] readers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            try
            {
                while (!Volatile.Read(ref done))
                {
                    ReadAtTheStart(log);
                }
            }
            catch (Exception e)
            {
                lock (failures)
                {
                    failures.Add(e);
                }
            }
        }))];
        Array.ForEach(readers, t => t.Start());
        for (int i = 0; i < batches; i++)
        {
            log.Append(TestBatch.Make(2));
        }

        Volatile.Write(ref done, true);
        Array.ForEach(readers, t => t.Join());
        Assert.Empty(failures);
        storage.Stop(clean: true);
        Assert.InRange(storage.LogFiles.Length, 2, 3);

        static void ReadAtTheStart(PartitionLog log)
        {
            long offset = log.StartOffset;
            switch (log.TryRead(offset, 1000, true, out LogSlice slice))
            {
                case ReadResult.Ok:
                    byte[] bytes = TestBatch.Read(slice);
                    Assert.Equal(offset, RecordBatch.BaseOffset(bytes));
                    Assert.Equal(BatchFault.None, RecordBatch.Check(bytes.AsSpan(0, (int)RecordBatch.SizeBytes(bytes))));
                    break;
                case ReadResult.OffsetOutOfRange:
                    Assert.True(log.StartOffset > offset);
                    break;
                default:
                    throw new InvalidOperationException();
            }
        }
    }

    private static void AssertEveryOffsetIsFound(PartitionLog log)
    {
        for (long offset = 0; offset < log.EndOffset; offset++)
        {
            Assert.Equal(ReadResult.Ok, log.TryRead(offset, RecordBatch.HeaderBytes, false, out LogSlice slice));
            byte[] header = TestBatch.Read(slice);
            Assert.InRange(offset, RecordBatch.BaseOffset(header), RecordBatch.LastOffset(header));
        }
    }
}
