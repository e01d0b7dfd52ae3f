using Results;

namespace Harness.Measure.Tests;

/// <summary>Profiles that cannot lie: programs that spend their CPU time in a known way, and what is told of them.</summary>
public sealed class CpuProfilerTests
{
    /// <summary>By CPU time, not by the clock: a slow machine takes longer, and has as many samples.</summary>
    private const string Spend = "def spend(seconds, step):\\n    end = time.thread_time() + seconds\\n    while time.thread_time() < end: step()";
    private const string Checksums = "import zlib; block = b'x' * (1 << 22); checksum = lambda: zlib.crc32(block)";
    private const double Seconds = 0.5;
    private const double Nearly = 0.7;

    [Fact]
    public void Who_copies_out_of_the_page_cache_is_seen_copying_in_the_kernel()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Spend, "f = os.open('data', os.O_RDWR | os.O_CREAT); block = bytearray(1 << 20); os.pwrite(f, block, 0)", "read = lambda: os.preadv(f, [block], 0)", "read()");
        Dictionary<string, long> folded = Sampled(program, $"spend({Seconds}, read)");
        SkipWithoutNames(folded);
        Assert.InRange(Share(folded, CpuCategory.KernelCopying), Nearly, 1);
        Assert.Contains(folded.Keys, stack => stack.Contains("preadv", StringComparison.Ordinal) && CpuFrames.CategoryOf(Leaf(stack)) == CpuCategory.KernelCopying);
    }

    [Fact]
    public void Who_does_nothing_but_call_the_kernel_is_not_seen_copying()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Spend, "g = os.open('gone', os.O_RDWR | os.O_CREAT)", "def make():\\n    os.ftruncate(g, 1 << 26); os.posix_fallocate(g, 0, 1 << 26); os.ftruncate(g, 0)");
        Dictionary<string, long> folded = Sampled(program, $"spend({Seconds}, make)");
        SkipWithoutNames(folded);
        Assert.InRange(Share(folded, CpuCategory.KernelOther), Nearly, 1);
        Assert.InRange(Share(folded, CpuCategory.KernelCopying), 0, 1 - Nearly);
    }

    [Fact]
    public void Who_computes_is_seen_in_the_library_that_does_it()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Spend, Checksums, "checksum()");
        Dictionary<string, long> folded = Sampled(program, $"spend({Seconds}, checksum)");
        Assert.InRange(Share(folded, CpuCategory.UserCode), Nearly, 1);
        Assert.InRange(Count(folded, stack => Leaf(stack).StartsWith("libz", StringComparison.Ordinal)) / (double)folded.Values.Sum(), Nearly, 1);
        Assert.All(folded.Keys, stack => Assert.StartsWith("python3;", stack, StringComparison.Ordinal));
    }

    [Fact]
    public void Threads_and_processes_that_begin_in_the_window_are_sampled_too()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Spend, Checksums);
        Dictionary<string, long> folded = Sampled(
            program,
            $"t = threading.Thread(target=spend, args=({Seconds}, checksum)); t.start(); t.join()",
            $"p = os.fork()\\nif p == 0: spend({Seconds}, checksum); os._exit(0)",
            "os.waitpid(p, 0)");

        // How many come of a second depends on who else there is on a virtual machine: a good part of them, and not twice as many.
        long each = (long)(Seconds * CpuProfiler.Hertz);
        long started = Count(folded, stack => Leaf(stack) == "[process that it started]");
        Assert.InRange(started, each / 2, each * 2);
        Assert.InRange(folded.Values.Sum() - started, each / 2, each * 2);
    }

    [Fact]
    public void What_is_done_outside_the_window_is_not_in_it()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Spend, Checksums);
        using CpuProfiler profiler = CpuProfiler.Attach(program.Id);
        program.Do($"spend({Seconds}, checksum)");
        profiler.Begin();
        profiler.End();
        program.Do($"spend({Seconds}, checksum)");
        ProcessProfile profile = profiler.ToProfile();
        Assert.InRange(profile.Folded.Values.Sum(), 0, (long)(Seconds * CpuProfiler.Hertz / 2));
    }

    [Fact]
    public void A_process_that_used_no_time_and_one_that_is_gone_are_told_apart()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        using CpuProfiler idle = CpuProfiler.Attach(program.Id);
        SkipWhereNotAllowed(idle);
        idle.Begin();
        idle.End();
        Assert.Equal([$"profile: process {program.Id} used no CPU time in the window"], idle.ToProfile().NotMeasured);
        program.Kill();
        using CpuProfiler gone = CpuProfiler.Attach(program.Id);
        gone.Begin();
        gone.End();
        Assert.Equal([$"profile: process {program.Id} has ended"], gone.ToProfile().NotMeasured);
    }

    [Fact]
    public void A_process_that_ends_in_the_window_keeps_its_samples_and_their_names()
    {
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        program.Do(Spend, Checksums);
        using CpuProfiler profiler = CpuProfiler.Attach(program.Id);
        SkipWhereNotAllowed(profiler);
        profiler.Begin();
        program.Do($"spend({Seconds}, checksum)");
        program.Kill();
        profiler.End();
        ProcessProfile profile = profiler.ToProfile();
        Assert.Contains(profile.Folded.Keys, stack => Leaf(stack).StartsWith("libz", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_users_process_is_refused_with_the_command_that_would_allow_it()
    {
        OtherUser.SkipUnlessRoot();
        using ScriptedProcess program = ScriptedProcess.StartOrSkip();
        ProcessProfile? profile = null;
        OtherUser.Run(() =>
        {
            using CpuProfiler profiler = CpuProfiler.Attach(program.Id);
            profiler.Begin();
            program.Do("sum(range(1000000))");
            profiler.End();
            profile = profiler.ToProfile();
        });
        Assert.Empty(profile!.Folded);
        string problem = Assert.Single(profile.NotMeasured);
        Assert.StartsWith($"profile: process {program.Id} may not be looked into by this user", problem, StringComparison.Ordinal);
        Assert.EndsWith("sudo sysctl kernel.perf_event_paranoid=1, or run with sudo", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runtime_that_does_not_tell_its_names_is_told_how_to()
    {
        using CpuProfiler profiler = CpuProfiler.Attach(Environment.ProcessId);
        SkipWhereNotAllowed(profiler);
        Assert.SkipWhen(Environment.GetEnvironmentVariable("DOTNET_PerfMapEnabled") is not null, "this process tells its names");
        profiler.Begin();
        System.Security.Cryptography.SHA256.HashData(new byte[1 << 26]);
        profiler.End();
        Assert.Contains("profile: the process does not tell the names of what it compiles: start it with DOTNET_PerfMapEnabled=3", profiler.ToProfile().NotMeasured);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-3", "0 1 2 3")]
    [InlineData("0-1,4,6-7", "0 1 4 6 7")]
    public void Processors_are_read_as_the_kernel_writes_them(string online, string cpus) => Assert.Equal(cpus, string.Join(' ', CpuProfiler.Cpus(online)));

    private static Dictionary<string, long> Sampled(ScriptedProcess program, params string[] steps)
    {
        using CpuProfiler profiler = CpuProfiler.Attach(program.Id);
        SkipWhereNotAllowed(profiler);
        profiler.Begin();
        program.Do(steps);
        profiler.End();
        ProcessProfile profile = profiler.ToProfile();
        Assert.Equal(0, profile.Lost);
        Assert.NotEmpty(profile.Folded);
        return new Dictionary<string, long>(profile.Folded);
    }

    private static void SkipWhereNotAllowed(CpuProfiler profiler) => Assert.SkipUnless(profiler.IsReady, "this user may not sample here: sudo sysctl kernel.perf_event_paranoid=1");

    private static void SkipWithoutNames(Dictionary<string, long> folded) => Assert.SkipWhen(
        Share(folded, CpuCategory.KernelUnnamed) > 0, "the kernel hides its names: sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1");

    private static double Share(Dictionary<string, long> folded, CpuCategory kind) =>
        Count(folded, stack => CpuFrames.CategoryOf(Leaf(stack)) == kind) / (double)folded.Values.Sum();

    private static long Count(Dictionary<string, long> folded, Func<string, bool> which) => folded.Where(pair => which(pair.Key)).Sum(pair => pair.Value);

    private static string Leaf(string stack) => stack[(stack.LastIndexOf(';') + 1)..];
}
