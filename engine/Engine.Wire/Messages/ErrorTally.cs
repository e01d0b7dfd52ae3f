namespace Engine.Wire;

/// <summary>How often each error was answered. Written by one thread, read by any.</summary>
public sealed class ErrorTally
{
    private const int CodesMax = 160;

    private readonly long[] _counts = new long[CodesMax];

    /// <summary>Codes from this one to <see cref="Last"/> are counted.</summary>
    public static ErrorCode First => (ErrorCode)(-1);

    public static ErrorCode Last => First + CodesMax - 1;

    /// <param name="error">From <see cref="First"/> to <see cref="Last"/>.</param>
    public long CountOf(ErrorCode error) => Volatile.Read(ref _counts[error - First]);

    public void Count(ErrorCode error)
    {
        int index = error - First;
        if ((uint)index < CodesMax)
        {
            _counts[index]++;
        }
    }
}
