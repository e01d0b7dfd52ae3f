using Engine.Linux;

namespace Engine.Storage.Tests;

/// <summary>What a reader may ask of a log before it waits for the disk.</summary>
public sealed class ColdLookupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("storage-test-").FullName;
    private readonly StorageFixture _storage;

    public ColdLookupTests() => _storage = new StorageFixture(new LogConfig { SegmentBytes = 1 << 20, IndexIntervalBytes = 500 }, _folder);

    public void Dispose()
    {
        _storage.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_was_just_appended_is_recent_and_what_an_earlier_run_appended_is_not()
    {
        Assert.False(_storage.Log.Recent.Contains(0));
        _storage.Append(100);
        Assert.True(_storage.Log.Recent.Contains(0));
        Assert.True(_storage.Log.Recent.Contains(_storage.Log.EndOffset - 1));
        _storage.Reopen(clean: true);
        Assert.False(_storage.Log.Recent.Contains(0));
        long end = _storage.Log.EndOffset;
        _storage.Append(1);
        Assert.False(_storage.Log.Recent.Contains(end - 1));
        Assert.True(_storage.Log.Recent.Contains(end));
    }

    [Fact]
    public void Headers_and_slices_say_whether_they_are_in_the_page_cache()
    {
        _storage.Append(2000);
        _storage.Reopen(clean: true);
        PartitionLog log = _storage.Log;
        long middle = log.EndOffset / 2;
        Assert.True(log.CanFindWithoutDisk(middle));
        Assert.Equal(ReadResult.Ok, log.TryRead(middle, 100_000, true, out LogSlice slice));
        Assert.True(slice.IsResident(0, slice.Length));
        Files.Sync(slice.File);
        PageCache.Drop(slice.File);
        Assert.SkipWhen(
            PageCache.IsResident(slice.File, 0, 1), $"the filesystem of {Path.GetTempPath()} keeps its files in memory: set TMPDIR to a folder on a disk");
        Assert.False(slice.IsResident(0, slice.Length));
        Assert.False(log.CanFindWithoutDisk(middle));

        // There is nothing to be read for what the log does not hold.
        Assert.True(log.CanFindWithoutDisk(log.EndOffset));
        Assert.True(log.CanFindWithoutDisk(-1));
        slice.Release();
    }

    [Fact]
    public void A_shared_slice_holds_its_file_after_the_first_was_released_and_the_log_was_closed()
    {
        _storage.Append(10);
        Assert.Equal(ReadResult.Ok, _storage.Log.TryRead(0, 1000, true, out LogSlice slice));
        LogSlice shared = slice.Share();
        slice.Release();
        _storage.Log.Dispose();
        byte[] bytes = new byte[shared.Length];
        Assert.Equal(bytes.Length, Files.ReadAt(shared.File, bytes, shared.Position));
        shared.Release();
    }
}
