using System.Collections.Concurrent;
using Engine.Linux;

namespace Engine.Storage.Tests;

public sealed class FlushTests
{
    [Fact]
    public void By_default_nobody_waits_for_a_flush()
    {
        using StorageFixture storage = new();
        Assert.Equal(0, storage.Log.AppendFromProducer(TestBatch.Make(3)).FlushTo);
        Assert.Equal(0, storage.Log.FlushedOffset);
    }

    [Fact]
    public void The_batch_that_makes_up_the_number_waits_and_finds_all_before_it_flushed()
    {
        using StorageFixture storage = new(new LogConfig { FlushMessages = 7 });
        Assert.Equal([0L, 0, 9], Enumerable.Range(0, 3).Select(_ => storage.Log.AppendFromProducer(TestBatch.Make(3)).FlushTo));
        Wait(storage, 9);
        Assert.Equal(9, storage.Log.FlushedOffset);
        Assert.Equal([0L, 0, 18], Enumerable.Range(0, 3).Select(_ => storage.Log.AppendFromProducer(TestBatch.Make(3)).FlushTo));
        Wait(storage, 18);
    }

    [Fact]
    public void A_flush_for_every_message_covers_each_of_them_over_rolls()
    {
        using StorageFixture storage = new(new LogConfig { FlushMessages = 1, SegmentBytes = 1000 });
        for (int i = 1; i <= 50; i++)
        {
            Assert.Equal(i, storage.Log.AppendFromProducer(TestBatch.Make(1)).FlushTo);
            Wait(storage, i);
            Assert.True(storage.Log.FlushedOffset >= i);
        }
    }

    [Fact]
    public async Task Many_who_wait_are_all_called_once()
    {
        using StorageFixture storage = new(new LogConfig { FlushMessages = 1, SegmentBytes = 20_000 });
        Waiter waiter = new();
        const int producers = 8;
        const int batches = 200;
        int expected = 0;
        await Task.WhenAll(Enumerable.Range(0, producers).Select(p => Task.Run(() =>
        {
            for (int i = 0; i < batches; i++)
            {
                long offset = storage.Log.AppendFromProducer(TestBatch.Make(1)).FlushTo;
                if (storage.Log.TryWaitForFlush(offset, waiter, (p * batches) + i, out bool isFlushed))
                {
                    Interlocked.Increment(ref expected);
                }
                else
                {
                    Assert.True(isFlushed);
                }
            }
        })));
        Assert.True(SpinWait.SpinUntil(() => waiter.Calls.Count == expected, TimeSpan.FromMinutes(1)));
        Assert.Equal(expected, waiter.Calls.Select(c => c.Token).Distinct().Count());
        Assert.All(waiter.Calls, c => Assert.True(c.IsFlushed));
        Assert.Equal(producers * batches, storage.Log.FlushedOffset);
    }

    [Fact]
    public void A_log_is_flushed_when_it_has_waited_long_enough()
    {
        using StorageFixture storage = new(new LogConfig { FlushMs = 20 });
        for (int i = 1; i < 4; i++)
        {
            Assert.Equal(0, storage.Log.AppendFromProducer(TestBatch.Make(1)).FlushTo);
            long end = i;
            Assert.True(SpinWait.SpinUntil(() => storage.Log.FlushedOffset == end, TimeSpan.FromMinutes(1)));
        }
    }

    [Fact]
    public void A_clean_stop_flushes_what_was_promised_to_be_flushed()
    {
        using StorageFixture storage = new(new LogConfig { FlushMs = 3_600_000 });
        storage.Append(2);
        storage.Reopen(clean: true);
        Assert.Equal(6, storage.Log.FlushedOffset);
    }

