using System.Collections.Concurrent;
using Engine.Linux;

namespace Engine.Storage.Tests;

/// <summary>In which order a housekeeper's thread does what it is handed.</summary>
public sealed class ChoreThreadTests
{
    private const long NanosPerMilli = 1_000_000;
    private const long NanosPerHour = 3_600_000 * NanosPerMilli;

    private static Chore Named(string name) => new(ChoreKind.EmptyFolder, null, name);

    [Fact]
    public void What_is_due_later_does_not_hold_up_what_was_posted_behind_it()
    {
        ConcurrentQueue<string> done = new();
        ChoreThread thread = new("test", chore => done.Enqueue(chore.Folder!));
        long nowNanos = MonotonicClock.Nanos();
        Assert.True(thread.TryPost(Named("in two hours"), nowNanos + (2 * NanosPerHour)));
        Assert.True(thread.TryPost(Named("in an hour"), nowNanos + NanosPerHour));
        Assert.True(thread.TryPost(Named("first")));
        Assert.True(thread.TryPost(Named("second")));
        Assert.True(SpinWait.SpinUntil(() => done.Count == 2, TimeSpan.FromMinutes(1)));

        // Stopping does the rest too: a chore is never lost.
        thread.Stop();
        Assert.Equal(["first", "second", "in an hour", "in two hours"], done);
        Assert.False(thread.TryPost(Named("too late")));
        Assert.False(thread.TryPost(Named("too late"), nowNanos));
    }

    [Fact]
    public void What_is_due_is_done_then_and_not_before()
    {
        ConcurrentQueue<(string Name, long Nanos)> done = new();
        ChoreThread thread = new("test", chore => done.Enqueue((chore.Folder!, MonotonicClock.Nanos())));
        long dueNanos = MonotonicClock.Nanos() + (20 * NanosPerMilli);
        thread.TryPost(Named("later"), dueNanos + (20 * NanosPerMilli));
        thread.TryPost(Named("sooner"), dueNanos);
        Assert.True(SpinWait.SpinUntil(() => done.Count == 2, TimeSpan.FromMinutes(1)));
        thread.Stop();
        Assert.Equal(["sooner", "later"], done.Select(chore => chore.Name));
        Assert.True(done.First().Nanos >= dueNanos && done.Last().Nanos >= dueNanos + (20 * NanosPerMilli));
    }

    [Fact]
    public void What_has_become_due_goes_before_what_waits_in_turn()
    {
        ConcurrentQueue<string> done = new();
        using ManualResetEventSlim busy = new(), free = new();
        ChoreThread thread = new("test", chore =>
        {
            busy.Set();
            free.Wait();
            done.Enqueue(chore.Folder!);
        });
        thread.TryPost(Named("long"));
        busy.Wait(TestContext.Current.CancellationToken);
        thread.TryPost(Named("in turn"));
        thread.TryPost(Named("due"), MonotonicClock.Nanos());
        free.Set();
        thread.Stop();
        Assert.Equal(["long", "due", "in turn"], done);
    }
}
