using System.Globalization;
using Results;

namespace Harness.Measure.Tests;

/// <summary>What a user without rights is told: its own processes' calls, and of all else why not and what would allow it.</summary>
public sealed class UnprivilegedEvidenceTests : IDisposable
{
    private readonly DirectoryInfo _tracefs = Directory.CreateTempSubdirectory("harness-tracefs-");

    [Fact]
    public void Own_processes_are_counted_and_recorded_exactly()
    {
        OtherUser.SkipUnlessRoot();
        TraceEvents events = ReadableEvents();
        int paranoid = int.Parse(File.ReadAllText("/proc/sys/kernel/perf_event_paranoid"), CultureInfo.InvariantCulture);
        Assert.SkipWhen(paranoid > 2, $"perf_event_paranoid is {paranoid}: sudo sysctl kernel.perf_event_paranoid=2");
        using ScriptedProcess program = ScriptedProcess.StartOrSkip(OtherUser.Nobody);
        program.Do("f = os.open('0.log', os.O_RDWR | os.O_CREAT); os.pwrite(f, b'x' * 4096, 0)");
        OtherUser.Run(() =>
        {
            using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id, events);
            program.Do("os.pwrite(f, b'x', 0)");
            using CancellationTokenSource done = new();
            evidence.Record(TimeSpan.FromMilliseconds(50), done.Token);
            evidence.Begin();
            program.Do("for i in range(77): os.pwrite(f, b'x', i)");
            evidence.End();
            evidence.LookAtFiles();
            KernelEvidence seen = evidence.ToDocument();
            Assert.Equal(77, seen.CountOf("pwrite64"));
            Assert.NotNull(seen.Recorded);
            Assert.Equal(4096, seen.Segments?.Bytes);
            Assert.Equal(paranoid <= 1, seen.PagesAdded is not null);
            Assert.Equal(
                paranoid <= 1 ? [] : [$"pages added to the page cache: events inside the kernel may not be counted; perf_event_paranoid is {paranoid}: sudo sysctl kernel.perf_event_paranoid=1, or run with sudo"],
                seen.NotMeasured);
        });
    }

    [Fact]
    public void Another_users_process_is_refused_by_name()
    {
        OtherUser.SkipUnlessRoot();
        TraceEvents events = ReadableEvents();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        KernelEvidence? seen = null;
        OtherUser.Run(() => seen = Whole(program.Id, events));
        Assert.Null(seen!.Calls);
        Assert.Null(seen.Recorded);
        Assert.Null(seen.Segments);
        Assert.Null(seen.OpenedDirect);
        Assert.StartsWith($"system calls: process {program.Id} may not be looked into by this user", seen.NotMeasured[0], StringComparison.Ordinal);
        Assert.Equal($"segments in memory: process {program.Id} is another user's: run the harness as that user or with sudo", seen.NotMeasured[1]);
    }

    [Fact]
    public void Tracefs_that_may_not_be_read_is_told_with_the_command_that_opens_it()
    {
        OtherUser.SkipUnlessRoot();
        ScriptedProcess.SkipWithoutTracepoints();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip(OtherUser.Nobody);
        string? missing = null;
        KernelEvidence? seen = null;
        OtherUser.Run(() => (missing, seen) = (new TraceEvents().Missing, Whole(program.Id, new TraceEvents())));
        Assert.SkipWhen(missing is null, "tracefs is open to everybody on this machine");
        Assert.Equal("tracefs may not be read: sudo mount -o remount,mode=750,gid=$(id -g) /sys/kernel/tracing, or run with sudo", missing);
        Assert.Equal([$"system calls: {missing}"], seen!.NotMeasured);
    }

    [Fact]
    public void A_folder_that_may_be_listed_is_no_help_while_its_files_may_not_be_read()
    {
        OtherUser.SkipUnlessRoot();
        ReadableEvents();
        File.SetUnixFileMode(Path.Combine(_tracefs.FullName, "events/syscalls/sys_enter_read/id"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        string? missing = null;
        OtherUser.Run(() => missing = new TraceEvents(_tracefs.FullName).Missing);
        Assert.StartsWith("tracefs may not be read: ", missing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_tracepoints_of_system_calls_is_told_from_tracefs_that_is_not_mounted()
    {
        _tracefs.CreateSubdirectory("events");
        Assert.Equal("this kernel has no tracepoints of system calls (CONFIG_FTRACE_SYSCALLS)", new TraceEvents(_tracefs.FullName).Missing);
    }

    [Fact]
    public void Tracepoints_that_vanish_in_the_run_leave_the_counts_and_are_named()
    {
        TraceEvents events = ReadableEvents();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do("f = os.open('0.log', os.O_RDWR | os.O_CREAT)");
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id, events);
        program.Do("os.pwrite(f, b'x', 0)");
        _tracefs.Delete(recursive: true);
        evidence.Record(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        evidence.Begin();
        program.Do("for i in range(7): os.pwrite(f, b'x', i)");
        evidence.End();
        KernelEvidence seen = evidence.ToDocument();
        Assert.Null(seen.Recorded);
        Assert.Equal(7, seen.CountOf("pwrite64"));
        Assert.Contains(seen.NotMeasured, line => line.StartsWith("calls one by one: tracefs has no tracepoints any more", StringComparison.Ordinal));
    }

    [Fact]
    public void A_window_without_an_end_and_a_load_without_a_warm_up_are_named()
    {
        TraceEvents events = ReadableEvents();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        using EvidenceCollector evidence = EvidenceCollector.Attach(program.Id, events);
        evidence.Record(TimeSpan.Zero, CancellationToken.None);
        evidence.Begin();
        KernelEvidence seen = evidence.ToDocument();
        Assert.Null(seen.Calls);
        Assert.Equal(
            ["calls one by one: they are recorded in the warm-up, and there was none", "system calls: the counted window broke off before they had been counted"],
            seen.NotMeasured.Where(line => !line.StartsWith("pages", StringComparison.Ordinal)));
    }

    [Fact]
    public void Ids_of_another_namespaces_processes_are_known_for_what_they_are()
    {
        Assert.False(PerfProblems.OtherProcesses(File.ReadAllText("/proc/self/stat")));
        Assert.True(PerfProblems.OtherProcesses($"{Environment.ProcessId + 1} (harness) S 1"));
        Assert.True(PerfProblems.OtherProcesses(null));
    }

    public void Dispose()
    {
        if (_tracefs.Exists)
        {
            _tracefs.Delete(recursive: true);
        }
    }

    private static KernelEvidence Whole(int pid, TraceEvents events)
    {
        using EvidenceCollector evidence = EvidenceCollector.Attach(pid, events);
        evidence.Record(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        evidence.Begin();
        evidence.End();
        evidence.LookAtFiles();
        return evidence.ToDocument();
    }

    /// <summary>The ids of this machine's tracepoints where everybody may read them, as on a machine whose tracefs is open.</summary>
    private TraceEvents ReadableEvents()
    {
        ScriptedProcess.SkipWithoutTracepoints();
        TraceEvents real = new();
        string[] calls = [.. SystemCalls.Counted, SystemCalls.Seek, SystemCalls.Close];
        foreach (string name in calls.SelectMany(c => new[] { $"syscalls/sys_enter_{c}", $"syscalls/sys_exit_{c}" }).Append("filemap/mm_filemap_add_to_page_cache"))
        {
            if (real.IdOf(name) is { } id)
            {
                DirectoryInfo folder = _tracefs.CreateSubdirectory($"events/{name}");
                File.WriteAllText(Path.Combine(folder.FullName, "id"), $"{id}\n");
            }
        }

        File.SetUnixFileMode(_tracefs.FullName, (UnixFileMode)0b111_101_101);
        return new TraceEvents(_tracefs.FullName);
    }
}
