namespace Engine.Linux.Tests;

public sealed class FilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("linux-test-").FullName;

    private string FilePath => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Bytes_are_written_and_read_at_positions()
    {
        using FileDescriptor file = Files.Open(FilePath, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive);
        Files.WriteAt(file, [1, 2, 3], 10);
        Assert.Equal(13, Files.Length(file));
        byte[] bytes = new byte[8];
        Assert.Equal(5, Files.ReadAt(file, bytes, 8));
        Assert.Equal([0, 0, 1, 2, 3, 0, 0, 0], bytes);
        Assert.Equal(0, Files.ReadAt(file, bytes, 13));
        Assert.Equal(0, Files.ReadAt(file, [], 0));
        Files.WriteAt(file, [], 0);
        Files.Truncate(file, 11);
        Files.Sync(file);
        Assert.Equal(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, File.ReadAllBytes(FilePath));
        Files.SyncDirectory(_folder);
    }

    [Fact]
    public void A_file_without_a_name_is_told_from_one_that_has_one()
    {
        using FileDescriptor file = Files.Open(FilePath, OpenFlags.ReadWrite | OpenFlags.Create);
        Assert.True(Files.HasName(file));
        Files.Rename(FilePath, FilePath + "2");
        Assert.True(Files.HasName(file));
        Files.Remove(FilePath + "2");
        Assert.False(Files.HasName(file));
    }

    [Fact]
    public void A_zeroed_file_has_its_length_and_no_content()
    {
        using FileDescriptor file = Files.Open(FilePath, OpenFlags.ReadWrite | OpenFlags.Create);
        Files.WriteAt(file, new byte[] { 1, 2, 3 }, 9_999);
        Assert.SkipUnless(Files.TryZero(file), $"the filesystem of {Path.GetTempPath()} does not zero ranges; set TMPDIR to a folder on ext4 or xfs");
        Assert.Equal(new byte[10_002], File.ReadAllBytes(FilePath));
        Files.Truncate(file, 0);
        Assert.True(Files.TryZero(file));
        Assert.Equal(0, Files.Length(file));
    }

    [Fact]
    public void Errors_name_the_call_the_subject_and_the_cause()
    {
        LinuxException missing = Assert.Throws<LinuxException>(() => Files.Open(FilePath, OpenFlags.ReadOnly));
        Assert.Equal(Errno.ENOENT, missing.Error);
        Assert.Equal($"open {FilePath}: No such file or directory", missing.Message);
        File.WriteAllText(FilePath, "");
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(
            () => Files.Open(FilePath, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive)).Error);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => Files.SyncDirectory(FilePath)).Error);
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => Files.Rename(FilePath + "x", FilePath)).Error);

        using FileDescriptor readOnly = Files.Open(FilePath, OpenFlags.ReadOnly);
        const int badDescriptor = 9;
        Assert.Equal(badDescriptor, (int)Assert.Throws<LinuxException>(() => Files.WriteAt(readOnly, [1], 0)).Error);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => Files.Truncate(readOnly, 1)).Error);
        Assert.Contains("No space left", LinuxException.Describe(Errno.ENOSPC));
    }

    [Fact]
    public void A_full_device_is_an_error_of_the_write()
    {
        using FileDescriptor full = Files.Open("/dev/full", OpenFlags.WriteOnly);
        Assert.Equal(Errno.ENOSPC, Assert.Throws<LinuxException>(() => Files.WriteAt(full, [1], 0)).Error);
    }

    [Fact]
    public void A_closed_descriptor_is_not_somebody_elses()
    {
        FileDescriptor file = Files.Open(FilePath, OpenFlags.ReadWrite | OpenFlags.Create);
        file.Dispose();
        file.Dispose();
        Assert.Equal(-1, file.Number);
        Assert.Throws<LinuxException>(() => Files.Length(file));
    }

    [Fact]
    public void A_lock_belongs_to_one_open_file_until_it_is_given_back_or_closed()
    {
        using FileDescriptor first = Files.Open(FilePath, OpenFlags.ReadWrite | OpenFlags.Create);
        FileDescriptor second = Files.Open(FilePath, OpenFlags.ReadWrite);
        using FileDescriptor third = Files.Open(FilePath, OpenFlags.ReadWrite);
        Assert.True(Files.TryLock(first));
        Assert.True(Files.TryLock(first));
        Assert.False(Files.TryLock(second));
        Files.Unlock(first);
        Assert.True(Files.TryLock(second));
        Assert.False(Files.TryLock(third));
        second.Dispose();
        Assert.True(Files.TryLock(third));
    }

    [Fact]
    public void Folders_are_made_with_those_above_them()
    {
        string deep = Path.Combine(_folder, "a", "b", "c");
        Files.CreateDirectory(deep);
        Files.CreateDirectory(deep);
        Assert.True(Directory.Exists(deep));
        File.WriteAllText(FilePath, "");
        LinuxException e = Assert.Throws<LinuxException>(() => Files.CreateDirectory(Path.Combine(FilePath, "x")));
        Assert.Equal(Errno.ENOTDIR, e.Error);
        Assert.Contains(FilePath, e.Message);
    }

    [Fact]
    public void A_removed_file_stays_readable_for_whoever_has_it_open()
    {
        File.WriteAllText(FilePath, "abc");
        using FileDescriptor file = Files.Open(FilePath, OpenFlags.ReadOnly);
        Assert.True(Files.Remove(FilePath));
        Assert.False(Files.Remove(FilePath));
        byte[] bytes = new byte[3];
        Assert.Equal(3, Files.ReadAt(file, bytes, 0));
        Assert.Equal("abc"u8.ToArray(), bytes);
        Assert.Throws<LinuxException>(() => Files.Remove(_folder));
    }

    [Fact]
    public void Renaming_replaces_what_has_the_name()
    {
        string other = Path.Combine(_folder, "other");
        File.WriteAllText(FilePath, "new");
        File.WriteAllText(other, "old");
        Files.Rename(FilePath, other);
        Assert.Equal("new", File.ReadAllText(other));
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        using FileDescriptor file = Files.Open(FilePath, OpenFlags.ReadWrite | OpenFlags.Create);
        byte[] bytes = new byte[100];
        WriteAndRead();
        Assert.All(Allocations.OfWindows(_ => WriteAndRead()), allocated => Assert.Equal(0, allocated));

        void WriteAndRead()
        {
            for (int i = 0; i < 10; i++)
            {
                Files.WriteAt(file, bytes, i);
                Files.ReadAt(file, bytes, i);
            }
        }
    }
}
