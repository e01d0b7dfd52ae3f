using Engine.Linux;
using Results;

namespace Harness.Load;

/// <summary>
/// The producers' ceiling: the scenario's load shape, payload, encoding, sealing, framing and reading of answers, all as in a
/// trial, with nothing behind it (<see cref="NullSinkTransport"/>). As many threads as the scenario has producers. An open schedule is driven
/// far beyond what they can keep, a closed loop of copies without a limit: the ceiling is the most that their path sends.
/// </summary>
public static class NullSinkProbe
{
    private const string Topic = "ceiling";

    public static Ceiling Run(ScenarioInfo scenario, CeilingOptions? options = null, CancellationToken cancellation = default)
    {
        LoadPlan plan = LoadPlan.From(scenario).ForCeiling();
        options ??= new CeilingOptions();
        Verifier verifier = new(plan.VerifierOptions(groups: 0));
        CountedWindow window = new();
        if (plan.HasOpenPhase)
        {
            // Each message of an open schedule has its own latency and lateness to be recorded.
            window.Begin(0);
        }

        TaskCompletionSource<Exception> failed = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        NativeProducer[] producers =
        [
            .. Enumerable.Range(0, plan.Producers).Select(index =>
                new NativeProducer(plan.ProducerOptions(index, Topic), new NullSinkTransport(plan.Partitions), verifier.Producer(index), window)),
        ];
        long startNanos = MonotonicClock.Nanos();
        Worker[] workers =
        [
            .. producers.Select((producer, index) => new Worker(
                $"null-sink-{index}",
                window,
                worker => new ProducerLoad(plan, index, Backlog.None, window).Run(producer, startNanos, worker.Tick, stop.Token),
                failure => failed.TrySetResult(failure))),
        ];
        Array.ForEach(workers, static worker => worker.Start());
        List<CeilingPass> passes = [];
        try
        {
            Sleep(options.WarmUp, cancellation);
            for (int pass = 0; pass < options.Passes; pass++)
            {
                passes.Add(Measure(producers, plan.ValueBytes, options.PassLength, cancellation));
            }
        }
        finally
        {
            window.End(0);
            stop.Cancel();
            Array.ForEach(workers, static worker => worker.Join(Timeout.InfiniteTimeSpan));
            Array.ForEach(producers, static producer => producer.Dispose());
        }

        if (failed.Task.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("the null sink's producer failed", failed.Task.Result);
        }

        return CeilingPass.ToCeiling(
            CeilingKinds.NullSink,
            $"{plan.Producers} producer thread(s) generating, encoding and sealing {plan.ValueBytes} B values one by one, "
            + (plan.HasOpenPhase ? "each due at its own time and all of them late, " : "")
            + $"batches of {plan.BatchBytes} B{plan.CompressedBy}, acknowledged at once by nothing",
            passes);
    }

    private static CeilingPass Measure(NativeProducer[] producers, int valueBytes, TimeSpan length, CancellationToken cancellation)
    {
        FlowTotals before = Sent();
        long begin = MonotonicClock.Nanos();
        Sleep(length, cancellation);
        FlowTotals after = Sent();
        double seconds = (MonotonicClock.Nanos() - begin) / 1e9;
        return new CeilingPass(seconds, after.Messages - before.Messages, after.WireBytes - before.WireBytes);

        FlowTotals Sent() => FlowCounters.Sum(producers.Select(static producer => producer.Sent), valueBytes);
    }

    private static void Sleep(TimeSpan length, CancellationToken cancellation)
    {
        if (cancellation.WaitHandle.WaitOne(length))
        {
            throw new OperationCanceledException(cancellation);
        }
    }
}
