using System.Diagnostics;
using Engine.Linux;

namespace Engine.Storage.Tests;

public sealed class FullDiskTests
{
    [Theory]
    [InlineData(LogConfig.UnlimitedRetention)]
    [InlineData(64 << 20)] // a ring, whose pages are made before the batch comes
    public void A_full_disk_refuses_the_batch_and_keeps_the_log_usable(long retentionBytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem takes root");
        using TestDirectory directory = new();
        Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", directory.Path);
        try
        {
            using StorageFixture storage = new(new LogConfig { SegmentBytes = 3_000_000, RetentionBytes = retentionBytes }, directory.Path);
            byte[] batch = TestBatch.OfSize(900_000);
            int appended = 0;
            LinuxException? refused = null;
            while (refused is null)
            {
                try
                {
                    storage.Log.Append(batch);
                    appended++;
                }
                catch (LinuxException e)
                {
                    refused = e;
                }
            }

            Assert.Equal(Errno.ENOSPC, refused.Error);
            Assert.Contains("orders-0", refused.Message);
            Assert.InRange(appended, 7, 9);
            Assert.Equal(appended, storage.Log.EndOffset);
            Assert.Equal(appended * 900_000L, storage.LogFiles.Sum(f => new FileInfo(f).Length));
            Assert.Throws<LinuxException>(() => storage.Log.Append(batch));

            // What fits is still taken, and when there is room again, so is the rest.
            Assert.Equal(appended, storage.Log.Append(TestBatch.Make(1)));
            Assert.Equal(ReadResult.Ok, storage.Log.TryRead(0, int.MaxValue, true, out LogSlice slice));
            slice.Release();
            Run("mount", "-o", "remount,size=16m", directory.Path);
            Assert.Equal(appended + 1, storage.Log.Append(batch));
            storage.Reopen(clean: false);
            Assert.Equal(appended + 2, storage.Log.EndOffset);
            Assert.All(storage.Lines, l => Assert.Contains("batches_cut=0 ", l));
            storage.Stop(clean: true);
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    [Fact]
    public void A_batch_that_the_disk_refused_is_not_remembered_of_its_producer()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem takes root");
        using TestDirectory directory = new();
        Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", directory.Path);
        try
        {
            using StorageFixture storage = new(new LogConfig { SegmentBytes = 3_000_000 }, directory.Path);
            Assert.Equal(0, storage.Produce(1, 0, 0, valueBytes: 900_000).BaseOffset);
            Assert.Throws<LinuxException>(() => storage.Produce(1, 0, 1, valueBytes: 1_500_000));
            Run("mount", "-o", "remount,size=16m", directory.Path);
            Assert.Equal((AppendOutcome.Appended, 1L), (storage.Produce(1, 0, 1, valueBytes: 1_500_000).Outcome, storage.Log.EndOffset - 1));
            storage.Stop(clean: true);
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    [Fact]
    public void A_full_disk_refuses_a_new_topic_and_leaves_no_trace_of_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem takes root");
        using TestDirectory directory = new();
        Run("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=12", "tmpfs", directory.Path);
        try
        {
            using StorageFixture storage = new(new LogConfig(), directory.Path);
            Assert.Throws<LinuxException>(() => storage.Manager.Create("big", 30, new Dictionary<string, string?>(), out _));
            Assert.Single(storage.Manager.Topics);
            storage.Append(1);
            storage.Reopen(clean: true);
            Assert.Single(storage.Manager.Topics);
            Assert.Single(Directory.GetDirectories(directory.Path));
            Assert.Equal(3, storage.Log.EndOffset);
            storage.Stop(clean: true);
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    [Fact]
    public void Deleting_a_topic_frees_a_full_disk_and_is_remembered()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem takes root");
        using TestDirectory directory = new();
        Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.Path);
        try
        {
            using StorageFixture storage = new(new LogConfig(), directory.Path);
            storage.Append(2);
            byte[] last = new byte[1 << 20];
            using (FileStream filler = File.Create(Path.Combine(directory.Path, "filler"), bufferSize: 0))
            {
                Assert.Throws<IOException>(() => filler.Write(last));
            }

            Assert.True(storage.Manager.Delete(StorageFixture.TopicName));
            Assert.Empty(storage.Manager.Topics);
            Assert.Contains(storage.Lines, l => l.Contains("the catalogue is out of date"));
            storage.Stop(clean: false);
            storage.Start();
            Assert.Empty(storage.Manager.Topics);
            storage.Stop(clean: true);
            Assert.Empty(Directory.GetDirectories(directory.Path));
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    internal static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
