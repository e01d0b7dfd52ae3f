using System.Diagnostics;
using Engine.Linux;

namespace Engine.Storage.Tests;

/// <summary>Data folders that somebody has spoiled, as far as other tests do not have them.</summary>
public sealed class BadFolderTests : IDisposable
{
    /// <summary>Segments of 4000 bytes, an index entry every 500.</summary>
    private readonly StorageFixture _storage = new();

    private readonly byte[] _batch = TestBatch.Make(3);

    public void Dispose() => _storage.Dispose();

    private int BatchesPerSegment => 4000 / _batch.Length;

    private string Checkpoint => Path.Combine(_storage.DataDirectory, LogMaintenance.RecoveryPointsFileName);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Segments_that_overlap_cut_the_log_before_the_second_when_nothing_was_flushed(bool clean)
    {
        _storage.Append(3 * BatchesPerSegment);
        _storage.Stop(clean);
        File.Delete(Checkpoint);
        string overlapping = Path.Combine(_storage.Folder, $"{(BatchesPerSegment * 3) - 6:D20}.log");
        File.Copy(_storage.LogFiles[1], overlapping);
        _storage.Start();
        Assert.False(_storage.Log.IsOffline);
        Assert.Equal(BatchesPerSegment * 3, _storage.Log.EndOffset);
        Assert.Contains(
            _storage.Lines, l => l.Contains($"{Path.GetFileName(overlapping)} removed: it begins at offset {(BatchesPerSegment * 3) - 6} where"));
        Assert.Contains(_storage.Lines, l => l.Contains($"segments_removed=3 batches_cut={3 * BatchesPerSegment} "));
    }

    [Fact]
    public void A_segment_that_cannot_be_opened_refuses_the_start_and_is_named()
    {
        _storage.Append(2);
        _storage.Stop(clean: true);
        string file = _storage.LogFiles[0];
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file);
        LinuxException refused = Assert.Throws<LinuxException>(_storage.Start);
        Assert.Contains(file, refused.Message);
        Directory.Delete(file);
        File.Move(file + ".away", file);
        _storage.Start();
        Assert.Equal(6, _storage.Log.EndOffset);
    }

    [Fact]
    public void A_segment_that_is_larger_than_one_can_be_is_refused_and_named()
    {
        _storage.Append(1);
        _storage.Stop(clean: true);
        using (FileStream file = File.OpenWrite(_storage.LogFiles[0]))
        {
            file.SetLength(1L << 31);
        }

        Assert.Contains(_storage.LogFiles[0], Assert.Throws<CorruptLogException>(_storage.Start).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_disk_at_the_start_serves_what_is_there_and_takes_more_when_there_is_room(bool clean)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem takes root");
        using TestDirectory directory = new();
        Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory.Path);
        try
        {
            using StorageFixture storage = new(new LogConfig { SegmentBytes = 100_000 }, directory.Path);
            for (int i = 0; i < 10; i++)
            {
                storage.Log.Append(TestBatch.OfSize(60_000));
            }

            byte[] before = TestBatch.ReadAll(storage.Log, 0);
            storage.Stop(clean);
            string filler = Path.Combine(directory.Path, "filler");
            using (FileStream file = File.Create(filler, bufferSize: 0))
            {
                Assert.Throws<IOException>(() => file.Write(new byte[8 << 20]));
            }

            storage.Start();
            Assert.Equal(before, TestBatch.ReadAll(storage.Log, 0));
            Assert.Equal(Errno.ENOSPC, Assert.Throws<LinuxException>(() => storage.Log.Append(TestBatch.OfSize(60_000))).Error);
            Assert.False(storage.Log.IsOffline);
            File.Delete(filler);
            Assert.Equal(10, storage.Log.Append(TestBatch.OfSize(60_000)));
            storage.Reopen(clean: false);
            Assert.Equal(11, storage.Log.EndOffset);
            storage.Stop(clean: true);
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
