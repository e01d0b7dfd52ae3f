using Results;

namespace Harness.Measure.Tests;

/// <summary>Evidence that cannot lie: programs that make known calls, and what is told of them.</summary>
public sealed class EvidenceCollectorTests
{
    private const string Files = "f = os.open('00000000000000000000.log', os.O_RDWR | os.O_CREAT); g = os.open('00000000000000000007.log', os.O_RDWR | os.O_CREAT)";
    private const string Sockets = "a, b = socket.socketpair(); a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)";

    [Fact]
    public void Counts_are_exact_in_threads_and_processes_that_began_before_and_after()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files, "def many(n):", "    for i in range(n): os.pwrite(f, b'x' * 100, i * 100)");
        program.Do("go = threading.Event(); before = threading.Thread(target=lambda: (go.wait(), many(11))); before.start()");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("many(1000)");
        evidence.Begin();
        program.Do("many(300)", "go.set(); before.join()", "t = threading.Thread(target=many, args=(40,)); t.start(); t.join()");
        program.Do("p = os.fork()", "if p == 0: many(5); os._exit(0)", "os.waitpid(p, 0)");
        program.Do("for i in range(17): os.pread(f, 10, i)", Sockets, "for i in range(23): os.sendfile(a.fileno(), f, i, 50)", "os.fsync(f)", "os.fdatasync(f); os.fdatasync(f)");
        evidence.End();
        program.Do("many(1000)");
        KernelEvidence seen = evidence.ToDocument();
        Assert.Equal(
            (300L + 11 + 40 + 5, 17L, 23L, 1L, 2L),
            (seen.CountOf("pwrite64"), seen.CountOf("pread64"), seen.CountOf("sendfile64"), seen.CountOf("fsync"), seen.CountOf("fdatasync")));
        Assert.DoesNotContain(seen.Calls!, call => call.Name == "splice");
    }

    [Fact]
    public void Appends_and_scattered_writes_are_told_apart_by_their_positions()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files);
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("os.pwrite(f, b'x' * 100, 0)", "os.pwrite(g, b'x' * 100, 0)");
        RecordedCalls appends = Recorded(evidence, program, "for i in range(1, 51): os.pwrite(f, b'x' * 100, i * 100)", "for i in range(20): os.write(g, b'y' * 10)");
        Assert.Equal(new WriteOrder(2, 49 + 19, 49 + 19, 5200) { ComparedBytes = 5090, ContinuingBytes = 5090 }, appends.Writes);
        RecordedCalls mixed = Recorded(evidence, program, "for i in range(51): os.pwrite(f, b'x' * 100, (i * 37 % 51) * 100)", "os.lseek(g, 5, 0); os.write(g, b'z'); os.write(g, b'z'); os.lseek(g, 3, 0); os.write(g, b'z')");
        Assert.Equal(new WriteOrder(2, 50 + 2, 1, 5103) { ComparedBytes = 5002, ContinuingBytes = 1 }, mixed.Writes);
    }

    /// <param name="steps">What is done while each call is recorded.</param>
    /// <param name="compared">Writes whose own position and their predecessor's end are certain.</param>
    [Theory]
    [InlineData("two cursors of one file", "os.lseek(f, 0, 0); os.lseek(f2, 0, 0)\nfor i in range(50): os.write(f, b'x' * 10); os.write(f2, b'y' * 10)", 99, 49)]
    [InlineData("two cursors, nobody knows where", "for i in range(50): os.write(f, b'x' * 10); os.write(f2, b'y' * 10)", 0, 0)]
    [InlineData("pwrite leaves the cursor where it is", "os.lseek(f, 0, 0)\nfor i in range(50): os.pwrite(f, b'x' * 10, 5000 + 100 * i); os.write(f, b'y' * 10)", 97, 0)]
    [InlineData("ahead of the data, and the data", "for i in range(10): os.pwrite(f, b'z' * 40, 20000 + 40 * i); [os.pwrite(f, b'x' * 10, 20000 + 40 * i + 10 * j) for j in range(4)]", 48, 48)]
    [InlineData("at three places", "for i in range(17): [os.pwrite(f, b'x' * 10, 30000 * j + 10 * i) for j in range(3)]", 50, 0)]
    [InlineData("reading moves the cursor", "os.lseek(f, 0, 0)\nfor i in range(50): os.write(f, b'x' * 10); os.read(f, 5)", 49, 0)]
    [InlineData("reading elsewhere does not", "for i in range(50): os.write(f, b'x' * 10); os.pread(f, 5, 0)", 49, 49)]
    [InlineData("a cursor that is only asked for", "for i in range(50): os.write(f, b'x' * 10); os.lseek(f, 0, 1)", 49, 49)]
    [InlineData("the end is where O_APPEND writes", "for i in range(50): os.lseek(e, 0, 0); os.write(e, b'x' * 10); os.write(e2, b'y' * 10)", 99, 99)]
    [InlineData("O_APPEND beside a cursor", "for i in range(50): os.write(e, b'x' * 10); os.write(f, b'y' * 10)", 0, 0)]
    public void The_order_of_writes_is_told_only_where_positions_are_certain(string what, string steps, long compared, long continuing)
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files, "f2 = os.open('00000000000000000000.log', os.O_RDWR); e, e2 = (os.open('00000000000000000000.log', os.O_RDWR | os.O_APPEND) for i in range(2))");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("os.pwrite(f, b'x' * 20000, 0); os.write(f, b'x'); os.read(f, 1); os.pread(f, 1, 0)");
        WriteOrder seen = Recorded(evidence, program, steps.Split('\n')).Writes;
        Assert.True((compared, continuing) == (seen.Writes, seen.Continuing), $"{what}: {seen}");
    }

    [Fact]
    public void What_is_written_into_a_segment_that_is_given_up_is_no_part_of_a_log()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files, "os.rename('00000000000000000000.log', '00000000000000000000.log.deleted')");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("os.pwrite(f, b'x', 0); os.write(g, b'x')");
        WriteOrder seen = Recorded(evidence, program, "for i in range(50): os.pwrite(f, b'x' * 10, i * 100); os.write(g, b'y' * 10)").Writes;
        Assert.Equal((49, 49, 1.0), (seen.Writes, seen.Continuing, seen.ContinuingShare));
    }

    [Fact]
    public void A_file_that_is_opened_again_is_not_taken_to_go_on()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do(Files, "os.write(f, b'x')", "os.close(f)");
        RecordedCalls seen = Recorded(evidence, program, "for i in range(60): f = os.open('00000000000000000000.log', os.O_RDWR); os.write(f, b'x' * 10); os.write(f, b'y' * 10); time.sleep(0.001); os.close(f)");
        Assert.InRange(seen.Writes.Continuing, 0, 60);
        Assert.Equal(seen.Writes.Continuing, seen.Writes.Writes);
        Assert.Equal(120, seen.Moved.Where(m => m.Kind == "file").Sum(m => m.Calls) + seen.Missed);
    }

    [Fact]
    public void Calls_of_a_thread_that_never_moved_data_before_are_said_to_be_missed()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files, "go = threading.Event(); idle = threading.Thread(target=lambda: (go.wait(), [os.pwrite(f, b'x', i) for i in range(2000)])); idle.start()");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("os.pwrite(f, b'x', 0)");
        Assert.Equal(0, Recorded(evidence, program, "for i in range(100): os.pwrite(f, b'x', i)").Missed);
        RecordedCalls seen = Recorded(evidence, program, "go.set(); idle.join()");
        Assert.Equal((2000, 0, 0), (seen.Missed, Moved(seen, "pwrite64", "file").Calls, seen.Lost));
    }

    [Fact]
    public void Records_without_room_are_counted_and_nothing_is_compared_across_them()
    {
        const int Writes = 100_000;
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files);
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("os.pwrite(f, b'x', 0)");
        RecordedCalls seen = Recorded(evidence, program, $"for i in range({Writes}): os.pwrite(f, b'x' * 10, i * 10)");
        long calls = Moved(seen, "pwrite64", "file").Calls;
        Assert.True(seen.Lost > 0 || calls == Writes, $"{calls} calls, {seen.Lost} lost");
        Assert.True((2 * calls) + seen.Lost <= 2 * (Writes + 10), $"{calls} calls, {seen.Lost} lost");
        Assert.Equal((0, seen.Writes.Writes), (seen.Missed, seen.Writes.Continuing));
        Assert.InRange(seen.Writes.Writes, 1, calls - 1);
    }

    [Fact]
    public void Who_copies_and_says_that_it_sends_by_sendfile_is_caught()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files, Sockets, "os.pwrite(f, b'x' * 100000, 0)", "def sendfile(n): a.send(os.pread(f, n, 0)); b.recv(n)", "os.sendfile(a.fileno(), f, 0, 5); b.recv(5)", "sendfile(5)");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        program.Do("sendfile(1)", "os.sendfile(a.fileno(), f, 0, 5); b.recv(5)");
        RecordedCalls copied = Recorded(evidence, program, "for i in range(30): sendfile(50000)");
        Assert.Equal((30, 1_500_000), Moved(copied, "pread64", "file"));
        Assert.Equal((30, 1_500_000), Moved(copied, "sendto", "socket"));
        Assert.Equal((0, 0), Moved(copied, "sendfile64", "socket"));
        RecordedCalls sent = Recorded(evidence, program, "for i in range(30): os.sendfile(a.fileno(), f, 0, 50000); b.recv(50000)", "os.write(os.pipe()[1], b'x')");
        Assert.Equal((30, 1_500_000), Moved(sent, "sendfile64", "socket"));
        Assert.Contains(sent.Moved, m => m is { Call: "write", Kind: "other" });
        Assert.Equal((0, 0), Moved(sent, "pread64", "file"));
    }

    [Fact]
    public void Segments_are_found_through_the_descriptors_with_what_of_them_is_in_memory()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files, "os.pwrite(f, b'x' * 100000, 0)", "h = os.open('notes.log', os.O_RDWR | os.O_CREAT); os.pwrite(h, b'x' * 5000, 0)", "gone = os.open('1.log', os.O_RDWR | os.O_CREAT); os.unlink('1.log')");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        evidence.LookAtFiles();
        KernelEvidence seen = evidence.ToDocument();
        Assert.SkipWhen(seen.Segments is null, string.Join("; ", seen.NotMeasured));
        Assert.Equal(new ResidentFiles(2, 100_000, 100_000), seen.Segments);
        Assert.False(seen.OpenedDirect);
    }

    [Fact]
    public void A_process_that_is_gone_is_said_and_counted_never()
    {
        int id;
        using (ScriptedProcess program = ScriptedProcess.StartOrSkip())
        {
            id = program.Id;
        }

        using EvidenceCollector evidence = EvidenceCollector.Attach(id);
        evidence.Record(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        evidence.Begin();
        evidence.End();
        evidence.LookAtFiles();
        KernelEvidence seen = evidence.ToDocument();
        Assert.Null(seen.Calls);
        Assert.Null(seen.Recorded);
        Assert.Null(seen.Segments);
        Assert.Contains(seen.NotMeasured, line => line.EndsWith($"process {id} has ended", StringComparison.Ordinal));
    }

    [Fact]
    public void A_process_that_ends_while_it_is_counted_keeps_the_counts_of_what_it_did()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Files);
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id);
        evidence.Begin();
        program.Do("for i in range(9): os.pwrite(f, b'x', i)");
        program.Kill();
        evidence.End();
        evidence.LookAtFiles();
        KernelEvidence seen = evidence.ToDocument();
        Assert.Equal(9, seen.CountOf("pwrite64"));
        Assert.Null(seen.Segments);
        Assert.Contains($"segments in memory: process {program.Id} has ended", seen.NotMeasured);
    }

    [Fact]
    public void Without_tracefs_the_command_that_mounts_it_is_named_and_the_rest_is_measured()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id, new TraceEvents("/nowhere/tracing"));
        evidence.Record(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        evidence.Begin();
        evidence.End();
        KernelEvidence seen = evidence.ToDocument();
        Assert.Null(seen.Calls);
        Assert.Equal("system calls: tracefs is not mounted: sudo mount -t tracefs -o mode=750,gid=$(id -g) nodev /nowhere/tracing", seen.NotMeasured[0]);
    }

    [Fact]
    public void A_managed_heap_that_is_not_told_of_is_named_where_there_is_one()
    {
        using EvidenceCollector own = EvidenceCollector.Attach(Environment.ProcessId);
        own.MissHeap();
        Assert.Contains(own.ToDocument().NotMeasured, line => line.StartsWith("collections, pauses and allocations of the managed heap: ", StringComparison.Ordinal));
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        using EvidenceCollector other = EvidenceCollector.Attach(program.Id);
        other.MissHeap();
        Assert.DoesNotContain(other.ToDocument().NotMeasured, line => line.Contains("managed heap", StringComparison.Ordinal));
    }

    private static RecordedCalls Recorded(EvidenceCollector evidence, ScriptedProcess program, params string[] steps)
    {
        // Ended by the steps, not by the clock: a slow machine records for longer, not less.
        using CancellationTokenSource done = new();
        Task recording = Task.Run(() => evidence.Record(TimeSpan.FromMinutes(1), done.Token));
        Assert.True(SpinWait.SpinUntil(() => evidence.IsRecording || recording.IsCompleted, TimeSpan.FromSeconds(30)));
        program.Do(steps);
        done.Cancel();
        recording.Wait(TimeSpan.FromMinutes(1));
        RecordedCalls? recorded = evidence.ToDocument().Recorded;
        Assert.True(recorded is not null, string.Join("; ", evidence.ToDocument().NotMeasured));
        return recorded;
    }

    private static (long Calls, long Bytes) Moved(RecordedCalls recorded, string call, string kind) =>
        recorded.Moved.FirstOrDefault(m => m.Call == call && m.Kind == kind) is { } moved ? (moved.Calls, moved.Bytes) : (0, 0);
}
