using System.Diagnostics;
using Engine.Linux;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Running;

/// <summary>
/// A broker that stands still for 50 ms every second, which an open load must see at its full size: every message due in a stall waits until its
/// end, so the latencies that the stalls alone would cause can be computed from when they were.
/// </summary>
[Collection("engines of this process")]
public sealed class StallTests : IDisposable
{
    private const int StallMs = 50;
    private const int PeriodMs = 1000;

    /// <summary>All of them in the first five of the six seconds: of one that the window's end cuts through only a part would be seen.</summary>
    private const int Stalls = 5;

    private readonly string _root = Directory.CreateTempSubdirectory("harness-stalls-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task An_open_load_sees_stalls_at_the_size_that_theory_gives()
    {
        (RunResult result, List<(long From, long To)> stalls) = await Run("inject: {rate: 5k/s, during: 6s}");
        LatencyInfo latency = Assert.Single(result.Trials).Latency;
        Assert.False(latency.ClosedLoop);

        // Of messages due evenly over the window, those in a stall wait for what is left of it.
        double window = result.Trials[0].WindowSeconds * 1e6;
        double[] lengths = [.. stalls.Select(stall => (stall.To - stall.From) / 1000.0)];
        double mean = lengths.Sum(length => length * length / 2) / window;
        double p99 = Waiting(lengths, 0.01 * window);
        Assert.True(p99 > 20_000, $"the stalls of {string.Join(", ", lengths)} µs are too short for the test");
        Assert.True(latency.Publish!.P99Micros >= 0.9 * p99, $"publish p99 {latency.Publish.P99Micros} µs where the stalls alone make {p99:0}");
        Assert.True(latency.EndToEnd!.P99Micros >= 0.9 * p99, $"e2e p99 {latency.EndToEnd.P99Micros} µs where the stalls alone make {p99:0}");
        Assert.True(latency.Publish.MeanMicros >= 0.9 * mean, $"publish mean {latency.Publish.MeanMicros} µs where the stalls alone make {mean:0}");
        Assert.True(latency.Publish.MaxMicros >= 0.9 * lengths.Max(), $"publish max {latency.Publish.MaxMicros} µs where a stall was {lengths.Max()}");
        Assert.True(latency.Publish.P50Micros < p99 / 2, $"publish p50 {latency.Publish.P50Micros} µs: half of all messages, and not one in twenty, waited");
    }

    [Fact]
    public async Task A_closed_load_hides_them_and_its_result_says_so()
    {
        (RunResult result, List<(long From, long To)> stalls) = await Run("keep_constant: {copies: 1, during: 6s}");
        LatencyInfo latency = Assert.Single(result.Trials).Latency;
        Assert.True(latency.ClosedLoop);

        // One message waits for each stall, however many would have been due in it.
        double mean = stalls.Sum(stall => Math.Pow((stall.To - stall.From) / 1000.0, 2) / 2) / (result.Trials[0].WindowSeconds * 1e6);
        Assert.True(latency.Publish!.Count > 100 * stalls.Count, $"{latency.Publish.Count} messages");
        double seen = stalls.Count * StallMs * 1000.0 / latency.Publish.Count;
        Assert.True(seen < mean, $"the stalls raise the mean by {seen:0} µs, as much as the {mean:0} of an open load");
        Assert.True(latency.Publish.P99Micros < StallMs * 1000 / 2, $"publish p99 {latency.Publish.P99Micros} µs");
    }

    /// <summary>The wait that <paramref name="share"/> microseconds' worth of due times exceed: each stall has as many longer waits as it is longer.</summary>
    private static double Waiting(double[] lengths, double share)
    {
        double low = 0;
        double high = lengths.Max();
        for (int i = 0; i < 50; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = lengths.Sum(length => Math.Max(0, length - middle)) > share ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Runs a load on an engine that is stopped again and again in the counted window, and gives when it was.</summary>
    private async Task<(RunResult Result, List<(long From, long To)> Stalls)> Run(string load)
    {
        RunPlan plan = PlanReader.Parse($$"""
            name: stalls
            message: {size: 100B}
            topic: {config: {retention.bytes: 64MiB, segment.bytes: 16MiB} }
            producers: {batch: 64KiB, linger: 0s}
            load:
            - {{load}}
            warmup: 1s
            repeat: 1
            ceilings: none
            """, "stalls.yaml");
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        TaskCompletionSource counted = new();
        TaskCompletionSource drains = new();
        PhaseWatch watch = new(name => (name == "counted window" ? counted : name == "drain" ? drains : null)?.TrySetResult());
        Task<(RunResult Result, RunFolder Folder)> run = ScenarioRun.ExecuteAsync(
            plan, new RunOptions { RunsRoot = _root, RepositoryRoot = _root, Command = "test" }, watch, over.Token);
        await Task.WhenAny(counted.Task, run);
        Stopwatch clock = Stopwatch.StartNew();
        Task ended = Task.WhenAny(drains.Task, run);
        List<(long From, long To)> stalls = [];
        while (stalls.Count < Stalls && await Task.WhenAny(Task.Delay(UntilNext(), Cancel), ended) != ended)
        {
            stalls.Add(Stall(Assert.Single(StartedEngines.Ids())));
        }

        bool inWindow = !ended.IsCompleted;
        (RunResult result, _) = await run;
        Assert.True(result.Outcome.ExitCode == ExitCodes.Passed, result.Outcome.Cause);
        Assert.True(inWindow && stalls.Count == Stalls, $"the window was over after {stalls.Count} stalls");
        return (result, stalls);

        int UntilNext() => (int)Math.Max(0, ((stalls.Count + 1) * PeriodMs) - StallMs - clock.ElapsedMilliseconds);
    }

    /// <summary>By the clock around it: at least as long as the broker stood still.</summary>
    private static (long From, long To) Stall(int engine)
    {
        Processes.Send(engine, Signal.Stop);
        long from = MonotonicClock.Nanos();
        Thread.Sleep(StallMs);
        long to = MonotonicClock.Nanos();
        Processes.Send(engine, Signal.Continue);
        return (from, to);
    }

    private sealed class PhaseWatch(Action<string> phase) : IRunProgress
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
