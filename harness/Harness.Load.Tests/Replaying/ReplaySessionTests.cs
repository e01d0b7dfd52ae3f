using Engine.Wire;
using Results;

namespace Harness.Load.Tests;

public class ReplaySessionTests
{
    [Theory]
    [InlineData(1, 1, 1, 64 * 1024)]
    [InlineData(1, 4, 1, 64 * 1024)]
    [InlineData(2, 3, 4, 64 * 1024)]
    [InlineData(1, 2, 5, 170)]
    public void As_many_records_lie_in_the_log_as_were_acknowledged(int producers, int connections, int partitions, int batchBytes)
    {
        using TestBroker broker = new(partitions);
        LoadOutcome outcome = Run(broker, Scenario(producers, connections, partitions, "none", batchBytes), sent => sent.Sent.Batches >= 200);
        Assert.True(outcome.Verification.Passed);
        Assert.Equal(outcome.Verification.Sent, outcome.Verification.Acknowledged);
        Assert.Equal(outcome.Verification.Sent, Enumerable.Range(0, partitions).Sum(p => broker.Batches(p).Sum(batch => (long)RecordBatch.RecordCount(batch))));
        Assert.All(Enumerable.Range(0, partitions), p => Assert.NotEmpty(broker.Batches(p)));
        Assert.StartsWith("counts and offsets only", outcome.Verification.Depth, StringComparison.Ordinal);
        Assert.EndsWith("nothing was consumed", outcome.Verification.Depth, StringComparison.Ordinal);
        Assert.NotNull(outcome.Latency.Publish);
    }

    [Fact]
    public void A_batch_of_one_record_is_a_request_of_one_record()
    {
        using TestBroker broker = new();
        Run(broker, Scenario(batchBytes: 170), sent => sent.Sent.Batches >= 20);
        Assert.All(broker.Batches(0), batch => Assert.Equal(1, RecordBatch.RecordCount(batch)));
    }

