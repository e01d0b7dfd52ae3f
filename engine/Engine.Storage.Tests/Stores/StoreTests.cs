using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>The files of segments, each way of writing them.</summary>
public sealed class StoreTests
{
    private static readonly LogConfig Config = new() { SegmentBytes = 4 << 20 };

    public static TheoryData<LogTechnique, CacheTechnique> Ways() => new()
    {
        { LogTechnique.Sequential, CacheTechnique.Page },
        { LogTechnique.Sequential, CacheTechnique.Direct },
        { LogTechnique.Scattered, CacheTechnique.Page },
        { LogTechnique.Scattered, CacheTechnique.Direct },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Batches_of_a_hundred_bytes_to_more_than_a_mebibyte_are_read_as_they_were_written(LogTechnique log, CacheTechnique cache)
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(log, cache));
        List<byte> all = [];
        int[] sizes = [30, 4096 - 61, 4000, 8_000, 1, 100_000, 262_144, 5, 1 << 20, 20];
        for (int i = 0; i < 3 * sizes.Length; i++)
        {
            byte[] batch = TestBatch.Make(1, sizes[i % sizes.Length], seed: i);
            storage.Log.Append(batch);
            all.AddRange(batch);
        }

        Assert.True(storage.LogFiles.Length > 1, "the log did not roll");
        Assert.Equal(all, TestBatch.ReadAll(storage.Log, 0));
        storage.Reopen(clean: true);
        Assert.Equal(all, TestBatch.ReadAll(storage.Log, 0));
        storage.Reopen(clean: false);
        Assert.Equal(all, TestBatch.ReadAll(storage.Log, 0));
        Assert.DoesNotContain(storage.Lines, line => line.Contains(" cut ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_piece_in_a_buffer_holds_what_the_slice_does(LogTechnique log, CacheTechnique cache)
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(log, cache));
        storage.Append(50);
        storage.Log.Append(TestBatch.Make(1, 700_000));
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        byte[] whole = new byte[slice.Length];
        Assert.Equal(whole.Length, slice.Read(whole, 0));
        AlignedBuffer buffer = AlignedBuffers.Rent();
        for (int from = 0; from < whole.Length;)
        {
            int n = slice.ReadPiece(buffer, from, whole.Length - from, out int start);
            Assert.True(n > 0);
            Assert.True(buffer.Span.Slice(start, n).SequenceEqual(whole.AsSpan(from, n)), $"differs behind {from}");
            int piece = slice.Piece(from, n, out long place);
            Assert.InRange(piece, 1, n);
            if (cache == CacheTechnique.Page)
            {
                byte[] inFile = new byte[piece];
                Assert.Equal(piece, Files.ReadAt(slice.File, inFile, place));
                Assert.Equal(whole[from..(from + piece)], inFile);
            }

            from += n;
        }

        AlignedBuffers.Return(buffer);
        slice.Release();
    }

