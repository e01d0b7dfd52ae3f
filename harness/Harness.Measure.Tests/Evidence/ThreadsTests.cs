using Engine.Linux;

namespace Harness.Measure.Tests;

/// <summary>Threads that begin while others are attached to are neither missed nor counted twice.</summary>
public sealed class ThreadsTests
{
    [Fact]
    public void A_thread_that_begins_while_its_parent_is_attached_to_is_counted_once()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do("f = os.open('a', os.O_RDWR | os.O_CREAT); go = threading.Event()", "def many(n):", "    for i in range(n): os.pwrite(f, b'x', i)");
        long id = new TraceEvents().IdOf("syscalls/sys_enter_pwrite64")!.Value;
        int rounds = 0;
        List<FileDescriptor> counters = Threads.AttachInherited<FileDescriptor>(program.Id, (thread, opened) =>
        {
            opened.Add(PerfEvents.Count(id, thread));
            if (rounds++ == 0)
            {
                program.Do("t = threading.Thread(target=lambda: (go.wait(), many(100))); t.start()");
            }
        });
        program.Do("go.set(); t.join()", "many(11)");
        Assert.Equal(111, counters.Sum(counter => PerfEvents.Read(counter).Value));
        counters.ForEach(counter => counter.Dispose());
    }

    [Fact]
    public void A_process_that_begins_threads_without_end_is_given_up_and_nothing_stays_open()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do("hold = threading.Event()");
        List<Opened> all = [];
        LinuxException failure = Assert.Throws<LinuxException>(() => Threads.AttachInherited<Opened>(program.Id, (_, opened) =>
        {
            opened.Add(new Opened());
            all.Add(opened[^1]);
            if (opened.Count == 1)
            {
                program.Do("threading.Thread(target=hold.wait, daemon=True).start()");
            }
        }));
        Assert.Equal(Errno.EAGAIN, failure.Error);
        Assert.All(all, one => Assert.True(one.IsClosed));
    }

    [Fact]
    public void What_fails_leaves_nothing_open()
    {
        List<Opened> all = [];
        Assert.Throws<LinuxException>(() => Threads.AttachInherited<Opened>(Environment.ProcessId, (_, opened) =>
        {
            opened.Add(new Opened());
            all.Add(opened[^1]);
            if (opened.Count == 2)
            {
                throw new LinuxException("perf_event_open", Errno.EMFILE);
            }
        }));
        Assert.Equal(2, all.Count);
        Assert.All(all, one => Assert.True(one.IsClosed));
    }

    private sealed class Opened : IDisposable
    {
        public bool IsClosed { get; private set; }

        public void Dispose() => IsClosed = true;
    }
}