    [Fact]
    public void A_batch_that_comes_again_waits_for_the_flush_that_the_first_one_waits_for()
    {
        using StorageFixture storage = new(new LogConfig { FlushMessages = 2 });
        Assert.Equal(0, storage.Produce(1, 0, 0).FlushTo);
        Assert.Equal(2, storage.Produce(1, 0, 1).FlushTo);
        AppendResult again = storage.Produce(1, 0, 1);
        Assert.Equal(AppendOutcome.Duplicate, again.Outcome);
        Assert.True(again.FlushTo == 2 || storage.Log.FlushedOffset >= 2);
        Wait(storage, 2);
        Assert.Equal((AppendOutcome.Duplicate, 0L), (storage.Produce(1, 0, 1).Outcome, storage.Produce(1, 0, 1).FlushTo));
    }

    [Fact]
    public void A_flush_that_fails_takes_the_log_offline_and_is_not_tried_again()
    {
        using StorageFixture storage = new(new LogConfig { FlushMessages = 2 });
        storage.Append(1, records: 1);
        CloseFile(storage);
        Waiter waiter = new();
        storage.Log.TryWaitForFlush(2, waiter, 5, out _);
        storage.Log.Flush();
        Assert.Equal((5, false), Assert.Single(waiter.Calls));
        string line = storage.WaitForLine("event=log-offline log=orders-0");
        Assert.Contains("a flush failed: fdatasync", line);
        Assert.Contains("00000000000000000000.log", line);
        Assert.Equal(0, storage.Log.FlushedOffset);
        Assert.Throws<LogOfflineException>(() => storage.Log.Append(TestBatch.Make(1)));
        Assert.Equal(ReadResult.Offline, storage.Log.TryRead(0, 1000, true, out _));
        storage.Log.Flush();
        Assert.Single(storage.Lines, l => l.Contains("log-offline"));
    }

    [Fact]
    public void A_write_that_fails_takes_the_log_offline_until_the_next_start()
    {
        using StorageFixture storage = new();
        storage.Append(2);
        CloseFile(storage);
        LinuxException failure = Assert.Throws<LinuxException>(() => storage.Log.Append(TestBatch.Make(1)));
        Assert.Equal(Errno.EBADF, failure.Error);
        Assert.Throws<LogOfflineException>(() => storage.Log.Append(TestBatch.Make(1)));
        Assert.Throws<LogOfflineException>(() => storage.Produce(1, 0, 0));
        Assert.Contains("position", Assert.Single(storage.Lines, l => l.Contains("log-offline")));

        // Nobody vouches for a log that has failed: the next start checks it, and it is served again.
        storage.Stop(clean: true);
        Assert.Contains(storage.Lines, l => l.Contains("the stop is not clean"));
        storage.Start();
        Assert.Contains(storage.Lines, l => l.Contains("batches_checked=2 "));
        Assert.Equal(6, storage.Log.Append(TestBatch.Make(1)));
    }

    [Fact]
    public void Who_waits_for_a_topic_that_is_deleted_is_told()
    {
        using StorageFixture storage = new();
        storage.Append(1);
        Waiter waiter = new();
        Assert.True(storage.Log.TryWaitForFlush(3, waiter, 0, out _));
        PartitionLog log = storage.Log;
        storage.Manager.Delete(StorageFixture.TopicName);
        Assert.Equal((0, false), Assert.Single(waiter.Calls));
        log.Flush();
        Assert.DoesNotContain(storage.Lines, l => l.Contains("log-offline"));
    }

    private static void Wait(StorageFixture storage, long offset)
    {
        Waiter waiter = new();
        if (storage.Log.TryWaitForFlush(offset, waiter, 0, out bool isFlushed))
        {
            Assert.True(SpinWait.SpinUntil(() => !waiter.Calls.IsEmpty, TimeSpan.FromMinutes(1)));
            isFlushed = waiter.Calls.Single().IsFlushed;
        }

        Assert.True(isFlushed);
    }

    /// <summary>From now on every call on the file of the last segment fails.</summary>
    private static void CloseFile(StorageFixture storage) => storage.Log.Segments[^1].Store.File.Dispose();

    private sealed class Waiter : IFlushWaiter
    {
        internal ConcurrentQueue<(int Token, bool IsFlushed)> Calls { get; } = new();

        public void Flushed(int token, bool isFlushed) => Calls.Enqueue((token, isFlushed));
    }
}
