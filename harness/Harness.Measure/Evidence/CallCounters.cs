using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>
/// Counts a process's system calls by perf events: one counter a call and thread, inherited by the threads and processes that these start. A count costs the
/// counted thread about a tenth of a microsecond a call. Belongs to one thread.
/// </summary>
internal sealed class CallCounters : IDisposable
{
    private readonly List<Counter> _counters;

    /// <exception cref="LinuxException">The process may not be looked into, or there is not room for so many counters.</exception>
    internal CallCounters(int pid, TraceEvents events)
    {
        (string Name, long Id)[] calls = [.. SystemCalls.Counted
            .Select(name => (name, Id: events.IdOf($"syscalls/sys_enter_{name}")))
            .Where(call => call.Id is not null)
            .Select(call => (call.name, call.Id!.Value))];
        long? added = events.IdOf("filemap/mm_filemap_add_to_page_cache");
        CountsPages = added is not null;
        _counters = Threads.AttachInherited<Counter>(pid, (thread, opened) =>
        {
            foreach ((string name, long id) in calls)
            {
                opened.Add(new Counter(name, thread, PerfEvents.Count(id, thread)));
            }

            CountPages(added, thread, opened);
        });
        if (_counters.Count == 0)
        {
            throw new LinuxException("perf_event_open", Errno.ESRCH, $"of process {pid}");
        }
    }

    private const string Pages = "pages";

    /// <summary>False where events inside the kernel may not be counted.</summary>
    internal bool CountsPages { get; private set; }

    /// <summary>What has been counted since the start.</summary>
    internal CallTotals Read()
    {
        Dictionary<string, long> byCall = [];
        bool whole = true;
        foreach (Counter counter in _counters)
        {
            PerfCount count = PerfEvents.Read(counter.File);
            byCall[counter.Name] = byCall.GetValueOrDefault(counter.Name) + count.Value;
            whole &= count.RunningNanos == count.EnabledNanos;
        }

        return new CallTotals(byCall, whole);
    }

    /// <summary>Calls that move data since the start.</summary>
    internal long Moving() => _counters.Where(c => SystemCalls.Moving.Contains(c.Name)).Sum(c => PerfEvents.Read(c.File).Value);

    /// <summary>The threads that have made one of the calls that move data, and which of them.</summary>
    internal IReadOnlyDictionary<int, IReadOnlyCollection<string>> Movers() => _counters
        .Where(c => SystemCalls.Moving.Contains(c.Name) && PerfEvents.Read(c.File).Value > 0)
        .GroupBy(c => c.Thread)
        .ToDictionary(g => g.Key, IReadOnlyCollection<string> (g) => [.. g.Select(c => c.Name)]);

    public void Dispose()
    {
        _counters.ForEach(c => c.Dispose());
        _counters.Clear();
    }

    private void CountPages(long? added, int thread, List<Counter> opened)
    {
        if (!CountsPages)
        {
            return;
        }

        try
        {
            opened.Add(new Counter(Pages, thread, PerfEvents.Count(added!.Value, thread, inKernel: true)));
        }
        catch (LinuxException e) when (e.Error is Errno.EACCES or Errno.EPERM)
        {
            CountsPages = false;
        }
    }

    /// <param name="Thread">With all that it starts.</param>
    private sealed record Counter(string Name, int Thread, FileDescriptor File) : IDisposable
    {
        public void Dispose() => File.Dispose();
    }

    /// <summary>Totals since the counters were opened.</summary>
    /// <param name="Whole">False when counters had to take turns, so that counts are too low.</param>
    internal sealed record CallTotals(IReadOnlyDictionary<string, long> ByCall, bool Whole)
    {
        internal IReadOnlyList<CallCount> Since(CallTotals before) =>
        [
            .. ByCall.Where(call => call.Key != Pages)
                .Select(call => new CallCount(call.Key, call.Value - before.ByCall.GetValueOrDefault(call.Key)))
                .Where(call => call.Count > 0)
                .OrderByDescending(call => call.Count)
                .ThenBy(call => call.Name, StringComparer.Ordinal),
        ];

        internal long PagesSince(CallTotals before) => ByCall.GetValueOrDefault(Pages) - before.ByCall.GetValueOrDefault(Pages);
    }
}
