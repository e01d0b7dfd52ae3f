using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>
/// The C library's functions as they are: blittable, no marshalling, errno not touched. Everything else in this project
/// wraps these; nobody outside it sees a pointer.
/// </summary>
internal static unsafe partial class Native
{
    private const string C = "libc";

    [LibraryImport(C)] internal static partial int epoll_create1(int flags);
    [LibraryImport(C)] internal static partial int epoll_ctl(int epoll, int operation, int fd, EpollEvent* interest);
    [LibraryImport(C)] internal static partial int epoll_wait(int epoll, EpollEvent* events, int capacity, int timeoutMs);
    [LibraryImport(C)] internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(C)] internal static partial int socket(int domain, int type, int protocol);
    [LibraryImport(C)] internal static partial int bind(int fd, void* address, uint length);
    [LibraryImport(C)] internal static partial int listen(int fd, int backlog);
    [LibraryImport(C)] internal static partial int accept4(int fd, void* address, uint* length, int flags);
    [LibraryImport(C)] internal static partial int connect(int fd, void* address, uint length);
    [LibraryImport(C)] internal static partial int getsockname(int fd, void* address, uint* length);
    [LibraryImport(C)] internal static partial int getpeername(int fd, void* address, uint* length);
    [LibraryImport(C)] internal static partial int setsockopt(int fd, int level, int name, void* value, uint length);
    [LibraryImport(C)] internal static partial int getsockopt(int fd, int level, int name, void* value, uint* length);
    [LibraryImport(C)] internal static partial int shutdown(int fd, int how);
    [LibraryImport(C)] internal static partial nint send(int fd, void* buffer, nuint length, int flags);
    [LibraryImport(C)] internal static partial nint recv(int fd, void* buffer, nuint length, int flags);
    [LibraryImport(C)] internal static partial nint sendfile(int outFd, int inFd, long* offset, nuint count);
    [LibraryImport(C)] internal static partial int poll(PollFd* fds, nuint count, int timeoutMs);
    [LibraryImport(C)] internal static partial int ppoll(PollFd* fds, nuint count, Timespec* timeout, void* signals);

    [LibraryImport(C, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags, int mode);

    [LibraryImport(C, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkdir(string path, int mode);

    [LibraryImport(C, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unlink(string path);

    [LibraryImport(C, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rename(string from, string to);

    [LibraryImport(C)] internal static partial int statx(int directory, byte* path, int flags, uint mask, byte* into);
    [LibraryImport(C)] internal static partial int close(int fd);
    [LibraryImport(C)] internal static partial nint read(int fd, void* buffer, nuint length);
    [LibraryImport(C)] internal static partial nint write(int fd, void* buffer, nuint length);
    [LibraryImport(C)] internal static partial nint pread(int fd, void* buffer, nuint length, long offset);
    [LibraryImport(C)] internal static partial nint pwrite(int fd, void* buffer, nuint length, long offset);
    [LibraryImport(C)] internal static partial nint pwritev(int fd, IoVector* from, int count, long offset);
    [LibraryImport(C)] internal static partial int fallocate(int fd, int mode, long offset, long length);
    [LibraryImport(C)] internal static partial nint preadv2(int fd, IoVector* into, int count, long offset, int flags);
    [LibraryImport(C)] internal static partial nint readahead(int fd, long offset, nuint length);
    [LibraryImport(C)] internal static partial int sync_file_range(int fd, long offset, long length, uint flags);
    [LibraryImport(C)] internal static partial int posix_fadvise(int fd, long offset, long length, int advice);
    [LibraryImport(C)] internal static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport(C, EntryPoint = "syscall")]
    internal static partial nint perf_event_open(nint number, PerfEventAttributes* attributes, int pid, int cpu, int group, nuint flags);

    [LibraryImport(C)] internal static partial int ioctl(int fd, nuint request, nint argument);
    [LibraryImport(C)] internal static partial nint mmap(void* address, nuint length, int protection, int flags, int fd, long offset);
    [LibraryImport(C)] internal static partial int madvise(void* address, nuint length, int advice);
    [LibraryImport(C)] internal static partial int munmap(void* address, nuint length);
    [LibraryImport(C)] internal static partial int ftruncate(int fd, long length);
    [LibraryImport(C)] internal static partial int fsync(int fd);
    [LibraryImport(C)] internal static partial int syncfs(int fd);
    [LibraryImport(C)] internal static partial int fdatasync(int fd);
    [LibraryImport(C)] internal static partial long lseek(int fd, long offset, int whence);
    [LibraryImport(C)] internal static partial int flock(int fd, int operation);

    [LibraryImport(C)] internal static partial int clock_gettime(int clock, Timespec* time);
    [LibraryImport(C)] internal static partial int prctl(int option, nuint argument);
    [LibraryImport(C)] internal static partial int kill(int pid, int signal);
    [LibraryImport(C)] internal static partial int execve(byte* path, byte** arguments, byte** environment);
    [LibraryImport(C)] internal static partial nint strerror(int error);
}

[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    internal long Seconds;
    internal long Nanoseconds;
}

[StructLayout(LayoutKind.Sequential)]
internal struct Timeval
{
    internal long Seconds;
    internal long Microseconds;
}

[StructLayout(LayoutKind.Sequential)]
internal struct PollFd
{
    internal int Fd;
    internal short Events;
    internal short Returned;
}

/// <summary>The kernel's struct perf_event_attr up to its clock, PERF_ATTR_SIZE_VER3 (linux/perf_event.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PerfEventAttributes
{
    internal uint Type;
    internal uint Size;
    internal ulong Config;
    internal ulong SamplePeriod;
    internal ulong SampleType;
    internal ulong ReadFormat;
    internal ulong Flags;
    internal uint WakeupEvents;
    internal uint BreakpointType;
    internal ulong BreakpointAddress;
    internal ulong BreakpointLength;
    internal ulong BranchSampleType;
    internal ulong UserRegisters;
    internal uint UserStackBytes;
    internal int ClockId;
}

/// <summary>The kernel's struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal byte* Start;
    internal nuint Length;
}

/// <summary>The kernel's struct cachestat_range (linux/mman.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CachestatRange
{
    internal ulong Offset;
    internal ulong Length;
}

/// <summary>The kernel's struct cachestat: numbers of pages (linux/mman.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Cachestat
{
    internal ulong Cached;
    internal ulong Dirty;
    internal ulong InWriteback;
    internal ulong Evicted;
    internal ulong RecentlyEvicted;
}
