using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>The errno values that the project tells apart (asm-generic/errno.h).</summary>
public enum Errno
{
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EEXIST = 17,
    ENOTDIR = 20,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    EFBIG = 27,
    ENOSPC = 28,
    EROFS = 30,
    EPIPE = 32,
    EOPNOTSUPP = 95,
    EADDRINUSE = 98,
    EADDRNOTAVAIL = 99,
    ENETUNREACH = 101,
    ECONNABORTED = 103,
    ECONNRESET = 104,
    ENOTCONN = 107,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EINPROGRESS = 115,
    EDQUOT = 122,
}

/// <summary>
/// A system call failed for a reason that is not part of its ordinary use. The message names the call, what it was about
/// and the C library's words for the error: fit to be shown to a user as it is.
/// </summary>
public sealed class LinuxException : IOException
{
    public LinuxException(string call, Errno error, string? subject = null)
        : base(subject is null ? $"{call}: {Describe(error)}" : $"{call} {subject}: {Describe(error)}")
    {
        Call = call;
        Error = error;
    }

    public string Call { get; }

    public Errno Error { get; }

    /// <summary>The C library's words for an error: "No space left on device".</summary>
    public static string Describe(Errno error) =>
        Marshal.PtrToStringUTF8(Native.strerror((int)error)) ?? $"error {(int)error}";

    /// <summary>The error of the call that just failed on this thread. To be read before anything else is called.</summary>
    internal static Errno Last() => (Errno)Marshal.GetLastSystemError();

    internal static void Throw(string call, string? subject = null) => throw new LinuxException(call, Last(), subject);
}
