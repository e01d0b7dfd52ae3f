using System.Diagnostics;
using Engine.Linux;
using Engine.Linux.Tests;
using Results;

namespace Harness.Measure.Tests;

public sealed class ProcessSamplerTests
{
    private const int Pid = 4242;

    [Fact]
    public void Every_figure_comes_from_its_own_field()
    {
        using FixtureTree tree = Process();
        ProcessSnapshot sample = Open(tree, 7_500_000_000)!.Sample()!;
        Assert.Equal(7.5, sample.CpuSeconds);
        Assert.Equal(300, sample.UserTicks);
        Assert.Equal(450, sample.SystemTicks);
        Assert.Equal(111, sample.MinorFaults);
        Assert.Equal(7, sample.MajorFaults);
        Assert.Equal(5000L * 1024, sample.AnonymousBytes);
        Assert.Equal(9000L * 1024, sample.ResidentBytes);
        Assert.Equal(10 + 100, sample.VoluntarySwitches);
        Assert.Equal(1 + 2, sample.InvoluntarySwitches);
        Assert.Equal(4096, sample.DeviceReadBytes);
        Assert.Equal(8192, sample.DeviceWriteBytes);
        Assert.Equal(1024, sample.CancelledWriteBytes);
    }

    [Theory]
    [InlineData("java")]
    [InlineData("a b) R 1 (c")]
    [InlineData("((((")]
    [InlineData(") S 9 9 9 9")]
    public void A_name_with_spaces_and_parentheses_moves_no_field(string name)
    {
        using FixtureTree tree = Process(name: name);
        Assert.Equal(300, Open(tree)!.Sample()!.UserTicks);
    }

    [Fact]
    public void Where_io_may_not_be_read_device_bytes_are_unknown_and_not_zero()
    {
        using FixtureTree tree = Process().Without($"/proc/{Pid}/io");
        ProcessSampler sampler = Open(tree)!;
        ProcessSnapshot[] samples = [sampler.Sample()!, sampler.Sample()!];
        ProcessUsage usage = ProcessSnapshot.Usage(samples);
        Assert.Null(usage.DeviceReadBytes);
        Assert.Null(usage.DeviceWriteBytes);
        Assert.Null(usage.CancelledWriteBytes);
    }

    [Fact]
    public void Switches_of_a_thread_that_ended_are_kept()
    {
        using FixtureTree tree = Process();
        ProcessSampler sampler = Open(tree)!;
        Assert.Equal(110, sampler.Sample()!.VoluntarySwitches);
        tree.Without($"/proc/{Pid}/task/4243").With($"/proc/{Pid}/task/4250/status", Switches(5, 0));
        Assert.Equal(115, sampler.Sample()!.VoluntarySwitches);
        tree.With($"/proc/{Pid}/task/4250/status", Switches(6, 0));
        Assert.Equal(116, sampler.Sample()!.VoluntarySwitches);
    }

    [Fact]
    public void A_thread_id_used_again_does_not_take_switches_away()
    {
        using FixtureTree tree = Process();
        ProcessSampler sampler = Open(tree)!;
        _ = sampler.Sample();
        tree.With($"/proc/{Pid}/task/4243/status", Switches(3, 0));
        Assert.Equal(113, sampler.Sample()!.VoluntarySwitches);
    }

    [Fact]
    public void A_process_that_is_not_there_cannot_be_opened()
    {
        using FixtureTree tree = Process();
        Assert.Null(ProcessSampler.TryOpen(1, tree.Files, _ => 0));
    }

    [Theory]
    [InlineData('Z')]
    [InlineData('X')]
    public void An_ended_process_that_nobody_reaped_is_gone(char state)
    {
        using FixtureTree tree = Process();
        ProcessSampler sampler = Open(tree)!;
        tree.With($"/proc/{Pid}/stat", Stat(state: state));
        Assert.Null(sampler.Sample());
        Assert.Null(Open(tree));
    }

    [Fact]
    public void Another_process_with_the_same_id_is_not_mistaken_for_the_first()
    {
        using FixtureTree tree = Process();
        ProcessSampler sampler = Open(tree)!;
        Assert.NotNull(sampler.Sample());
        tree.With($"/proc/{Pid}/stat", Stat(startTicks: 99_999));
        Assert.Null(sampler.Sample());
    }

    [Theory]
    [InlineData("")]
    [InlineData("4242 (x")]
    [InlineData("4242 (x)")]
    [InlineData("4242 (x) S 1 2 3")]
    [InlineData("4242 (x) S 1 1 1 0 -1 0 a b c d e f g h i j k l m n o p")]
    public void A_stat_that_cannot_be_understood_gives_no_number(string stat)
    {
        using FixtureTree tree = Process().With($"/proc/{Pid}/stat", stat);
        Assert.Null(Open(tree));
    }

    [Fact]
    public void Without_a_cpu_clock_the_ticks_stand_in()
    {
        using FixtureTree tree = Process();
        Assert.Equal(7.5, ProcessSampler.TryOpen(Pid, tree.Files, _ => null)!.Sample()!.CpuSeconds);
    }

