namespace Engine.Linux.Tests;

public sealed class PageCacheTests : IDisposable
{
    private const int Bytes = 8 << 20;
    private readonly string _folder = Directory.CreateTempSubdirectory("linux-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_resident_and_what_was_let_go_is_not()
    {
        using FileDescriptor file = Written();
        Assert.True(PageCache.IsResident(file, 0, Bytes));
        Assert.True(PageCache.IsResident(file, 12345, 1));
        Assert.True(PageCache.IsResident(file, Bytes, 0));
        Drop(file);
        Assert.False(PageCache.IsResident(file, 0, Bytes));
        Assert.False(PageCache.IsResident(file, Bytes / 2, 1));
    }

    [Fact]
    public void A_range_with_one_page_missing_is_not_resident()
    {
        using FileDescriptor file = Written();
        Drop(file);
        PageCache.DoNotReadAhead(file);
        byte[] half = new byte[Bytes / 2];
        Assert.Equal(half.Length, Files.ReadAt(file, half, 0));
        Assert.True(PageCache.IsResident(file, 0, half.Length));
        Assert.False(PageCache.IsResident(file, 0, half.Length + 1));
        Assert.False(PageCache.IsResident(file, half.Length - 1, 2));
    }

    [Fact]
    public void What_was_requested_arrives()
    {
        using FileDescriptor file = Written();
        Drop(file);
        PageCache.Request(file, 1 << 20, 1 << 20);
        Assert.True(SpinWait.SpinUntil(() => PageCache.IsResident(file, 1 << 20, 1 << 20), TimeSpan.FromSeconds(30)));
        PageCache.Request(file, Bytes - 1, Bytes);
        Assert.True(SpinWait.SpinUntil(() => PageCache.IsResident(file, Bytes - 1, 1), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void What_cannot_be_told_counts_as_not_resident()
    {
        using FileDescriptor file = Files.Open("/dev/zero", OpenFlags.ReadOnly);
        Assert.False(PageCache.IsResident(file, 0, 1));
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        using FileDescriptor file = Written();
        Ask();
        Assert.All(Allocations.OfWindows(_ => Ask()), allocated => Assert.Equal(0, allocated));

        void Ask()
        {
            for (int i = 0; i < 10; i++)
            {
                PageCache.IsResident(file, i, 1 << 20);
            }
        }
    }

    private static void Drop(FileDescriptor file)
    {
        Files.Sync(file);
        PageCache.Drop(file);
        Assert.SkipWhen(
            PageCache.IsResident(file, 0, 1), $"the filesystem of {Path.GetTempPath()} keeps its files in memory: set TMPDIR to a folder on a disk");
    }

    private FileDescriptor Written()
    {
        FileDescriptor file = Files.Open(Path.Combine(_folder, "file"), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive);
        byte[] bytes = new byte[Bytes];
        new Random(1).NextBytes(bytes);
        Files.WriteAt(file, bytes, 0);
        return file;
    }
}