    [Fact]
    public void The_scattered_file_of_a_deleted_topic_is_made_one_piece_when_its_last_reader_has_gone()
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(LogTechnique.Scattered), onDisk: true);
        storage.Append(50);
        byte[] all = TestBatch.ReadAll(storage.Log, 0);
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        using FileDescriptor file = Files.Open(storage.LogFiles[0], OpenFlags.ReadWrite);
        Assert.SkipUnless(ZeroesRanges(storage), $"the filesystem of {storage.Folder} does not zero ranges; set TMPDIR to a folder on ext4 or xfs");
        long length = Files.Length(file);
        storage.Manager.Delete(StorageFixture.TopicName);
        Assert.True(SpinWait.SpinUntil(() => !Files.HasName(file), TimeSpan.FromMinutes(1)));
        byte[] read = new byte[slice.Length];
        Assert.Equal(all.Length, slice.Read(read, 0));
        Assert.Equal(all, read);

        slice.Release();
        byte[] inFile = new byte[length];
        Assert.True(SpinWait.SpinUntil(() => Files.ReadAt(file, inFile, 0) == length && !inFile.AsSpan().ContainsAnyExcept((byte)0), TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData(CacheTechnique.Page)]
    [InlineData(CacheTechnique.Direct)]
    public void Scattered_batches_lie_all_over_a_file_that_has_its_size_from_the_start(CacheTechnique cache)
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(LogTechnique.Scattered, cache));
        storage.Append(1);
        long length = new FileInfo(storage.LogFiles[0]).Length;
        Assert.InRange(length, Config.SegmentBytes, Config.SegmentBytes + ScatteredStore.SlotBytes);
        storage.Append(199);
        Assert.Equal(length, new FileInfo(storage.LogFiles[0]).Length);

        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
        List<long> places = [];
        for (int from = 0; from < slice.Length;)
        {
            from += slice.Piece(from, slice.Length - from, out long place);
            places.Add(place);
        }

        slice.Release();
        Assert.Equal(200, places.Distinct().Count());
        Assert.True(places.Zip(places.Skip(1)).Count(pair => pair.Second == pair.First + ScatteredStore.SlotBytes) < 10);
        Assert.All(Enumerable.Range(0, 4), quarter => Assert.Contains(places, place => place * 4 / length == quarter));
    }

    [Theory]
    [InlineData(CacheTechnique.Page)]
    [InlineData(CacheTechnique.Direct)]
    public void A_torn_scattered_batch_is_dropped_and_those_behind_it_never_come_back(CacheTechnique cache)
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(LogTechnique.Scattered, cache));
        storage.Append(10, records: 1);
        byte[] kept = TestBatch.ReadAll(storage.Log, 0);
        long torn = PlaceOf(storage, 6);
        int bytes = kept.Length / 10;
        storage.Stop(clean: false);
        using (FileStream file = new(storage.LogFiles[0], FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = torn + bytes - 1;
            int last = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)~last);
        }

        storage.Start();
        Assert.Equal(6, storage.Log.EndOffset);
        Assert.Equal(kept[..(6 * bytes)], TestBatch.ReadAll(storage.Log, 0));
        storage.Append(1, records: 1);
        storage.Reopen(clean: false);
        Assert.Equal(7, storage.Log.EndOffset);
        Assert.Equal(kept[..(7 * bytes)], TestBatch.ReadAll(storage.Log, 0));
    }

    [Fact]
    public void A_batch_in_the_value_of_another_is_not_taken_for_one_of_the_log()
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(LogTechnique.Scattered));
        storage.Append(1, records: 1);
        storage.Stop(clean: false);
        byte[] file = File.ReadAllBytes(storage.LogFiles[0]);
        int slot = Enumerable.Range(1, (file.Length / ScatteredStore.SlotBytes) - 1)
            .First(i => SlotHeader.TryDecode(file.AsSpan(i * ScatteredStore.SlotBytes, SlotHeader.Bytes), out _));
        SlotHeader.TryDecode(file.AsSpan(slot * ScatteredStore.SlotBytes), out SlotHeader real);

        // All that a client can know of a header: not the key of the file.
        int elsewhere = slot == 1 ? 2 : 1;
        (real with { Key = real.Key + 1, Position = real.BatchBytes, Serial = 1 }).Encode(file.AsSpan(elsewhere * ScatteredStore.SlotBytes));
        File.WriteAllBytes(storage.LogFiles[0], file);
        storage.Start();
        Assert.Equal(1, storage.Log.EndOffset);
    }

    [Fact]
    public void A_direct_file_ends_where_its_batches_end_after_a_roll_and_after_a_clean_stop()
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(Cache: CacheTechnique.Direct));
        storage.Append(5);
        Assert.Equal(0, new FileInfo(storage.LogFiles[0]).Length % AlignedBuffer.BlockBytes);
        storage.Log.BeginSegment();
        storage.Append(7);
        storage.Stop(clean: true);
        int batch = TestBatch.Make(3).Length;
        Assert.Equal([5L * batch, 7L * batch], storage.LogFiles.Select(file => new FileInfo(file).Length));
        storage.Start();
        Assert.Equal(36, storage.Log.EndOffset);
    }

    [Fact]
    public void A_direct_log_leaves_nothing_in_the_page_cache_and_can_be_read_through_it()
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(Cache: CacheTechnique.Direct));
        storage.Append(1000);
        byte[] all = TestBatch.ReadAll(storage.Log, 0);
        using (FileDescriptor file = Files.Open(storage.LogFiles[0], OpenFlags.ReadOnly))
        {
            for (int at = 0; at < all.Length; at += AlignedBuffer.BlockBytes)
            {
                Assert.False(PageCache.IsResident(file, at, 1), $"position {at} is in the page cache");
            }
        }

        storage.Stop(clean: false);
        using LogManager pages = LogManager.Open(storage.DataDirectory, Config, _ => { });
        Assert.True(pages.TryGet(StorageFixture.TopicName, out Topic? topic));
        Assert.Equal(all, TestBatch.ReadAll(topic.Partition(0)!, 0));
    }

    [Theory]
    [InlineData(LogTechnique.Sequential, LogTechnique.Scattered)]
    [InlineData(LogTechnique.Scattered, LogTechnique.Sequential)]
    public void A_data_directory_is_not_opened_as_what_it_is_not(LogTechnique written, LogTechnique opened)
    {
        using StorageFixture storage = new(Config, techniques: new StorageTechniques(written));
        storage.Append(3);
        storage.Stop(clean: true);
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(
            () => LogManager.Open(storage.DataDirectory, Config, _ => { }, techniques: new StorageTechniques(opened)));
        string words = $"{storage.DataDirectory}: written with technique.log={written}, and cannot be opened with technique.log={opened}";
        Assert.Equal(words, refused.Message, ignoreCase: true);
        storage.Start();
        Assert.Equal(9, storage.Log.EndOffset);
    }

    private static long PlaceOf(StorageFixture storage, long offset)
    {
        Assert.Equal(ReadResult.Ok, storage.Log.TryRead(offset, RecordBatch.HeaderBytes, true, out LogSlice slice));
        slice.Piece(0, 1, out long place);
        slice.Release();
        return place;
    }

    private static bool ZeroesRanges(StorageFixture storage)
    {
        string path = Path.Combine(storage.DataDirectory, "zeroed");
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create);
        Files.Remove(path);
        return Files.TryZero(file);
    }
}
