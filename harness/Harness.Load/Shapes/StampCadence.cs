namespace Harness.Load;

/// <summary>
/// How many messages share one reading of the clock: 64, or as many as are sent in 10 µs if that is fewer. Reading it for
/// each would cost half a core at 25 M messages a second. Fed with each reading; belongs to one thread.
/// </summary>
internal sealed class StampCadence
{
    public const int MessagesMax = 64;
    public const int NanosMax = 10_000;

    private long _lastNanos;

    /// <summary>Messages to send before the next reading.</summary>
    public int Messages { get; private set; } = MessagesMax;

    /// <param name="sent">Messages sent since the last reading.</param>
    public void Read(long nowNanos, int sent)
    {
        long took = nowNanos - _lastNanos;
        _lastNanos = nowNanos;
        if (sent < Messages)
        {
            return;
        }

        if (took > NanosMax)
        {
            Messages = Math.Max(1, Messages / 2);
        }
        else if (took < NanosMax / 3)
        {
            Messages = Math.Min(MessagesMax, 2 * Messages);
        }
    }
}
