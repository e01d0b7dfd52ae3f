using Engine.Linux;

namespace Engine.Server;

/// <summary>The two clocks that groups go by; tests set theirs.</summary>
internal interface IGroupClock
{
    /// <summary>For timeouts.</summary>
    long MonotonicMs { get; }

    /// <summary>Milliseconds since the Unix epoch, for what is kept.</summary>
    long WallMs { get; }
}

internal sealed class SystemGroupClock : IGroupClock
{
    public long MonotonicMs => MonotonicClock.Nanos() / 1_000_000;

    public long WallMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}

/// <summary>One timeout that can be set, put off and cancelled; it belongs to one <see cref="GroupTimers"/>.</summary>
internal sealed class GroupTimer(Action due)
{
    public Action Due { get; } = due;
    public long DueMs { get; set; }
    public long Number { get; set; }
    public bool IsSet { get; set; }
}

/// <summary>
/// The timeouts of all groups, in the order in which they are due. A sorted set and not a heap: a cancelled timer is gone at once with all
/// it refers to, where a heap would keep it until it is due, which a client may set to half an hour. Owned by the groups' thread.
/// </summary>
internal sealed class GroupTimers(IGroupClock clock)
{
    private readonly SortedSet<GroupTimer> _set = new(Comparer<GroupTimer>.Create(
        (a, b) => a.DueMs != b.DueMs ? a.DueMs.CompareTo(b.DueMs) : a.Number.CompareTo(b.Number)));

    private long _numbers;

    /// <summary>Milliseconds until the next one is due, 0 when one is; null when none is set.</summary>
    public long? UntilNextMs => _set.Min is { } next ? Math.Max(0, next.DueMs - clock.MonotonicMs) : null;

    public int Count => _set.Count;

    /// <summary>Sets the timer, or sets it anew.</summary>
    public void Set(GroupTimer timer, long delayMs)
    {
        Cancel(timer);
        timer.DueMs = clock.MonotonicMs + delayMs;
        timer.Number = ++_numbers;
        timer.IsSet = _set.Add(timer);
    }

    public void Cancel(GroupTimer timer)
    {
        if (timer.IsSet)
        {
            _set.Remove(timer);
            timer.IsSet = false;
        }
    }

    /// <summary>Takes the next timer that is due, or null.</summary>
    public GroupTimer? TakeDue()
    {
        if (_set.Min is not { } next || next.DueMs > clock.MonotonicMs)
        {
            return null;
        }

        Cancel(next);
        return next;
    }
}
