using Engine.Linux;
using Harness.Runs.Planning;
using Results;

namespace Harness.Runs.Tests.Running;

/// <summary>Whole runs on the real engine, short ones, to whatever end. Nothing here asserts a speed.</summary>
[Collection("engines of this process")]
public sealed class ScenarioRunTests : IDisposable
{
    private static readonly CancellationTokenSource Never = new();
    private readonly string _root = Directory.CreateTempSubdirectory("harness-run-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_run_ends_with_every_message_verified_and_its_document_on_disk()
    {
        (RunResult result, RunFolder folder) = await Execute(Short(repeat: 2), new Progress());
        Assert.Equal(RunStatus.Completed, result.Outcome.Status);
        Assert.Equal(2, result.Trials.Count);
        foreach (Trial trial in result.Trials)
        {
            Assert.True(trial.Verification.Passed, string.Join('\n', trial.Verification.Violations.Select(v => v.Detail)));
            Assert.Equal(trial.Verification.Sent, trial.Verification.Acknowledged);
            Assert.Equal(trial.Verification.Sent, trial.Verification.Delivered);
            Assert.True(trial.Verification.Sent > trial.Sent.Messages, "warm-up is verified too, and counted apart");
            Assert.True(trial.Consumed.Messages > 0 && trial.Consumed.ValueBytes == 30 * trial.Consumed.Messages);
            Assert.Contains(trial.Series, second => second.Phase == TrialPhase.Warmup);
            Assert.Contains(trial.Series, second => second is { Phase: TrialPhase.Counted, PublishP99Micros: > 0, EndToEndP99Micros: > 0, BacklogMessages: >= 0, Violations: 0 });
            Assert.All(trial.Series.Where(second => second.Phase == TrialPhase.Warmup), second => Assert.Null(second.PublishP99Micros));
            Assert.True(trial.Latency is { ClosedLoop: true, Publish.Count: > 0, EndToEnd.Count: > 0 });
            Assert.True(trial.Broker.CpuShare > 0 && trial.Generator.CpuShare > 0 && trial.BarePipelineShare > 0 && trial.CheckedPipelineShare > 0);
            Assert.Equal(
                trial.BrokerCpuOfBare!.Value,
                (trial.Broker.UserSeconds + trial.Broker.SystemSeconds) / (trial.Consumed.WireBytes / 1e9) / trial.BareBrokerCpuSecondsPerGigabyte!.Value,
                3);
            Assert.NotNull(trial.Broker.AllocatedBytes);
            Assert.True(trial is { BarePublish: null, PublishOfBare: null, BareSealedPublish: null, SealedPublishOfBare: null }, "of a closed loop");
        }

        Assert.Equal(
            [CeilingKinds.NullSink, CeilingKinds.NullSource, CeilingKinds.MemoryCopy, CeilingKinds.BarePipeline, CeilingKinds.CheckedPipeline], result.Ceilings.Select(ceiling => ceiling.Kind));
        Assert.Equal("104857600", Assert.Single(result.Targets).Configuration["socket.request.max.bytes"]);
        Assert.Equal(result.Id, ResultJson.Read(folder.ResultPath).Id);
        Assert.Equal([folder.ResultPath], Directory.GetFileSystemEntries(folder.FolderPath));
        Assert.Empty(StartedEngines.Ids());
    }

    [Theory]
    [InlineData("inject", 65536)]
    [InlineData("saturate", 8192)]
    public async Task The_brokers_CPU_is_not_held_against_bare_calls_that_carry_larger_pieces(string shape, int batchBytes)
    {
        ScenarioInfo scenario = Short() with
        {
            Load = [new LoadPhaseInfo(shape, 1.2, shape == "inject" ? 10_000 : null)],
            Producers = Short().Producers with { BatchBytes = batchBytes },
            Ceilings = "once",
        };
        Trial trial = Assert.Single((await Execute(scenario, new Progress())).Result.Trials);
        Assert.True(trial.BarePipelineShare > 0);
        Assert.Null(trial.BrokerCpuOfBare);
    }

    [Theory]
    [InlineData("each-trial")]
    [InlineData("once")]
    public async Task Publishing_by_a_schedule_is_held_against_bare_answers(string ceilings)
    {
        ScenarioInfo scenario = Short() with { Load = [new LoadPhaseInfo("inject", 1.2, 10_000)], Ceilings = ceilings };
        Trial trial = Assert.Single((await Execute(scenario, new Progress())).Result.Trials);

        // Passes of 1.5 s: one before and one behind the trial, or one for all of them.
        Assert.InRange(trial.BarePublish!.Count, ceilings == "once" ? 14_990 : 29_990, ceilings == "once" ? 15_010 : 30_010);
        Assert.Equal(trial.Latency.Publish!.P50Micros / (double)trial.BarePublish.P50Micros, trial.PublishOfBare!.Value, 6);
        Assert.Equal(trial.Latency.SealedPublish!.P50Micros / (double)trial.BareSealedPublish!.P50Micros, trial.SealedPublishOfBare!.Value, 6);
    }

    [Fact]
    public async Task A_profiled_run_tells_where_the_engine_spent_its_time_and_leaves_no_names_behind()
    {
        (RunResult result, RunFolder folder) = await Execute(Unmeasured() with { Repeat = 2 }, new Progress(), profile: true);
        Assert.Equal(RunStatus.Completed, result.Outcome.Status);
        CpuProfile profile = Assert.Single(ResultJson.Read(folder.ResultPath).Profiles);
        Assert.SkipWhen(profile.NotMeasured.Count > 0, string.Join("; ", profile.NotMeasured));
        Assert.Equal(("engine", 2), (profile.Variant, profile.Trials));
        Assert.Equal(profile.Samples, profile.Categories.Sum(kind => kind.Samples));

        // Of a second of CPU time on a virtual machine some samples may fail to come; twice as many cannot.
        Assert.InRange(profile.Samples, 1, 2 * profile.CpuSeconds * profile.Hertz);
        Assert.Contains(profile.Categories, kind => kind is { Category: CpuCategory.KernelCopying, Samples: > 0 });
        Assert.InRange(profile.Categories.Where(kind => kind.Category == CpuCategory.Unknown).Sum(kind => kind.Samples), 0, profile.Samples / 10);
        string[] stacks = await File.ReadAllLinesAsync(Path.Combine(folder.FolderPath, profile.FoldedFile!), TestContext.Current.CancellationToken);
        Assert.Equal(profile.Samples, stacks.Sum(stack => long.Parse(stack[(stack.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Contains(stacks, stack => stack.Contains(";Engine.Server.EventLoop.Turn_[j];", StringComparison.Ordinal));
        Assert.All(stacks, stack => Assert.StartsWith("engine;", stack, StringComparison.Ordinal));
        Assert.Empty((await Execute(Unmeasured(), new Progress())).Result.Profiles);
    }

    [Fact]
    public async Task Interrupted_in_the_window_it_saves_what_was_measured_and_ends_the_engine()
    {
        using CancellationTokenSource interrupt = new();
        Progress progress = new() { OnSecond = sample => CancelWhen(interrupt, sample.Phase == TrialPhase.Counted) };
        (RunResult result, RunFolder folder) = await Execute(Unmeasured(windowSeconds: 30), progress, interrupt);
        Assert.Equal((RunStatus.Interrupted, ExitCodes.Interrupted), (result.Outcome.Status, result.Outcome.ExitCode));
        Trial trial = Assert.Single(ResultJson.Read(folder.ResultPath).Trials);
        Assert.Equal(TrialStatus.Interrupted, trial.Status);
        Assert.True(trial.Consumed.Messages > 0);
        Assert.False(trial.Verification.Complete);
        Assert.False(trial.Verification.Violated);
        Assert.Empty(StartedEngines.Ids());
    }

    [Theory]
    [InlineData("ceilings of the generator")]
    [InlineData("start of engine")]
    [InlineData("memory copy of the machine")]
    [InlineData("pipeline of the machine, bare and checked")]
    [InlineData("bare answers of the machine")]
    [InlineData("warm-up")]
    public async Task Interrupted_in_any_other_phase_it_leaves_a_document_and_nothing_else(string phase)
    {
        using CancellationTokenSource interrupt = new();
        Progress progress = new() { OnPhase = name => CancelWhen(interrupt, name == phase) };
        (RunResult result, RunFolder folder) = await Execute(
            phase == "warm-up" ? Unmeasured() : Short() with { Load = [new LoadPhaseInfo("inject", 1.2, 10_000)] }, progress, interrupt);
        Assert.Equal(ExitCodes.Interrupted, result.Outcome.ExitCode);
        Assert.Equal([folder.ResultPath], Directory.GetFileSystemEntries(folder.FolderPath));
        Assert.Empty(StartedEngines.Ids());
    }

    [Fact]
    public async Task An_engine_killed_in_the_window_fails_the_run_at_that_second_with_the_cause()
    {
        bool killed = false;
        Progress progress = new()
        {
            OnSecond = sample =>
            {
                if (sample.Phase == TrialPhase.Counted && !killed)
                {
                    killed = true;
                    Processes.Send(Assert.Single(StartedEngines.Ids()), Signal.Kill);
                }
            },
        };
        (RunResult result, RunFolder folder) = await Execute(Unmeasured(windowSeconds: 30), progress);
        Assert.True(killed);
        Assert.Equal((RunStatus.Failed, ExitCodes.Environment), (result.Outcome.Status, result.Outcome.ExitCode));
        Assert.Contains("SIGKILL", result.Outcome.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Outcome.Cause!);
        Trial trial = Assert.Single(ResultJson.Read(folder.ResultPath).Trials);
        Assert.Equal(TrialStatus.Failed, trial.Status);
        Assert.InRange(trial.EndedAtSecond!.Value, 1, 30);
        Assert.False(trial.Verification.Violated);
    }

    [Fact]
    public async Task A_disk_that_is_too_small_is_refused_before_anything_starts()
    {
        using SmallFilesystem disk = SmallFilesystem.MountOrSkip(16);
        (RunResult result, _) = await Execute(Short(), new Progress(), outDirectory: Path.Combine(disk.Path, "out"));
        Assert.Equal((RunStatus.Failed, ExitCodes.Environment), (result.Outcome.Status, result.Outcome.ExitCode));
        Assert.Contains("free", result.Outcome.Cause, StringComparison.Ordinal);
        Assert.Empty(result.Trials);
    }

    /// <summary>Proved from outside: each setting changes what is seen of its own technique, and of no other one but what it takes along.</summary>
    [Fact]
    public async Task Switching_a_technique_off_changes_its_own_evidence_and_no_other()
    {
        Assert.SkipUnless(Directory.Exists("/sys/kernel/tracing/events"), "no tracepoints: sudo mount -t tracefs -o mode=750,gid=$(id -g) nodev /sys/kernel/tracing");
        (string Target, string Seen)[] variants =
        [
            ("engine", "batch sequential page sendfile"),
            ("engine+technique.batching=record", "record sequential page sendfile"),
            ("engine+technique.log=scattered", "batch scattered page sendfile"),
            ("engine+technique.transfer=copy", "batch sequential page copy"),
            ("engine+technique.cache=direct", "batch sequential direct copy"),
            ("engine+technique.batching=record+technique.log=scattered+technique.cache=direct", "record scattered direct copy"),
        ];
        ScenarioInfo scenario = Short(windowSeconds: 0.6) with
        {
            Producers = new ProducersInfo(1, "native", 65536, 0.005, "leader", 5, "none") { BatchRecords = 100 },
            WarmupSeconds = 1.2,
            Ceilings = "none",
        };
        RunPlan plan = new()
        {
            Name = "switches",
            Repeat = 1,
            // Points of their own, because nothing is compared: variants of one point would take turns, each twice.
            Points =
            [
                .. variants.Select((v, i) => new PlanPoint(
                    i, new Dictionary<string, string>(), [VariantOf(scenario) with { Name = v.Target, Label = v.Target, Target = v.Target, Point = i }])),
            ],
        };
        (RunResult result, _) = await ScenarioRun.ExecuteAsync(
            plan, new RunOptions { RunsRoot = _root, RepositoryRoot = _root, Command = "test", Quick = true }, new Progress(), Never.Token);
        Assert.True(result.Outcome.Status == RunStatus.Completed, result.Outcome.Cause);
        Assert.All(result.Trials, trial => Assert.True(trial.Verification.Passed, $"{trial.Variant}: {string.Join("; ", trial.Verification.Violations.Select(v => v.Detail))}"));
        Assert.Equal(variants.Select(v => v.Target), result.Trials.Select(trial => trial.Target));
        foreach (Trial trial in result.Trials)
        {
            string seen = string.Join(' ', trial.Evidence!.Techniques.Select(t => t.Setting));
            string because = string.Join("; ", trial.Evidence.Techniques.Select(t => t.Because).Concat(trial.Evidence.NotMeasured));
            Assert.True(seen == variants.Single(v => v.Target == trial.Target).Seen, $"{trial.Target} looks like {seen}: {because}");
        }
    }

    [Fact]
    public async Task A_disk_that_fills_up_in_the_run_fails_it_with_the_cause_and_what_was_measured_saved()
    {
        using SmallFilesystem disk = SmallFilesystem.MountOrSkip(512);
        string filler = Path.Combine(disk.Path, "filler");
        Progress progress = new()
        {
            OnSecond = sample =>
            {
                // Again each second: what the broker has removed meanwhile would let it go on for ever.
                if (sample.Phase == TrialPhase.Counted)
                {
                    Fill(filler);
                }
            },
        };
        (RunResult result, RunFolder folder) = await Execute(Unmeasured(windowSeconds: 30), progress, outDirectory: Path.Combine(disk.Path, "out"));
        Assert.Equal((RunStatus.Failed, ExitCodes.Environment), (result.Outcome.Status, result.Outcome.ExitCode));
        Assert.Contains("No space left on device", result.Outcome.Cause, StringComparison.Ordinal);
        File.Delete(filler);
        Assert.Equal(result.Outcome.Cause, ResultJson.Read(folder.ResultPath).Outcome.Cause);
        Assert.True(Assert.Single(result.Trials).Consumed.Messages > 0);
    }

    private static void CancelWhen(CancellationTokenSource source, bool now)
    {
        if (now)
        {
            source.Cancel();
        }
    }

    /// <summary>Takes all the space there is but a little. The broker takes of it too, so the end may come as a surprise.</summary>
    private static void Fill(string path)
    {
        const int LeftBytes = 1024 * 1024;
        byte[] block = new byte[64 * 1024];
        using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            file.SetLength(Math.Max(0, file.Length - LeftBytes));
        }
    }

    private static ScenarioInfo Short(int repeat = 1, double windowSeconds = 1.2) => new()
    {
        Name = "short",
        Claim = "C1",
        Targets = ["engine"],
        Seed = 7,
        Topic = new TopicInfo(1, 1, new Dictionary<string, string> { ["retention.bytes"] = "8388608", ["segment.bytes"] = "4194304" }),
        Message = new MessageInfo(30, "none", "random"),
        Producers = new ProducersInfo(1, "native", 65536, 0.005, "leader", 5, "none"),
        Consumers = new ConsumersInfo(1, 1, "native", "tail", 1 << 20),
        Load = [new LoadPhaseInfo("saturate", windowSeconds, null)],
        WarmupSeconds = 1,
        Repeat = repeat,
        Verify = new VerifyInfo(true, true, true, true),
        Expect = [],
    };

    /// <summary>Without what the machine carries at best, which takes longer than the trial: for runs of which the load is the matter.</summary>
    private static ScenarioInfo Unmeasured(double windowSeconds = 1.2) => Short(windowSeconds: windowSeconds) with { Ceilings = "none" };

    private static VariantInfo VariantOf(ScenarioInfo scenario) => new()
    {
        Name = "engine",
        Label = "engine",
        Target = "engine",
        Point = 0,
        Settings = new Dictionary<string, string>(),
        Scenario = scenario,
    };

    private Task<(RunResult Result, RunFolder Folder)> Execute(
        ScenarioInfo scenario, IRunProgress progress, CancellationTokenSource? interrupt = null, string? outDirectory = null, bool profile = false) =>
        ScenarioRun.ExecuteAsync(
            new RunPlan { Name = scenario.Name, Repeat = scenario.Repeat, Points = [new PlanPoint(0, new Dictionary<string, string>(), [VariantOf(scenario)])] },
            new RunOptions { RunsRoot = _root, RepositoryRoot = _root, OutDirectory = outDirectory, Command = "test", Quick = true, Profile = profile }, progress, (interrupt ?? Never).Token);

    private sealed class Progress : IRunProgress
    {
        public Action<SecondSample> OnSecond { get; init; } = _ => { };
        public Action<string> OnPhase { get; init; } = _ => { };

        public void Phase(string name, TimeSpan expected) => OnPhase(name);

        public void Second(SecondSample sample) => OnSecond(sample);

        public void Line(string text)
        {
        }
    }
}
