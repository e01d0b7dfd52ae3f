using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Harness.Targets;
using Results;

namespace Harness.Runs.Tests.Running;

/// <summary>Whole runs against Apache Kafka, short ones. Nothing here asserts a speed.</summary>
[Collection("engines of this process")]
public sealed class KafkaRunTests : IDisposable
{
    private const string Scenario = """
        name: short
        message: {size: 100B}
        topic: {config: {retention.bytes: 64MiB, segment.bytes: 16MiB}}
        producers: {batch: 64KiB}
        consumers: {backlog: 8MiB}
        load: [{saturate: {during: 1s}}]
        warmup: 500ms
        repeat: 1
        ceilings: none
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("harness-kafka-run-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Engine_and_Kafka_take_turns_and_every_message_on_both_is_verified()
    {
        string home = Home();
        RunPlan plan = PlanReader.Parse(Scenario, "short.yaml", new PlanRequest { Targets = ["engine", "kafka+heap=512MiB+num.io.threads=3"] });
        (RunResult result, RunFolder folder) = await ScenarioRun.ExecuteAsync(plan, Options(home), new Silent(), Cancel);
        Assert.True(result.Outcome.ExitCode == ExitCodes.Passed, result.Outcome.Cause);
        Assert.Equal(["engine", "kafka+heap=512MiB+num.io.threads=3", "kafka+heap=512MiB+num.io.threads=3", "engine"], result.Trials.Select(trial => trial.Variant));
        Assert.All(result.Trials, trial =>
        {
            Assert.Equal(TrialStatus.Completed, trial.Status);
            Assert.True(trial.Verification.Complete && !trial.Verification.Violated);
            Assert.True(trial.Consumed.Messages > 0 && trial.Broker.CpuShare > 0 && trial.Broker.ResidentPeakBytes > 0);
        });
        Assert.Equal(["Harness engine", "Apache Kafka"], result.Targets.Select(target => target.Product));
        Assert.Equal("3", result.Targets[1].Configuration["num.io.threads"]);
        Assert.Equal([folder.ResultPath], Directory.GetFileSystemEntries(folder.FolderPath));
    }

    [Fact]
    public async Task A_real_Kafka_whose_batch_is_damaged_on_the_way_is_invalid_and_undamaged_it_is_not()
    {
        await using KafkaTarget broker = new(new KafkaTargetOptions { Home = Home(), DataParent = _root, HeapBytes = 512 << 20 });
        await broker.StartAsync(Cancel);
        foreach (bool damages in new[] { false, true })
        {
            using DamagingProxy proxy = new(await broker.Address.ResolveAsync(Cancel), damages);
            RunPlan plan = PlanReader.Parse(Scenario, "short.yaml", new PlanRequest { Targets = [$"kafka://{proxy.Address}"] });
            (RunResult result, _) = await ScenarioRun.ExecuteAsync(plan, Options(null), new Silent(), Cancel);
            Assert.Equal(damages ? 1 : 0, proxy.Damaged);
            Assert.True(result.Outcome.ExitCode == (damages ? ExitCodes.Invalid : ExitCodes.Passed), $"{result.Outcome}");
            Verification verification = Assert.Single(result.Trials).Verification;
            Assert.Equal((damages ? 1L : 0, 0L, 0L, 0L), (verification.Damaged, verification.Lost, verification.Duplicated, verification.Reordered));
        }

        using CancellationTokenSource interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        RunPlan interrupted = PlanReader.Parse(Scenario, "short.yaml", new PlanRequest { Targets = [$"kafka://{broker.Address}"] });
        Silent inTheMiddle = new(name => (name == "counted window" ? interrupt : null)?.Cancel());
        (RunResult partial, _) = await ScenarioRun.ExecuteAsync(interrupted, Options(null), inTheMiddle, interrupt.Token);
        Assert.Equal(ExitCodes.Interrupted, partial.Outcome.ExitCode);

        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker.Address, cancellation: Cancel);

        // A broker hears of a topic's end a little later than the controller has said so.
        string[] left = await Left();
        for (int looks = 0; left.Length > 0 && looks < 300; looks++)
        {
            await Task.Delay(100, Cancel);
            left = await Left();
        }

        Assert.Empty(left);

        async Task<string[]> Left() =>
            [.. (await admin.GetMetadataAsync(null, Cancel)).Topics.Select(topic => topic.Name).Where(name => name.StartsWith("harness-", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_target_that_is_missing_ends_the_run_before_any_trial()
    {
        RunPlan plan = PlanReader.Parse(Scenario, "short.yaml", new PlanRequest { Targets = ["engine", "kafka"] });
        (RunResult result, _) = await ScenarioRun.ExecuteAsync(plan, Options(null), new Silent(), Cancel);
        Assert.Equal(ExitCodes.Environment, result.Outcome.ExitCode);
        Assert.StartsWith("KAFKA_HOME is not set", result.Outcome.Cause, StringComparison.Ordinal);
        Assert.Empty(result.Trials);
    }

    [Fact]
    public async Task A_target_that_is_asked_for_what_it_does_not_know_is_the_users_fault()
    {
        RunPlan plan = PlanReader.Parse(Scenario, "short.yaml", new PlanRequest { Targets = ["engine+log.segmnt.bytes=1MiB"] });
        (RunResult result, _) = await ScenarioRun.ExecuteAsync(plan, Options(null), new Silent(), Cancel);
        Assert.Equal(ExitCodes.Usage, result.Outcome.ExitCode);
        Assert.Contains("log.segmnt.bytes", result.Outcome.Cause, StringComparison.Ordinal);
        Assert.Empty(result.Trials);
    }

    private RunOptions Options(string? home) => new() { RunsRoot = _root, RepositoryRoot = _root, Command = "test", KafkaHome = home };

    private static string Home()
    {
        string? home = System.Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "KAFKA_HOME is not set: unpack Apache Kafka 4 (https://kafka.apache.org/downloads) and set it to that folder");
        return home;
    }

    private sealed class Silent(Action<string>? phase = null) : IRunProgress
    {
        public void Phase(string name, TimeSpan expected) => phase?.Invoke(name);

        public void Second(SecondSample sample)
        {
        }

        public void Line(string text)
        {
        }
    }
}
