using System.Diagnostics;
using Engine.Linux;
using Results;

namespace Harness.Measure.Tests;

public sealed class DiskPassesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harness-disk-").FullName;

    [Fact]
    public void Every_way_to_the_disk_has_a_figure_or_its_reason_and_no_file_is_left()
    {
        ProbeBook book = new();
        using DiskPasses disk = new(new DiskOptions(_folder, 4 << 20, 0.002));
        disk.Pass(book, CancellationToken.None);
        IReadOnlyList<ProbeFigure> figures = book.Figures();
        Assert.Equal(21, figures.Count);
        Assert.All(figures, figure => Assert.True(figure.Median > 0 || figure.NotMeasurable is not null, figure.Name));
        Assert.All(figures.Where(figure => figure.Kind.EndsWith("-fsync", StringComparison.Ordinal)), figure => Assert.True(figure.Median > 0));
        foreach (string kind in (string[])["fsync-in-place-", "fsync-"])
        {
            double[] fsync = [.. ((string[])["p50", "p99", "max"]).Select(share => figures.Single(figure => figure.Kind == kind + share).Median!.Value)];
            Assert.Equal(fsync.Order(), fsync);
        }

        AssertNothingLeft();
    }

    [Fact]
    public void Who_measures_beside_it_gets_the_same_file_behind_each_figure()
    {
        List<(string Kind, long Bytes)> seen = [];
        ProbeBook book = new();
        using DiskPasses disk = new(new DiskOptions(_folder, 4 << 20, 0.002)
        {
            Beside = (subject, path) =>
            {
                using FileStream same = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                seen.Add((subject.Kind, same.Length));
                return true;
            },
        });
        disk.Pass(book, CancellationToken.None);
        Assert.Contains(("disk-sequential-write-fsync", 4L << 20), seen);
        Assert.Contains(("fsync-in-place-p50", 4L << 20), seen);
        Assert.Equal(21 - 4, seen.Count);
        Assert.All(book.Figures(), figure => Assert.Single(figure.Passes));
    }

    [Fact]
    public void A_filesystem_in_memory_has_no_direct_figures_and_says_why()
    {
        using SmallFilesystem filesystem = SmallFilesystem.MountOrSkip(16);
        ProbeBook book = new();
        using DiskPasses disk = new(new DiskOptions(filesystem.Path, 4 << 20, 0.002));
        disk.Pass(book, CancellationToken.None);
        Assert.All(
            book.Figures().Where(figure => figure.Kind.EndsWith("-direct", StringComparison.Ordinal)),
            figure => Assert.Equal((null, "tmpfs lies in memory"), (figure.Median, figure.NotMeasurable)));
        Assert.All(book.Figures().Where(figure => !figure.Kind.EndsWith("-direct", StringComparison.Ordinal)), figure => Assert.True(figure.Median > 0));
    }

    [Fact]
    public void A_disk_that_is_full_in_the_middle_is_named_and_has_its_space_back()
    {
        using SmallFilesystem filesystem = SmallFilesystem.MountOrSkip(4);
        long free = new DriveInfo(filesystem.Path).AvailableFreeSpace;
        using DiskPasses disk = new(new DiskOptions(filesystem.Path, 8 << 20, 0.002));
        LinuxException full = Assert.Throws<LinuxException>(() => disk.Pass(new ProbeBook(), CancellationToken.None));
        Assert.Equal("write the disk probe's file of 8 MB: No space left on device", full.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(filesystem.Path));
        Assert.Equal(free, new DriveInfo(filesystem.Path).AvailableFreeSpace);
    }

    [Fact]
    public void Cancelling_leaves_no_file()
    {
        using CancellationTokenSource cancel = new();
        cancel.CancelAfter(50);
        using DiskPasses disk = new(new DiskOptions(_folder, 4 << 20, 600));
        Assert.Throws<OperationCanceledException>(() => disk.Pass(new ProbeBook(), cancel.Token));
        AssertNothingLeft();
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(4 << 20, 0)]
    public void Impossible_options_are_refused(long fileBytes, double seconds) =>
        Assert.ThrowsAny<ArgumentException>(() => new DiskPasses(new DiskOptions(_folder, fileBytes, seconds)));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void AssertNothingLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));

    /// <summary>A filesystem of a few megabytes in memory.</summary>
    private sealed class SmallFilesystem : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("small-disk-").FullName;

        public static SmallFilesystem MountOrSkip(int mebibytes)
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small filesystem needs root: sudo ./run-bench.sh test");
            SmallFilesystem filesystem = new();
            Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", filesystem.Path);
            return filesystem;
        }

        public void Dispose()
        {
            Run("umount", "-l", Path);
            Directory.Delete(Path);
        }

        private static void Run(string command, params string[] arguments)
        {
            using Process process = Process.Start(command, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }
}
