namespace Harness.Load;

/// <summary>
/// When the messages of one producer are due in an open phase. The schedule is that of all producers together, of which producer i of N has
/// the messages i, i + N, i + 2N, …: so the sum is even, however many there are. Belongs to one thread.
/// </summary>
internal abstract class DueTimes
{
    /// <summary>When the next message is due, in nanoseconds since the phase's beginning.</summary>
    public long NextNanos { get; protected set; }

    /// <summary>Goes on to the message behind it.</summary>
    public abstract void MoveNext();
}
