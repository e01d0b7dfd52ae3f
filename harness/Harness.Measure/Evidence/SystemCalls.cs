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
    internal static readonly string[] Moving =
    [
        "sendfile64", "splice", "pread64", "preadv", "preadv2", "read", "readv", "pwrite64", "pwritev", "pwritev2", "write", "writev",
        "recvfrom", "recvmsg", "sendto", "sendmsg",
    ];

    /// <summary>Those of them that write at the descriptor's own position.</summary>
    internal static bool WritesAtCursor(string call) => call is "write" or "writev";

    /// <summary>Those of them that write at a position that they name.</summary>
    internal static bool WritesAtPosition(string call) => call is "pwrite64" or "pwritev" or "pwritev2";
}
