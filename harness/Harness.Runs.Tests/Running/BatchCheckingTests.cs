using Harness.Runs.Planning;
using Results;

namespace Harness.Runs.Tests.Running;

/// <summary>Single batches through the real engine, compared as bytes.</summary>
[Collection("engines of this process")]
public sealed class BatchCheckingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("harness-batches-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_run_that_puts_C2_to_the_test_shows_batches_served_and_stored_as_they_were_sent()
    {
        ScenarioInfo scenario = new()
        {
            Name = "batches",
            Claim = "C2",
            Targets = ["engine"],
            Seed = 7,
            Topic = new TopicInfo(1, 1, new Dictionary<string, string> { ["retention.bytes"] = "8388608", ["segment.bytes"] = "4194304" }),
            Message = new MessageInfo(30, "none", "random"),
            Producers = new ProducersInfo(1, "native", 65536, 0.005, "leader", 5, "none") { BatchRecords = 30 },
            Consumers = new ConsumersInfo(1, 1, "native", "cold", 1 << 20) { FetchBytes = 1 << 16 },
            Load = [new LoadPhaseInfo("saturate", 1, null)],
            WarmupSeconds = 1,
            Repeat = 1,
            Ceilings = "none",
            Verify = new VerifyInfo(true, true, true, true),
            Expect = [],
        };
        VariantInfo variant = new()
        {
            Name = "engine",
            Label = "engine",
            Target = "engine",
            Point = 0,
            Settings = new Dictionary<string, string>(),
            Scenario = scenario,
        };
        (RunResult result, _) = await ScenarioRun.ExecuteAsync(
            new RunPlan { Name = "batches", Repeat = 1, Points = [new PlanPoint(0, new Dictionary<string, string>(), [variant])] },
            new RunOptions { RunsRoot = _root, RepositoryRoot = _root, Command = "test" },
            new Silent(),
            TestContext.Current.CancellationToken);
        Assert.Equal([1, 30, 1000, 1000], result.BatchChecks.Select(check => check.Records));
        Assert.All(result.BatchChecks, check => Assert.True(check is { ServedEqual: true, StoredEqual: true, BatchBytes: > 61 }, check.Finding));
        Trial trial = Assert.Single(result.Trials);
        Assert.True(trial.Verification.Passed, trial.Cause);
        Assert.InRange(trial.Sent.Messages / (double)trial.Sent.Batches, 25, 35);
        Assert.Empty(result.Ceilings);
        Assert.Null(trial.BarePipelineShare);
    }

    private sealed class Silent : IRunProgress
    {
        public void Phase(string name, TimeSpan expected)
        {
        }

        public void Second(SecondSample sample)
        {
        }

        public void Line(string text)
        {
        }
    }
}
