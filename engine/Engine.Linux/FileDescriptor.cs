namespace Engine.Linux;

/// <summary>
/// An open file of the kernel, owned by whoever made it. Not a SafeHandle: reference counting on every call costs more than
/// the cheap calls themselves, and each owner here (segment, connection) already knows when its last user has gone.
/// Closing twice is harmless; using after closing is the owner's bug and answers EBADF, because the number is cleared.
/// </summary>
public sealed class FileDescriptor : IDisposable
{
    private int _number;

    internal FileDescriptor(int number) => _number = number;

    /// <summary>The kernel's number; −1 once closed.</summary>
    public int Number => _number;

    public void Dispose()
    {
        int number = Interlocked.Exchange(ref _number, -1);
        if (number >= 0)
        {
            // The result of close is not actionable: the number is gone whatever it says, and data errors belong to fsync.
            _ = Native.close(number);
        }
    }
}
