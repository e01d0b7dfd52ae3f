namespace Engine.Linux.Tests;

/// <summary>
/// What a thread allocates, where other tests collect meanwhile: a collection takes every thread's allocation quantum away (8 KiB at most), and
/// books what was left of it as allocated. So the same is looked at several times, and once it may be booked.
/// </summary>
internal static class Allocations
{
    private const int Windows = 5;

    /// <summary>Bytes that this thread allocates in a piece of work; too many by a quantum, if there is a collection in it.</summary>
    internal static long Of(Action work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Bytes that this thread allocates in work that is done five times, but for the time with most; in ascending order.</summary>
    /// <param name="work">Given the number of the time.</param>
    internal static long[] OfWindows(Action<int> work) => ButForOne(Enumerable.Range(0, Windows).Select(window => Of(() => work(window))));

    /// <summary>What was allocated each time, but for the most; in ascending order.</summary>
    internal static long[] ButForOne(IEnumerable<long> allocated) => [.. allocated.Order().SkipLast(1)];
}
