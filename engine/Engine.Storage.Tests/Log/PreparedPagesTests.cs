using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>New files of rings, whose pages are made by zeros before the batches come.</summary>
public sealed class PreparedPagesTests
{
    private const int BatchBytes = 10_007;
    private const int Batches = 60;
    private const int TwoRoundedUp = 2 * 16_384;
    private const int BatchesBytes = Batches * BatchBytes;

    private static readonly LogConfig Ring = new() { SegmentBytes = 1 << 20, RetentionBytes = 4 << 20 };

    [Fact]
    public void Zeros_are_written_ahead_at_most_half_as_many_as_there_are_batches_and_by_two_of_these_and_a_clean_stop_takes_them_away()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        for (int i = 1; i <= Batches; i++)
        {
            Append(storage, 1);
            byte[] file = File.ReadAllBytes(storage.LogFiles[0]);
            Assert.InRange(file.Length - (i * BatchBytes), 0, Math.Min(i * BatchBytes / 2, TwoRoundedUp));
            Assert.False(file.AsSpan(i * BatchBytes).ContainsAnyExcept((byte)0));
        }

        Assert.True(new FileInfo(storage.LogFiles[0]).Length > BatchesBytes);
        storage.Stop(clean: true);
        Assert.Equal(BatchesBytes, new FileInfo(storage.LogFiles[0]).Length);
        storage.Start();
        Assert.Equal(Expected(Batches), TestBatch.ReadAll(storage.Log, 0));
    }

    [Fact]
    public void A_segment_that_is_complete_holds_its_batches_and_nothing_else()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        int perSegment = (int)Ring.SegmentBytes / BatchBytes;
        Append(storage, perSegment + 1);
        Assert.Equal(perSegment * BatchBytes, new FileInfo(storage.LogFiles[0]).Length);
        Assert.Equal(Expected(perSegment + 1), TestBatch.ReadAll(storage.Log, 0));
    }

    [Fact]
    public void After_a_crash_they_are_nobodys_and_nothing_is_told_as_lost()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, Batches);
        Assert.True(new FileInfo(storage.LogFiles[0]).Length > BatchesBytes);
        storage.Reopen(clean: false);
        Assert.DoesNotContain(storage.Lines, l => l.Contains(" cut at position", StringComparison.Ordinal));
        Assert.Equal(BatchesBytes, new FileInfo(storage.LogFiles[0]).Length);
        Append(storage, Batches);
        Assert.Equal(Expected(2 * Batches), TestBatch.ReadAll(storage.Log, 0));
    }

    [Fact]
    public void A_batch_of_which_a_part_was_written_is_cut_and_told()
    {
        using StorageFixture storage = new(Ring, onDisk: true);
        Append(storage, Batches);
        storage.Stop(clean: false);
        using (FileStream file = File.OpenWrite(storage.LogFiles[0]))
        {
            file.Position = BatchesBytes;
            file.Write(Batch(Batches).AsSpan(0, BatchBytes / 2));
        }

        storage.Start();
        Assert.Contains(storage.Lines, l => l.Contains($"cut at position {BatchesBytes}", StringComparison.Ordinal));
        Assert.Equal(Expected(Batches), TestBatch.ReadAll(storage.Log, 0));
    }

    [Fact]
    public void Behind_a_cut_nothing_is_prepared_and_nothing_overwritten()
    {
        using TestDirectory directory = new(onDisk: true);
        string path = Path.Combine(directory.Path, "one.log");
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create);
        SequentialStore store = new(file, makesPages: true);
        for (int i = 0; i < Batches; i++)
        {
            store.Append(Batch(i), i * BatchBytes);
        }

        // As behind an append that failed.
        store.CutTo((Batches - 1) * BatchBytes);
        store.Append(Batch(Batches - 1), (Batches - 1) * BatchBytes);
        Assert.Equal(Expected(Batches), File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData("no limit")]
    [InlineData("more than stays in memory")]
    [InlineData("flushed on demand")]
    [InlineData("switched off")]
    public void A_log_that_is_not_written_over_in_memory_has_none(string why)
    {
        LogConfig config = why switch
        {
            "no limit" => Ring with { RetentionBytes = LogConfig.UnlimitedRetention },
            "more than stays in memory" => Ring with { RetentionBytes = long.MaxValue },
            "flushed on demand" => Ring with { FlushMessages = 1000 },
            _ => Ring with { RecyclesSegments = false },
        };
        using StorageFixture storage = new(config, onDisk: true);
        Append(storage, Batches);
        Assert.Equal(BatchesBytes, new FileInfo(storage.LogFiles[0]).Length);
    }

    private static void Append(StorageFixture storage, int batches)
    {
        for (int i = 0; i < batches; i++)
        {
            storage.Log.Append(Batch(storage.Log.EndOffset));
        }
    }

    private static byte[] Batch(long offset)
    {
        byte[] batch = TestBatch.OfSize(BatchBytes);
        RecordBatch.Assign(batch, offset, leaderEpoch: 0);
        return batch;
    }

    private static byte[] Expected(int batches) => [.. Enumerable.Range(0, batches).SelectMany(offset => Batch(offset))];
}
