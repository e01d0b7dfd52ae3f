using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>
/// The least that publishing takes on this machine under a scenario's open load: its own producers by its own schedule, with an
/// <see cref="AnsweringBroker"/> in the broker's place. What is left is what no broker takes away that sleeps while nothing comes: the producer's own time, the
/// calls, the loopback and the waking of a thread on either side. Tells how much of a publish latency is the machine's.
/// </summary>
public static class AnswerProbe
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For producers that are late: what they have not sent would be missing among the latencies, and it is what waited longest.</summary>
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(10);

    /// <summary>True for a load whose latency counts from when a message was due, by producers that tell when each was acknowledged.</summary>
    public static bool IsFor(ScenarioInfo scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return scenario.Producers.Client == "native" && scenario.Producers.Acks != "none" && Rate(scenario) > 0;
    }

    /// <summary>One pass, at the highest rate of the scenario's open phases; nothing is consumed.</summary>
    /// <param name="warmUp">Before the messages that count: connections are new, and so may be the code.</param>
    /// <param name="length">Messages due in it count.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="BrokerException">Not every message was acknowledged in time.</exception>
    public static AnswerPass Run(ScenarioInfo scenario, TimeSpan warmUp, TimeSpan length, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        using AnsweringBroker broker = new(scenario.Producers.Count, scenario.Topic.Partitions);
        using LoadSession session = new(new LoadOptions
        {
            Broker = broker.Address,
            Topic = "ceiling",
            Scenario = scenario with
            {
                WarmupSeconds = warmUp.TotalSeconds,
                Load = [new LoadPhaseInfo("inject", length.TotalSeconds, Rate(scenario))],
                Consumers = scenario.Consumers with { Mode = "none" },
            },
            FlushTimeout = FlushTimeout,
        });
        session.Start(cancellation);
        session.Failed.Wait(warmUp + length, cancellation);
        SpinWait.SpinUntil(() => session.HasSentWindow || session.Failure is not null || cancellation.IsCancellationRequested, CatchUpTimeout);
        bool answered = session.StopProducers();
        session.Finish();
        cancellation.ThrowIfCancellationRequested();
        return answered ? new AnswerPass(session.PublishLatency, session.SealedPublishLatency)
            : throw new BrokerException(broker.Address, "Produce", "not everything was acknowledged by the thread in the broker's place", inner: session.Failure);
    }

    private static double Rate(ScenarioInfo scenario) => scenario.Load
        .Where(static phase => phase.Shape is "inject" or "ramping_inject")
        .Max(static phase => Math.Max(phase.RatePerSecond ?? 0, phase.StartRatePerSecond ?? 0) as double?) ?? 0;
}

/// <summary>What publishing took where nothing but an answer was in its way.</summary>
/// <param name="Publish">From when a message was due to its acknowledgement.</param>
/// <param name="SealedPublish">The same from when its batch was due to be sealed.</param>
public sealed record AnswerPass(LatencyRecorder Publish, LatencyRecorder SealedPublish)
{
    /// <summary>Both passes as one; one that was measured once is not counted twice.</summary>
    public static AnswerPass Merge(AnswerPass one, AnswerPass other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(one, other) ? one
            : new AnswerPass(LatencyRecorder.Merge([one.Publish, other.Publish]), LatencyRecorder.Merge([one.SealedPublish, other.SealedPublish]));
    }
}
