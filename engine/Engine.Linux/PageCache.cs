namespace Engine.Linux;

/// <summary>
/// What the kernel holds of a file in memory: asked, asked for, and let go. Residency is asked with cachestat(2), which looks at no page's
/// contents and needs no mapping: a third of a microsecond for a mebibyte, where mmap and mincore(2) take fifty. It counts a page
/// from the moment it is allocated for a read, so both ends of a range are then read without waiting (preadv2 with RWF_NOWAIT), which a
/// page still on its way from the device refuses.
/// <para>Any thread.</para>
/// </summary>
public static unsafe class PageCache
{
    private const int CachestatCall = 451; // The same on every architecture that Linux 6.5 or later runs on.
    private const int AdviseRandom = 1;
    private const int AdviseDontNeed = 4;
    private const int NoWait = 8;
    private const uint RangeWrite = 2;
    private static readonly long PageBytes = Environment.SystemPageSize;

    /// <summary>
    /// True when the bytes can be read, or sent by sendfile, without waiting for the device. False also where that cannot be told: kernels
    /// before 6.5, filesystems that do not use the page cache or cannot read without waiting.
    /// </summary>
    public static bool IsResident(FileDescriptor file, long position, long length)
    {
        if (length <= 0)
        {
            return true;
        }

        CachestatRange range = new() { Offset = (ulong)position, Length = (ulong)length };
        Cachestat found;
        long pages = ((position + length - 1) / PageBytes) - (position / PageBytes) + 1;
        return Native.syscall(CachestatCall, file.Number, (nint)(&range), (nint)(&found), 0) == 0
            && (long)found.Cached >= pages
            && CanReadNow(file, position)
            && (pages == 1 || CanReadNow(file, position + length - 1));
    }

    /// <summary>Bytes of a file that are in memory, in whole pages.</summary>
    /// <exception cref="LinuxException">EPERM: the file is another user's. ENOSYS: Linux before 6.5.</exception>
    public static long ResidentBytes(FileDescriptor file)
    {
        CachestatRange all = default;
        Cachestat found;
        if (Native.syscall(CachestatCall, file.Number, (nint)(&all), (nint)(&found), 0) != 0)
        {
            LinuxException.Throw("cachestat");
        }

        return (long)found.Cached * PageBytes;
    }

    /// <summary>
    /// Has the kernel read only what is asked for through this descriptor, and nothing ahead of it: otherwise a sendfile of pages that are there
    /// may allocate and request megabytes of those behind them, on the thread that sends. Only advice: a kernel without it goes on as before.
    /// </summary>
    public static void DoNotReadAhead(FileDescriptor file) => _ = Native.posix_fadvise(file.Number, 0, 0, AdviseRandom);

    /// <summary>Lets go of the pages of the file that are on the device already: to measure, and to test, what reading them costs.</summary>
    public static void Drop(FileDescriptor file)
    {
        // It answers the error instead of setting errno.
        int error = Native.posix_fadvise(file.Number, 0, 0, AdviseDontNeed);
        if (error != 0)
        {
            throw new LinuxException("posix_fadvise", (Errno)error);
        }
    }

    /// <summary>
    /// Requests bytes from the device and does not wait for them; bytes behind the file's end are left out. Only advice: where it fails, a read
    /// will wait for longer, or report why.
    /// </summary>
    public static void Request(FileDescriptor file, long position, long length) =>
        _ = Native.readahead(file.Number, position, (nuint)length);

    /// <summary>
    /// Begins to write pages to the device, and waits for none of them: only for room in the device's queue. Only advice: nothing is promised of
    /// when they are there, and where it fails the kernel writes them when it does.
    /// </summary>
    public static void BeginWriting(FileDescriptor file, long position, long length) =>
        _ = Native.sync_file_range(file.Number, position, length, RangeWrite);

    private static bool CanReadNow(FileDescriptor file, long position)
    {
        byte one;
        IoVector into = new() { Start = &one, Length = 1 };
        return Native.preadv2(file.Number, &into, 1, position, NoWait) == 1;
    }
}
