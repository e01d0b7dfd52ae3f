using Engine.Linux.Tests;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>What a log remembers of its producers, while it is open and over every kind of stop.</summary>
public sealed class ProducerStatesTests
{
    [Fact]
    public void A_repeat_of_the_last_five_batches_gets_the_offset_of_the_first_time_and_is_not_stored_again()
    {
        using StorageFixture storage = new();
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(new AppendResult(AppendOutcome.Appended, 3 * i, -1), storage.Produce(1, 0, 3 * i, records: 3));
        }

        for (int i = 2; i < 7; i++)
        {
            AppendResult again = storage.Produce(1, 0, 3 * i, records: 3);
            Assert.Equal((AppendOutcome.Duplicate, 3L * i), (again.Outcome, again.BaseOffset));
        }

        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 0, 3, records: 3).Outcome);
        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 0, 18, records: 2).Outcome);
        Assert.Equal(21, storage.Log.EndOffset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Five_batches_epochs_and_sequences_are_known_after_a_restart(bool clean)
    {
        using StorageFixture storage = new();
        for (int i = 0; i < 8; i++)
        {
            storage.Produce(1, 2, 2 * i, records: 2);
            storage.Produce(2, 0, i);
        }

        storage.Reopen(clean);
        for (int i = 3; i < 8; i++)
        {
            Assert.Equal((AppendOutcome.Duplicate, 3L * i), Outcome(storage.Produce(1, 2, 2 * i, records: 2)));
            Assert.Equal((AppendOutcome.Duplicate, (3L * i) + 2), Outcome(storage.Produce(2, 0, i)));
        }

        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 2, 4, records: 2).Outcome);
        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 2, 17).Outcome);
        Assert.Equal(AppendOutcome.InvalidProducerEpoch, storage.Produce(1, 1, 0).Outcome);
        Assert.Equal((AppendOutcome.Appended, 24L), Outcome(storage.Produce(1, 2, 16)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Producers_whose_batches_retention_has_taken_are_still_known(bool clean)
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 2000, RetentionBytes = 2000 });
        storage.Produce(1, 0, 0, records: 3);
        for (int i = 0; i < 30; i++)
        {
            storage.Produce(2, 0, i, valueBytes: 300);
        }

        Assert.True(storage.Log.StartOffset > 3);
        storage.Reopen(clean);
        storage.Reopen(!clean);
        storage.Reopen(clean);
        Assert.Equal((AppendOutcome.Duplicate, 0L), Outcome(storage.Produce(1, 0, 0, records: 3)));
        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 0, 4).Outcome);
        Assert.Equal(AppendOutcome.Appended, storage.Produce(1, 0, 3).Outcome);
    }

    [Fact]
    public void What_recovery_cuts_off_was_never_sent()
    {
        using StorageFixture storage = new();
        storage.Produce(1, 0, 0);
        storage.Produce(1, 0, 1);
        storage.Stop(clean: false);
        using (FileStream file = new(storage.LogFiles[^1], FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        storage.Start();
        Assert.Equal((AppendOutcome.Appended, 1L), Outcome(storage.Produce(1, 0, 1)));
    }

    [Fact]
    public void A_deleted_topic_makes_room_for_other_producers()
    {
        using StorageFixture storage = new();
        storage.Produce(1, 0, 0);
        Assert.Equal(1, storage.Manager.Producers.Count);
        storage.Manager.Delete(StorageFixture.TopicName);
        Assert.Equal(0, storage.Manager.Producers.Count);
    }

    [Fact]
    public void Without_its_snapshot_a_clean_stop_costs_a_walk_over_the_headers_and_no_producer()
    {
        using StorageFixture storage = new();
        for (int i = 0; i < 40; i++)
        {
            storage.Produce(1, 0, i, valueBytes: 200);
        }

        storage.Stop(clean: true);
        Array.ForEach(Snapshots(storage), File.Delete);
        storage.Start();
        Assert.Equal((AppendOutcome.Duplicate, 36L), Outcome(storage.Produce(1, 0, 36, valueBytes: 200)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_snapshot_is_said_and_passed_over(bool clean)
    {
        using StorageFixture storage = new();
        for (int i = 0; i < 40; i++)
        {
            storage.Produce(1, 0, i, valueBytes: 200);
        }

        storage.Stop(clean);
        foreach (string path in Snapshots(storage))
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        storage.Start();
        Assert.Contains(storage.Lines, line => line.Contains("is damaged: a checksum that does not match; removed", StringComparison.Ordinal));
        Assert.Equal((AppendOutcome.Duplicate, 39L), Outcome(storage.Produce(1, 0, 39, valueBytes: 200)));
    }

    [Fact]
    public void There_is_one_snapshot_for_each_segment_and_one_for_the_end()
    {
        using StorageFixture storage = new(new LogConfig { SegmentBytes = 2000, RetentionBytes = 4000 });
        for (int i = 0; i < 60; i++)
        {
            storage.Produce(1, 0, i, valueBytes: 200);
        }

        for (int round = 0; round < 3; round++)
        {
            storage.Reopen(clean: true);
            storage.Stop(clean: true);
            string[] expected = [.. storage.LogFiles.Select(f => Path.GetFileNameWithoutExtension(f)).Append($"{60 + round:D20}").Order(StringComparer.Ordinal)];
            Assert.Equal(expected, Snapshots(storage).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));
            storage.Start();
            storage.Produce(1, 0, 60 + round);
        }
    }

    [Fact]
    public void A_producer_is_forgotten_when_its_time_is_over()
    {
        using StorageFixture storage = new(producers: new ProducerLimits { ExpirationMs = 1 });
        storage.Produce(1, 0, 0);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                storage.Produce(Environment.TickCount64 + 10, 0, 0);
                return storage.Produce(1, 0, 77).Outcome == AppendOutcome.Appended;
            },
            TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Batches_with_old_timestamps_do_not_make_a_live_producer_old()
    {
        using StorageFixture storage = new();
        Assert.Equal(1970, DateTimeOffset.FromUnixTimeMilliseconds(RecordBatch.MaxTimestamp(TestBatch.Of(1, 0, 0))).Year);
        storage.Produce(1, 0, 0);
        storage.Reopen(clean: true);
        Assert.Equal(AppendOutcome.OutOfOrderSequence, storage.Produce(1, 0, 5).Outcome);
    }

    [Fact]
    public void A_producer_over_the_limit_is_refused_and_those_known_go_on()
    {
        using StorageFixture storage = new(producers: new ProducerLimits { ProducersMax = 3 });
        for (int id = 0; id < 3; id++)
        {
            Assert.Equal(AppendOutcome.Appended, storage.Produce(id, 0, 0).Outcome);
        }

        Assert.Equal(AppendOutcome.TooManyProducers, storage.Produce(3, 0, 0).Outcome);
        Assert.Equal(AppendOutcome.Appended, storage.Produce(0, 0, 1).Outcome);
        Assert.Equal(4, storage.Log.EndOffset);
        storage.Reopen(clean: false);
        Assert.Equal(AppendOutcome.TooManyProducers, storage.Produce(3, 0, 0).Outcome);
        Assert.Equal(AppendOutcome.Duplicate, storage.Produce(2, 0, 0).Outcome);
    }

    [Fact]
    public void A_full_table_makes_room_by_forgetting_the_expired_of_all_partitions()
    {
        using StorageFixture storage = new(producers: new ProducerLimits { ProducersMax = 1, ExpirationMs = 1, SweepIntervalMs = 1 });
        storage.Manager.Create("other", 1, new Dictionary<string, string?>(), out Topic other);
        storage.Produce(1, 0, 0);
        Assert.True(SpinWait.SpinUntil(
            () => other.Partition(0)!.AppendFromProducer(TestBatch.Of(2, 0, 0)).Outcome == AppendOutcome.Appended, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_batch_of_a_known_producer_allocates_nothing()
    {
        using StorageFixture storage = new(new LogConfig());
        byte[][] batches = [.. Enumerable.Range(0, 1000).Select(i => TestBatch.Of(1, 0, i))];
        PartitionLog log = storage.Log;
        for (int i = 0; i < 500; i++)
        {
            log.AppendFromProducer(batches[i]);
        }

        long[] allocated = Allocations.OfWindows(window =>
        {
            for (int i = 0; i < 100; i++)
            {
                log.AppendFromProducer(batches[500 + (100 * window) + i]);
            }
        });

        // The index may have grown once; a batch has not cost anything of its own.
        Assert.True(allocated.Sum() < 500, string.Join(' ', allocated));
    }

    private static (AppendOutcome Outcome, long BaseOffset) Outcome(AppendResult result) => (result.Outcome, result.BaseOffset);

    private static string[] Snapshots(StorageFixture storage) => Directory.GetFiles(storage.Folder, "*.snapshot");
}