    [Fact]
    public void Batches_are_sound_and_alike()
    {
        using TestBroker broker = new();
        Run(broker, Scenario(), sent => sent.Sent.Batches >= 3);
        byte[][] batches = [.. broker.Batches(0)];
        Assert.All(batches, batch => Assert.Equal(BatchFault.None, RecordBatch.Check(batch)));
        Assert.All(batches, batch => Assert.Equal(batches[0].AsSpan(RecordBatch.LengthAt), batch.AsSpan(RecordBatch.LengthAt)));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 2, 2)]
    public void What_is_produced_is_delivered_at_the_tail(int partitions, int consumers, int groups)
    {
        using TestBroker broker = new(partitions);
        ScenarioInfo scenario = Scenario(partitions: partitions, mode: "tail");
        scenario = scenario with { Consumers = scenario.Consumers with { Count = consumers, Groups = groups } };
        LoadOutcome outcome = Run(broker, scenario, sent => sent.Sent.Batches >= 50);
        Assert.True(outcome.Verification.Passed);
        Assert.Equal(outcome.Verification.Sent * groups, outcome.Verification.Delivered);
    }

    [Fact]
    public void A_topic_that_was_filled_is_read_over_and_over()
    {
        using TestBroker broker = new(partitions: 2);
        ScenarioInfo scenario = Scenario(partitions: 2, mode: "reread");
        scenario = scenario with { Topic = scenario.Topic with { PrefillBytes = 1 << 20 } };
        LoadOutcome outcome = Run(broker, scenario, totals => totals.Consumed.WireBytes > 4 << 20);
        Assert.True(outcome.Verification.Passed);
        Assert.InRange(outcome.Verification.Delivered, 4 * outcome.Verification.Sent, long.MaxValue);
        Assert.Null(outcome.Latency.Publish);
        Assert.InRange(broker.Batches(0).Concat(broker.Batches(1)).Sum(batch => batch.Length), 1 << 20, (1 << 20) + (64 * 1024));
    }

    [Fact]
    public void A_response_that_cuts_its_last_batch_is_read_on_behind_the_last_whole_one()
    {
        using TestBroker broker = new();
        ScenarioInfo scenario = Scenario(mode: "tail");
        scenario = scenario with { Consumers = scenario.Consumers with { FetchBytes = 150_000 } };
        LoadOutcome outcome = Run(broker, scenario, sent => sent.Sent.Batches >= 50);
        Assert.True(outcome.Verification.Passed);
        Assert.Equal(outcome.Verification.Sent, outcome.Verification.Delivered);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("tail")]
    public void A_batch_that_was_acknowledged_and_not_stored_is_lost(string mode)
    {
        using TestBroker broker = new(misbehaviour: new Leaves(atBatch: 3, stores: 0));
        LoadOutcome outcome = Run(broker, Scenario(mode: mode), sent => sent.Sent.Batches >= 20);
        Assert.True(outcome.Verification.Violated);
        Assert.Equal("lost", outcome.Verification.Violations[0].Kind);
        Assert.True(outcome.Verification.Lost > 0);
    }

    [Fact]
    public void A_batch_that_was_stored_twice_is_a_duplicate()
    {
        using TestBroker broker = new(misbehaviour: new Leaves(atBatch: 3, stores: 2));
        LoadOutcome outcome = Run(broker, Scenario(), sent => sent.Sent.Batches >= 20);
        Assert.Equal((0, Records(broker)), (outcome.Verification.Lost, outcome.Verification.Duplicated));
    }

    [Fact]
    public void An_offset_that_goes_back_is_reordering()
    {
        using TestBroker broker = new(misbehaviour: new OffsetsGoBack());
        LoadOutcome outcome = Run(broker, Scenario(), sent => sent.Sent.Batches >= 20);
        Assert.True(outcome.Verification.Reordered > 0);
    }

    [Fact]
    public async Task An_error_of_the_broker_ends_the_session_with_its_name()
    {
        using TestBroker broker = new(misbehaviour: new Refuses());
        using ILoadSession session = Session(broker, Scenario());
        session.Start(TestContext.Current.CancellationToken);
        await session.Failed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Contains("NOT_LEADER_OR_FOLLOWER", session.Failure!.Message, StringComparison.Ordinal);
        Assert.False(session.StopProducers());
        Assert.False(session.Finish().Verification.Complete);
    }

    [Fact]
    public async Task A_broker_that_goes_away_ends_the_session()
    {
        using TestBroker broker = new();
        using ILoadSession session = Session(broker, Scenario(mode: "tail"));
        session.Start(TestContext.Current.CancellationToken);
        broker.Dispose();
        await session.Failed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.IsType<BrokerException>(session.Failure);
    }

    [Fact]
    public void Its_threads_allocate_nothing_for_a_batch()
    {
        using TestBroker broker = new();
        LoadOutcome outcome = Run(broker, Scenario(mode: "tail", batchBytes: 4096), sent => sent.Consumed.Batches >= 2000);
        Assert.All(outcome.AllocatedBytes.Values, bytes => Assert.InRange(bytes, 0, outcome.Verification.Sent));
    }

    [Fact]
    public void What_it_cannot_do_is_refused_before_anything_is_started()
    {
        ScenarioInfo tail = Scenario(mode: "tail");
        (ScenarioInfo Scenario, string Reason)[] refused =
        [
            (tail with { Consumers = tail.Consumers with { Client = "native" } }, "'raw' alone"),
            (tail with { Load = [LoadRun.Phase("inject", 1, 1000)] }, "'saturate' alone"),
            (tail with { Producers = tail.Producers with { Acks = "none" } }, "leader or all"),
            (tail with { Consumers = tail.Consumers with { Mode = "catch-up" } }, "over and over (reread)"),
            (tail with { Consumers = tail.Consumers with { Mode = "reread" } }, "need each other"),
            (tail with { Topic = tail.Topic with { PrefillBytes = 1 << 20 } }, "need each other"),
        ];
        foreach ((ScenarioInfo scenario, string reason) in refused)
        {
            LoadOptions options = new() { Broker = "127.0.0.1:1", Topic = LoadRun.Topic, Scenario = scenario };
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => LoadSessions.Create(options)).Message, StringComparison.Ordinal);
        }
    }

    private static long Records(TestBroker broker) => RecordBatch.RecordCount(broker.Batches(0)[0]);

    private static ScenarioInfo Scenario(int producers = 1, int connections = 1, int partitions = 1, string mode = "none", int batchBytes = 64 * 1024)
    {
        ScenarioInfo native = LoadRun.Scenario(100, partitions, producers, mode: mode, batchBytes: batchBytes);
        return native with
        {
            Producers = native.Producers with { Client = "replay", Connections = connections },
            Consumers = native.Consumers with { Client = "raw" },
        };
    }

    private static ILoadSession Session(TestBroker broker, ScenarioInfo scenario) =>
        LoadSessions.Create(new LoadOptions { Broker = broker.Address, Topic = LoadRun.Topic, Scenario = scenario });

    private static LoadOutcome Run(TestBroker broker, ScenarioInfo scenario, Func<LoadSample, bool> enough)
    {
        using ILoadSession session = Session(broker, scenario);
        session.Start(TestContext.Current.CancellationToken);
        session.BeginWindow();
        while (!enough(session.Sample()))
        {
            Assert.Null(session.Failure);
            Thread.Sleep(2);
        }

        session.EndWindow();
        Assert.True(session.StopProducers(), session.Failure?.ToString());
        Assert.True(session.Drain(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), session.Failure?.ToString());
        return session.Finish();
    }

    /// <summary>Acknowledges a batch as ever, and stores it so many times.</summary>
    private sealed class Leaves(int atBatch, int stores) : Misbehaviour
    {
        private int _batches;

        public override void OnAppend(int partition, byte[] batch, PartitionLog log)
        {
            int times = ++_batches == atBatch ? stores : 1;
            for (int i = 0; i < times; i++)
            {
                byte[] copy = [.. batch];
                RecordBatch.Assign(copy, log.EndOffset, 0);
                log.Store(copy);
            }
        }
    }

    /// <summary>Answers the tenth Produce request with the offset of the log's beginning.</summary>
    private sealed class OffsetsGoBack : Misbehaviour
    {
        private int _answers;

        public override byte[]? OnAnswer(ApiKey api, byte[] frame)
        {
            if (api == ApiKey.Produce && ++_answers == 10)
            {
                // Length, correlation id, topics, name, partitions, partition, error; then the offset.
                int offsetAt = 4 + 4 + 4 + 2 + LoadRun.Topic.Length + 4 + 4 + 2;
                frame.AsSpan(offsetAt, sizeof(long)).Clear();
            }

            return frame;
        }
    }

    private sealed class Refuses : Misbehaviour
    {
        public override ErrorCode OnProduce(int partition) => ErrorCode.NotLeaderOrFollower;
    }
}
