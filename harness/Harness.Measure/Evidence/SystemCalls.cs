namespace Harness.Measure;

/// <summary>The system calls that tell how a broker moves and keeps its data.</summary>
internal static class SystemCalls
{
    /// <summary>Those that are counted, by the kernel's names.</summary>
    internal static readonly string[] Counted =
    [
        "sendfile64", "splice", "pread64", "preadv", "preadv2", "read", "readv", "pwrite64", "pwritev", "pwritev2", "write", "writev",
        "recvfrom", "recvmsg", "sendto", "sendmsg", "fsync", "fdatasync", "epoll_wait", "epoll_pwait", "io_uring_enter",
    ];

    /// <summary>Those that move bytes: recorded one by one for a moment.</summary>
    internal static readonly HashSet<string> Moving =
    [
        "sendfile64", "splice", "pread64", "preadv", "preadv2", "read", "readv", "pwrite64", "pwritev", "pwritev2", "write", "writev",
        "recvfrom", "recvmsg", "sendto", "sendmsg",
    ];

    /// <summary>Those that say where the next one of these is, recorded beside them.</summary>
    internal const string Seek = "lseek";
    internal const string Close = "close";

    internal static bool Writes(string call) => WritesAtCursor(call) || WritesAtPosition(call);

    internal static bool MayWriteToFile(string call) => Writes(call) || call is "sendfile64" or "splice";

    /// <summary>Those that move the position of the descriptor that they name first, and do not write there.</summary>
    internal static bool MovesCursor(string call) => call is "read" or "readv";

    /// <summary>Those that write at the descriptor's own position.</summary>
    internal static bool WritesAtCursor(string call) => call is "write" or "writev";

    /// <summary>Those that write at a position that they name.</summary>
    internal static bool WritesAtPosition(string call) => call is "pwrite64" or "pwritev" or "pwritev2";
}
