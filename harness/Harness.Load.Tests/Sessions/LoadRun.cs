using Results;

namespace Harness.Load.Tests;

/// <summary>Runs whole sessions against a <see cref="TestBroker"/>, by number of messages and not by time.</summary>
internal static class LoadRun
{
    public const string Topic = "test";

    public static ScenarioInfo Scenario(
        int valueBytes = 30,
        int partitions = 1,
        int producers = 1,
        int consumers = 1,
        int groups = 1,
        string acks = "leader",
        string mode = "tail",
        int batchBytes = 64 * 1024) => new()
        {
            Name = "test",
            Targets = ["engine"],
            Seed = 42,
            Topic = new TopicInfo(partitions, 1, new Dictionary<string, string>()),
            Message = new MessageInfo(valueBytes, "none", "random"),
            Producers = new ProducersInfo(producers, "native", batchBytes, 0.005, acks, 5, "none"),
            Consumers = new ConsumersInfo(consumers, groups, "native", mode, 32 << 20),
            Load = [Phase("saturate", 1)],
            WarmupSeconds = 0,
            Repeat = 1,
            Verify = new VerifyInfo(true, true, true, true),
            Expect = [],
        };

    public static LoadPhaseInfo Phase(string shape, double seconds, double? rate = null, double? startRate = null, int? copies = null) =>
        new(shape, seconds, rate) { StartRatePerSecond = startRate, Copies = copies };

    public static LoadSession Session(TestBroker broker, ScenarioInfo scenario) =>
        new(new LoadOptions { Broker = broker.Address, Topic = Topic, Scenario = scenario });

    /// <summary>Sends at least so many messages, drains and finishes.</summary>
    public static LoadOutcome Run(TestBroker broker, ScenarioInfo scenario, long messages)
    {
        using LoadSession session = Session(broker, scenario);
        session.Start(TestContext.Current.CancellationToken);
        session.BeginWindow();
        WaitForSent(session, messages);
        session.EndWindow();
        Assert.True(session.StopProducers(), session.Failure?.ToString());
        Assert.True(session.Drain(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), session.Failure?.ToString());
        return session.Finish();
    }

    public static void WaitForSent(LoadSession session, long messages)
    {
        while (session.Sample().Sent.Messages < messages)
        {
            Assert.Null(session.Failure);
            Thread.Sleep(2);
        }
    }

    /// <summary>The one violation of a run that was broken in one way.</summary>
    public static Violation Only(this Verification verification, string kind, long count)
    {
        Assert.False(verification.Passed);
        (long lost, long duplicated, long reordered, long damaged) =
            (verification.Lost, verification.Duplicated, verification.Reordered, verification.Damaged);
        Assert.Equal(
            (kind == "lost" ? count : 0, kind == "duplicated" ? count : 0, kind == "reordered" ? count : 0, kind == "damaged" ? count : 0),
            (lost, duplicated, reordered, damaged));
        Violation violation = Assert.Single(verification.Violations);
        Assert.Equal(kind, violation.Kind);
        Assert.Equal(count, violation.Count);
        return violation;
    }
}
