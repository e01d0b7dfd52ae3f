using Harness.Runs.Scenarios;
using Harness.Runs.Tests.Running;
using Results;

namespace Harness.Runs.Tests.Probing;

public sealed class ProbeRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("probe-run-").FullName;

    private static ProbePlan Short => new()
    {
        Rounds = 2,
        BatchBytes = 16 << 10,
        RingBytes = 1 << 20,
        SegmentBytes = 256 << 10,
        DiskFileBytes = 4 << 20,
        MemoryBytes = 2 << 20,
        MemorySeconds = 0.004,
        StageWarmupSeconds = 0,
        StageSeconds = 0.1,
        DiskSeconds = 0.002,
    };

    private ProbeOptions Options => new()
    {
        DataDirectory = Made("data"),
        RunsRoot = Path.Combine(_folder, "runs"),
        CacheDirectory = Path.Combine(_folder, "cache"),
        Command = "./run-bench.sh probe",
        Plan = Short,
    };

    [Fact]
    public async Task A_probe_is_a_result_document_with_every_figure_and_its_passes()
    {
        (RunResult result, RunFolder folder) = await Run(Options);
        Assert.Equal((RunStatus.Completed, ExitCodes.Passed), (result.Outcome.Status, result.Outcome.ExitCode));
        ProbeInfo probe = ResultJson.Read(folder.ResultPath).Probe!;
        Assert.Equal(34, probe.Figures.Count);
        Assert.All(probe.Figures, figure => Assert.True(figure.NotMeasurable is not null || (figure.Median > 0 && figure.Passes.Count == 2), figure.Name));
        Assert.Equal(probe.Figures.Count, probe.Figures.Select(figure => (figure.Kind, figure.BlockBytes)).Distinct().Count());
        Assert.False(probe.Cached);
        Assert.Single(probe.Conditions, condition => condition.StartsWith("disk: direct transfers from and into ", StringComparison.Ordinal));
        AssertNothingLeft();
    }

    [Fact]
    public async Task What_is_known_since_the_start_of_the_machine_is_not_measured_again_unless_asked_for()
    {
        (RunResult first, _) = await Run(Options);
        (RunResult second, _) = await Run(Options);
        Assert.True(second.Probe!.Cached);
        Assert.Equal(first.Probe!.Figures.Select(figure => figure.Median), second.Probe.Figures.Select(figure => figure.Median));
        Assert.Contains(second.Notes, note => note.StartsWith("Not measured again", StringComparison.Ordinal));
        (RunResult third, _) = await Run(Options with { Fresh = true });
        Assert.False(third.Probe!.Cached);
        Assert.Equal(third.Probe.MeasuredUtc, (await Run(Options)).Result.Probe!.MeasuredUtc);
    }

    [Fact]
    public async Task An_interrupt_saves_what_was_measured_and_leaves_no_files_and_no_cache()
    {
        using CancellationTokenSource cancel = new();
        Progress progress = new(phase =>
        {
            if (phase.StartsWith("round 2", StringComparison.Ordinal))
            {
                cancel.Cancel();
            }
        });
        (RunResult result, RunFolder folder) = await ProbeRun.ExecuteAsync(Options, progress, cancel.Token);
        Assert.Equal((RunStatus.Interrupted, ExitCodes.Interrupted), (result.Outcome.Status, result.Outcome.ExitCode));
        Assert.All(ResultJson.Read(folder.ResultPath).Probe!.Figures, figure => Assert.True(figure.Passes.Count <= 1));
        Assert.Contains(result.Probe!.Figures, figure => figure.Median > 0);
        Assert.False(Directory.Exists(Options.CacheDirectory));
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_folder_that_is_none_is_told_and_no_document_is_made()
    {
        DirectoryNotFoundException told = await Assert.ThrowsAsync<DirectoryNotFoundException>(
            () => Run(Options with { DataDirectory = Path.Combine(_folder, "none") }));
        Assert.Contains("no such folder", told.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Options.RunsRoot));
    }

    [Fact]
    public async Task Too_little_space_is_told_with_what_is_needed_before_anything_is_made()
    {
        using SmallFilesystem filesystem = SmallFilesystem.MountOrSkip(16);
        SpaceException told = await Assert.ThrowsAsync<SpaceException>(() => Run(Options with { DataDirectory = filesystem.Path, Plan = new ProbePlan() }));
        Assert.EndsWith("has 0.02 GB free and the probe needs 0.54 GB: free some space, or give another folder by --data", told.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(filesystem.Path));
        Assert.False(Directory.Exists(Options.RunsRoot));
    }

    [Fact]
    public async Task A_disk_that_fills_up_in_the_middle_ends_the_probe_with_what_there_is()
    {
        using SmallFilesystem filesystem = SmallFilesystem.MountOrSkip(80);
        Progress fill = new(phase =>
        {
            if (phase.EndsWith("disk", StringComparison.Ordinal))
            {
                File.WriteAllBytes(Path.Combine(filesystem.Path, "filled"), new byte[79 << 20]);
            }
        });
        (RunResult result, _) = await ProbeRun.ExecuteAsync(Options with { DataDirectory = filesystem.Path }, fill, TestContext.Current.CancellationToken);
        Assert.Equal((RunStatus.Failed, ExitCodes.Environment), (result.Outcome.Status, result.Outcome.ExitCode));
        Assert.Contains("No space left on device", result.Outcome.Cause, StringComparison.Ordinal);
        Assert.Contains(result.Probe!.Figures, figure => figure.Kind == CeilingKinds.BarePipeline && figure.Median > 0);
        Assert.Equal(["filled"], Directory.EnumerateFileSystemEntries(filesystem.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Other_tools_measure_in_turns_and_are_compared()
    {
        Assert.SkipUnless(Installed("fio") && Installed("iperf3"), "needs fio and iperf3: apt-get install fio iperf3");
        (RunResult result, _) = await Run(Options with { AgainstTools = true, Plan = Short with { Rounds = 1 } });
        Assert.Equal((RunStatus.Completed, null), (result.Outcome.Status, result.Outcome.Cause));
        Assert.All(result.Probe!.Figures.Where(figure => figure.Group == "other tools"), figure => Assert.True(figure.Median > 0, figure.Name));
        Assert.Contains(result.Notes, note => note.StartsWith("loopback TCP", StringComparison.Ordinal) && note.EndsWith("iperf3 says", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.StartsWith("sequential write, buffered + fsync, 1024 KiB: ", StringComparison.Ordinal));
        bool huge = ToolPasses.HugePagesAreFree();
        Assert.Equal(huge ? 2 : 0, result.Probe.Figures.Count(figure => figure.Name.EndsWith(" --iomem=mmaphuge", StringComparison.Ordinal)));
        Assert.Equal(!huge, result.Notes.Any(note => note.Contains("sysctl -w vm.nr_hugepages", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(Options.CacheDirectory));
        AssertNothingLeft();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool Installed(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static Task<(RunResult Result, RunFolder Folder)> Run(ProbeOptions options) =>
        ProbeRun.ExecuteAsync(options, new Progress(static _ => { }), TestContext.Current.CancellationToken);

    private string Made(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private void AssertNothingLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(Options.DataDirectory));

    private sealed class Progress(Action<string> phase) : IRunProgress
    {
        public void Phase(string name, TimeSpan expected) => phase(name);

        public void Second(SecondSample sample)
        {
        }

        public void Line(string text)
        {
        }
    }
}