    [Fact]
    public void Usage_is_the_difference_of_the_ends_and_the_peak_of_all()
    {
        ProcessSnapshot first = Snapshot(0, 1_000_000_000);
        ProcessSnapshot middle = Snapshot(1_000_000_000, 2_000_000_000) with { AnonymousBytes = 900, ResidentBytes = 5000 };
        ProcessSnapshot last = Snapshot(2_000_000_000, 4_000_000_000) with
        {
            UserTicks = 30,
            SystemTicks = 90,
            VoluntarySwitches = 11,
            InvoluntarySwitches = 12,
            MinorFaults = 13,
            MajorFaults = 14,
            DeviceReadBytes = 15,
            DeviceWriteBytes = 16,
            CancelledWriteBytes = 17,
        };
        ProcessUsage usage = ProcessSnapshot.Usage([first, middle, last], allocatedBytes: 18, gcCount: 19);
        Assert.Equal(0.75, usage.UserSeconds, 1e-12);
        Assert.Equal(2.25, usage.SystemSeconds, 1e-12);
        Assert.Equal(1.5, usage.CpuShare, 1e-12);
        Assert.Equal(900, usage.AnonymousPeakBytes);
        Assert.Equal(5000, usage.ResidentPeakBytes);
        Assert.Equal(
            (11, 12, 13, 14),
            (usage.VoluntarySwitches, usage.InvoluntarySwitches, usage.MinorFaults, usage.MajorFaults));
        Assert.Equal((15L, 16L, 17L), (usage.DeviceReadBytes, usage.DeviceWriteBytes, usage.CancelledWriteBytes));
        Assert.Equal((18L, 19), (usage.AllocatedBytes, usage.GcCount));
    }

    [Fact]
    public void A_window_without_length_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ProcessSnapshot.Usage([Snapshot(5, 0)]));
        Assert.Throws<ArgumentException>(() => ProcessSnapshot.Usage([Snapshot(5, 0), Snapshot(5, 0)]));
    }

    [Fact]
    public void Our_own_work_is_seen()
    {
        ProcessSampler sampler = ProcessSampler.TryOpen(Environment.ProcessId)!;
        ProcessSnapshot before = sampler.Sample()!;
        long spent = CpuClocks.ThreadNanos() + 30_000_000;
        byte[] touched = new byte[8 << 20];
        while (CpuClocks.ThreadNanos() < spent)
        {
            touched.AsSpan().Fill(1);
        }

        Thread.Sleep(1);
        ProcessSnapshot after = sampler.Sample()!;
        Assert.True(after.CpuNanos - before.CpuNanos >= 30_000_000);
        Assert.True(after.MinorFaults > before.MinorFaults);
        Assert.True(after.VoluntarySwitches > before.VoluntarySwitches);
        Assert.True(after.AnonymousBytes > 8 << 20);
        Assert.True(after.ResidentBytes > after.AnonymousBytes);
        GC.KeepAlive(touched);
    }

    [Fact]
    public void A_further_thread_costs_a_sample_a_handle_and_no_name()
    {
        const int Threads = 100;
        using FixtureTree tree = Process();
        ProcessSampler few = Open(tree)!;
        long beside = AllocatedByASample(few);
        for (int thread = 0; thread < Threads; thread++)
        {
            tree.With($"/proc/{Pid}/task/{5000 + thread}/status", Switches(1, 1));
        }

        ProcessSampler many = Open(tree)!;

        // A handle and the head of a string, and here alone the path below the fixture's root.
        long joined = 40 + (2 * $"{tree.Root}/proc/{Pid}/task/5000/status".Length) + 24;
        Assert.InRange((AllocatedByASample(many) - beside) / Threads, 1, joined);
    }

    [Fact]
    public void A_child_that_ends_answers_null_before_and_after_it_is_reaped()
    {
        using Process child = System.Diagnostics.Process.Start(new ProcessStartInfo("sleep", "60"))!;
        ProcessSampler sampler = ProcessSampler.TryOpen(child.Id)!;
        Assert.NotNull(sampler.Sample());
        child.Kill();
        child.WaitForExit();
        Assert.Null(sampler.Sample());
        Assert.Null(ProcessSampler.TryOpen(child.Id));
    }

    private static long AllocatedByASample(ProcessSampler sampler)
    {
        // Both of the tables that take turns have grown by then.
        _ = sampler.Sample();
        _ = sampler.Sample();
        ProcessSnapshot? sample = null;
        long[] allocated = Allocations.OfWindows(_ => sample = sampler.Sample());
        Assert.NotNull(sample);
        return allocated[0];
    }

    private static ProcessSampler? Open(FixtureTree tree, long cpuNanos = 0) =>
        ProcessSampler.TryOpen(Pid, tree.Files, _ => cpuNanos);

    private static FixtureTree Process(string name = "broker") => new FixtureTree()
        .With($"/proc/{Pid}/stat", Stat(name))
        .With($"/proc/{Pid}/status", "Name:\tbroker\nVmRSS:\t    9000 kB\nRssAnon:\t    5000 kB\nvoluntary_ctxt_switches:\t10\n")
        .With($"/proc/{Pid}/io", "rchar: 1\nwchar: 2\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1024\n")
        .With($"/proc/{Pid}/task/{Pid}/status", Switches(10, 1))
        .With($"/proc/{Pid}/task/4243/status", Switches(100, 2));

    private static string Stat(string name = "broker", char state = 'S', long startTicks = 12_345) =>
        $"{Pid} ({name}) {state} 1 1 1 0 -1 4194304 111 0 7 0 300 450 0 0 20 0 2 0 {startTicks} 3133440 388 1\n";

    private static string Switches(long voluntary, long involuntary) =>
        $"Name:\tx\nvoluntary_ctxt_switches:\t{voluntary}\nnonvoluntary_ctxt_switches:\t{involuntary}\n";

    private static ProcessSnapshot Snapshot(long atNanos, long cpuNanos) => new()
    {
        AtNanos = atNanos,
        CpuNanos = cpuNanos,
        UserTicks = 0,
        SystemTicks = 0,
        AnonymousBytes = 100,
        ResidentBytes = 200,
        VoluntarySwitches = 0,
        InvoluntarySwitches = 0,
        MinorFaults = 0,
        MajorFaults = 0,
        DeviceReadBytes = 0,
        DeviceWriteBytes = 0,
        CancelledWriteBytes = 0,
    };
}
