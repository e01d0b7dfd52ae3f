using Engine.Wire;
using Results;

namespace Harness.Load.Tests;

public class LoadSessionTests
{
    [Theory]
    [InlineData(30, 4, 3, 2, 2, "leader")]
    [InlineData(100, 1, 2, 1, 1, "all")]
    [InlineData(1024, 3, 1, 3, 1, "leader")]
    [InlineData(10 * 1024, 2, 2, 1, 1, "none")]
    [InlineData(20, 2, 2, 1, 1, "leader")]
    [InlineData(25, 1, 1, 1, 1, "leader")]
    [InlineData(19, 3, 2, 2, 2, "leader")]
    [InlineData(1, 1, 1, 1, 1, "leader")]
    [InlineData(8, 2, 2, 1, 1, "none")]
    public void Whatever_the_sizes_and_counts_a_sound_broker_verifies(
        int valueBytes, int partitions, int producers, int consumers, int groups, string acks)
    {
        using TestBroker broker = new(partitions);
        ScenarioInfo scenario = LoadRun.Scenario(valueBytes, partitions, producers, consumers, groups, acks);
        LoadOutcome outcome = LoadRun.Run(broker, scenario, 50_000_000 / (1000 + valueBytes));
        Verification verification = outcome.Verification;
        Assert.True(verification.Passed, verification + string.Join("\n", verification.Violations));
        Assert.Equal(acks == "none" ? 0 : verification.Sent, verification.Acknowledged);
        Assert.Equal(groups * verification.Sent, verification.Delivered);
        Assert.Equal(0, verification.Unacknowledged);
        bool identity = valueBytes >= 20;
        Assert.Equal(identity, verification.Depth.Contains("every byte", StringComparison.Ordinal));
        Assert.Equal(identity, outcome.Latency.EndToEnd is not null);
        Assert.Equal(acks != "none", outcome.Latency.Publish is not null);
        Assert.Equal(outcome.Latency.EndToEnd?.Count, outcome.Latency.SealedEndToEnd?.Count);
        Assert.Equal(outcome.Latency.Publish?.Count, outcome.Latency.SealedPublish?.Count);
        for (int partition = 0; partition < partitions; partition++)
        {
            Assert.NotEmpty(broker.Batches(partition));
        }
    }

    [Fact]
    public void Latency_is_of_the_messages_sent_in_the_window_and_of_no_others()
    {
        using TestBroker broker = new();
        using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario());
        session.Start(TestContext.Current.CancellationToken);
        LoadRun.WaitForSent(session, 100_000);
        LoadSample begin = session.BeginWindow();
        LoadRun.WaitForSent(session, begin.Sent.Messages + 200_000);
        LoadSample end = session.EndWindow();
        LoadRun.WaitForSent(session, end.Sent.Messages + 100_000);
        Assert.True(session.StopProducers());
        Assert.True(session.Drain(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        LoadOutcome outcome = session.Finish();
        Assert.True(outcome.Verification.Passed);

        // Totals are read a moment after the window's bounds were set: a batch or so of difference.
        long window = end.Sent.Messages - begin.Sent.Messages;
        Assert.InRange(outcome.Latency.Publish!.Count, window * 0.5, window * 1.5);
        Assert.Equal(outcome.Latency.Publish.Count, outcome.Latency.EndToEnd!.Count);
        Assert.Equal(outcome.Latency.Publish.Count, outcome.Latency.SealedPublish!.Count);
        Assert.Equal(outcome.Latency.EndToEnd.Count, outcome.Latency.SealedEndToEnd!.Count);
        Assert.True(outcome.Latency.SealedPublish.MeanMicros <= outcome.Latency.Publish.MeanMicros);
        Assert.True(outcome.Latency.ClosedLoop);
        Assert.InRange(outcome.InFlightFullShare, 0, 1);
        Assert.Equal(["consumer-0-0", "producer-0"], outcome.AllocatedBytes.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Totals_agree_with_what_the_broker_holds()
    {
        using TestBroker broker = new(2);
        using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario(partitions: 2));
        session.Start(TestContext.Current.CancellationToken);
        LoadRun.WaitForSent(session, 100_000);
        Assert.True(session.StopProducers());
        Assert.True(session.Drain(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        byte[][] stored = [.. broker.Batches(0), .. broker.Batches(1)];
        FlowTotals expected = new(
            stored.Sum(batch => (long)RecordBatch.RecordCount(batch)),
            stored.Sum(batch => 30L * RecordBatch.RecordCount(batch)),
            stored.Sum(batch => (long)batch.Length),
            stored.Length);
        LoadSample sample = session.Sample();
        Assert.Equal((expected, expected, expected), (sample.Sent, sample.Acknowledged, sample.Consumed));
        Assert.All(stored, batch => Assert.Equal(BatchFault.None, RecordBatch.Check(batch)));
    }

    [Fact]
    public void Without_consumers_acknowledgements_are_all_that_is_verified()
    {
        using TestBroker broker = new();
        LoadOutcome outcome = LoadRun.Run(broker, LoadRun.Scenario(mode: "none"), 50_000);
        Assert.True(outcome.Verification.Passed);
        Assert.Equal(outcome.Verification.Sent, outcome.Verification.Acknowledged);
        Assert.Equal(0, outcome.Verification.Delivered);
        Assert.Contains("nothing was consumed", outcome.Verification.Depth, StringComparison.Ordinal);
        Assert.Null(outcome.Latency.EndToEnd);
    }

    [Fact]
    public void Cancellation_ends_everything_and_leaves_the_verification_incomplete()
    {
        using TestBroker broker = new();
        using CancellationTokenSource cancel = new();
        LoadOutcome outcome;
        using (LoadSession session = LoadRun.Session(broker, LoadRun.Scenario()))
        {
            session.Start(cancel.Token);
            LoadRun.WaitForSent(session, 10_000);
            cancel.Cancel();
            Assert.False(session.StopProducers());
            Assert.False(session.Drain(TimeSpan.FromSeconds(10), CancellationToken.None));
            outcome = session.Finish();
            Assert.Null(session.Failure);
        }

        Assert.False(outcome.Verification.Complete);
        Assert.False(outcome.Verification.Passed);
        Assert.False(outcome.Verification.Violated);
    }

    [Fact]
    public async Task A_connection_closed_in_the_run_fails_the_session_and_stops_all_workers()
    {
        using TestBroker broker = new();
        using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario(consumers: 1, producers: 2));
        session.Start(TestContext.Current.CancellationToken);
        LoadRun.WaitForSent(session, 10_000);
        broker.CloseConnections();
        BrokerException failure = Assert.IsType<BrokerException>(
            await session.Failed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Contains(broker.Address, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.False(session.StopProducers());
        Assert.False(session.Finish().Verification.Complete);
    }

    [Fact]
    public async Task An_error_of_the_broker_is_told_by_its_name_with_partition_and_address()
    {
        using TestBroker broker = new(misbehaviour: new Refuses(ErrorCode.NotLeaderOrFollower));
        using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario());
        session.Start(TestContext.Current.CancellationToken);
        await session.Failed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        BrokerException failure = Assert.IsType<BrokerException>(session.Failure);
        Assert.Equal($"Produce of partition 0 at {broker.Address}: NOT_LEADER_OR_FOLLOWER (6)", failure.Message);
        Assert.Equal((ErrorCode.NotLeaderOrFollower, 0, "Produce"), (failure.Error!.Value, failure.Partition!.Value, failure.Api));
    }

    [Fact]
    public void A_broker_that_is_not_there_is_told_at_the_start()
    {
        string address;
        using (TestBroker broker = new())
        {
            address = broker.Address;
        }

        using LoadSession session = new(new LoadOptions { Broker = address, Topic = LoadRun.Topic, Scenario = LoadRun.Scenario() });
        BrokerException failure = Assert.Throws<BrokerException>(() => session.Start(TestContext.Current.CancellationToken));
        Assert.Contains(address, failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_that_does_not_exist_is_told_at_the_start()
    {
        using TestBroker broker = new(partitions: 1);
        using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario(partitions: 2));
        BrokerException failure = Assert.Throws<BrokerException>(() => session.Start(TestContext.Current.CancellationToken));
        Assert.Equal($"ListOffsets of partition 1 at {broker.Address}: UNKNOWN_TOPIC_OR_PARTITION (3)", failure.Message);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData(":9092")]
    [InlineData("localhost:70000")]
    public void An_address_without_host_and_port_is_refused(string address)
    {
        LoadOptions options = new() { Broker = address, Topic = LoadRun.Topic, Scenario = LoadRun.Scenario() };
        Assert.Contains("HOST:PORT", Assert.Throws<ArgumentException>(() => new LoadSession(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", CompressionType.Gzip)]
    [InlineData("snappy", CompressionType.Snappy)]
    [InlineData("lz4", CompressionType.Lz4)]
    [InlineData("zstd", CompressionType.Zstd)]
    public void Compressed_batches_go_through_the_broker_and_verify(string compression, CompressionType type)
    {
        using TestBroker broker = new(2);
        ScenarioInfo scenario = LoadRun.Scenario(partitions: 2, groups: 2);
        LoadOutcome outcome = LoadRun.Run(broker, scenario with { Producers = scenario.Producers with { Compression = compression } }, 50_000);
        Assert.True(outcome.Verification.Passed, string.Join("\n", outcome.Verification.Violations));
        Assert.Equal(2 * outcome.Verification.Sent, outcome.Verification.Delivered);
        byte[][] stored = [.. broker.Batches(0), .. broker.Batches(1)];
        Assert.All(stored, batch => Assert.Equal(type, RecordBatch.Compression(batch)));
        Assert.True(stored.Sum(static batch => (long)batch.Length) < 30 * outcome.Verification.Sent);
    }

    [Fact]
    public void An_open_schedule_offers_exactly_what_its_phases_say_and_stamps_are_its_own()
    {
        using TestBroker broker = new(2);
        LoadOutcome outcome = RunPhases(
            broker,
            5_000,
            LoadRun.Scenario(partitions: 2, producers: 3) with { WarmupSeconds = 0.05 },
            LoadRun.Phase("inject", 0.1, 20_000),
            LoadRun.Phase("pause", 0.05),
            LoadRun.Phase("ramping_inject", 0.1, 30_000, 10_000),
            LoadRun.Phase("pause", 0.05));
        Assert.True(outcome.Verification.Passed, string.Join("\n", outcome.Verification.Violations));
        Assert.Equal((4_000L, 4_000L), (outcome.Schedule!.OfferedMessages, outcome.Schedule.SentMessages));
        Assert.Equal(5_000, outcome.Verification.Sent);
        Assert.Equal((false, 0.0), (outcome.Latency.ClosedLoop, outcome.Latency.StampResolutionMicros));
        Assert.Equal((4_000L, 4_000L), (outcome.Latency.Publish!.Count, outcome.Latency.EndToEnd!.Count));
        Assert.Equal(outcome.Schedule.LateP99Micros <= 100, outcome.Schedule.Held);
        Assert.NotEmpty(broker.Batches(0));
        Assert.NotEmpty(broker.Batches(1));
    }

    [Fact]
    public void A_load_with_a_closed_phase_is_called_closed()
    {
        using TestBroker broker = new();
        LoadOutcome outcome = RunPhases(
            broker,
            100,
            LoadRun.Scenario(producers: 2),
            LoadRun.Phase("keep_constant", 0.1, copies: 50),
            LoadRun.Phase("inject", 0.1, 1_000));
        Assert.True(outcome.Verification.Passed, string.Join("\n", outcome.Verification.Violations));
        Assert.True(outcome.Latency.ClosedLoop);
        Assert.Equal(10, outcome.Latency.StampResolutionMicros);
        Assert.Equal(100, outcome.Schedule!.OfferedMessages);
    }

    [Fact]
    public void A_closed_load_has_no_schedule()
    {
        using TestBroker broker = new();
        Assert.Null(LoadRun.Run(broker, LoadRun.Scenario(), 1_000).Schedule);
    }

    [Theory]
    [InlineData("saturate")]
    [InlineData("inject")]
    public void Consumers_that_catch_up_begin_with_the_window_at_the_first_message(string shape)
    {
        using TestBroker broker = new(2);
        ScenarioInfo scenario = LoadRun.Scenario(partitions: 2, consumers: 2, mode: "catch-up") with
        {
            Load = [LoadRun.Phase(shape, 0.2, 50_000)],
            WarmupSeconds = 0.2,
        };
        using LoadSession session = LoadRun.Session(broker, scenario);
        session.Start(TestContext.Current.CancellationToken);
        LoadRun.WaitForSent(session, 2_000);
        int fetches = broker.Fetches;
        long consumed = session.Sample().Consumed.Messages;
        bool begun = shape == "inject" && session.Sample().AtNanos > session.WindowBeginNanos;
        Assert.True(begun || (fetches == 0 && consumed == 0), $"{fetches} fetches, {consumed} messages before the window");
        session.BeginWindow();
        while (session.Sample().Consumed.Messages < 5_000)
        {
            Assert.Null(session.Failure);
            Thread.Sleep(2);
        }

        session.EndWindow();
        Assert.True(session.StopProducers());
        Assert.True(session.Drain(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), session.Failure?.ToString());
        LoadOutcome outcome = session.Finish();
        Assert.True(outcome.Verification.Passed, string.Join("\n", outcome.Verification.Violations));
        Assert.Equal(outcome.Verification.Sent, outcome.Verification.Delivered);
        Assert.Null(outcome.Latency.EndToEnd);
    }

    [Fact]
    public void Saturation_stops_at_the_backlog_while_those_who_catch_up_wait()
    {
        using TestBroker broker = new();
        ScenarioInfo scenario = LoadRun.Scenario(mode: "catch-up");
        scenario = scenario with { Consumers = scenario.Consumers with { BacklogBytes = 1 << 20 } };
        using LoadSession session = LoadRun.Session(broker, scenario);
        session.Start(TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => session.Sample().Sent.WireBytes >= 1 << 20, TimeSpan.FromMinutes(1)), session.Failure?.ToString());
        Thread.Sleep(100);

        // What fits the limit, and what was on its way when it was seen.
        Assert.InRange(session.Sample().Sent.WireBytes, 1 << 20, 16 << 20);
        Assert.True(session.StopProducers());
        Assert.True(session.Drain(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.True(session.Finish().Verification.Passed);
    }

    /// <param name="due">Messages to wait for at the end: on a machine that is busy the last may be late.</param>
    private static LoadOutcome RunPhases(TestBroker broker, int due, ScenarioInfo scenario, params LoadPhaseInfo[] load)
    {
        using LoadSession session = LoadRun.Session(broker, scenario with { Load = load });
        session.Start(TestContext.Current.CancellationToken);
        Thread.Sleep(TimeSpan.FromSeconds(scenario.WarmupSeconds));
        session.BeginWindow();
        Thread.Sleep(TimeSpan.FromSeconds(load.Sum(static phase => phase.DuringSeconds)));
        session.EndWindow();
        LoadRun.WaitForSent(session, due);
        Assert.True(session.StopProducers(), session.Failure?.ToString());
        Assert.True(session.Drain(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), session.Failure?.ToString());
        return session.Finish();
    }

    [Fact]
    public void What_the_generator_cannot_do_is_refused_by_its_key()
    {
        ScenarioInfo sound = LoadRun.Scenario();
        Refused("producers.compression: the load generator cannot do 'brotli'", sound with { Producers = sound.Producers with { Compression = "brotli" } });
        Refused("producers.client: the load generator cannot do 'confluent'", sound with { Producers = sound.Producers with { Client = "confluent" } });
        Refused("consumers.client: the load generator cannot do 'confluent'", sound with { Consumers = sound.Consumers with { Client = "confluent" } });
        Refused("consumers.mode: the load generator cannot do 'head'", sound with { Consumers = sound.Consumers with { Mode = "head" } });
        Refused("producers.acks", sound with { Producers = sound.Producers with { Acks = "some" } });
        Refused("message.key", sound with { Message = sound.Message with { Key = "sequence" } });
        Refused("message.payload", sound with { Message = sound.Message with { Payload = "text" } });
        RefusedLoad("there is nothing to do");
        RefusedLoad("cannot do 'search'", LoadRun.Phase("search", 1));
        RefusedLoad("a pause cannot come first", LoadRun.Phase("pause", 1), LoadRun.Phase("saturate", 1));
        RefusedLoad("saturate during 0 s", LoadRun.Phase("saturate", 0));
        RefusedLoad("the rate of inject is missing", LoadRun.Phase("inject", 1));
        RefusedLoad("the rate of inject is 0 a second", LoadRun.Phase("inject", 1, 0));
        RefusedLoad("the rate of inject is NaN a second", LoadRun.Phase("inject", 1, double.NaN));
        RefusedLoad("the rate of inject is 2000000000 a second", LoadRun.Phase("inject", 1, 2e9));
        RefusedLoad("the start rate of ramping_inject is missing", LoadRun.Phase("ramping_inject", 1, 100));
        RefusedLoad("the rate of ramping_inject is -1 a second", LoadRun.Phase("ramping_inject", 1, -1, 100));
        RefusedLoad("a ramp from nothing to nothing", LoadRun.Phase("ramping_inject", 1, 0, 0));
        RefusedLoad("keep_constant needs copies, at least one; there are none", LoadRun.Phase("keep_constant", 1));
        RefusedLoad("there are 0", LoadRun.Phase("keep_constant", 1, copies: 0));

        void RefusedLoad(string cause, params LoadPhaseInfo[] load) =>
            Assert.Contains(cause, Refused("load", sound with { Load = load }), StringComparison.Ordinal);

        static string Refused(string beginning, ScenarioInfo scenario)
        {
            LoadOptions options = new() { Broker = "localhost:9092", Topic = LoadRun.Topic, Scenario = scenario };
            string message = Assert.Throws<ArgumentException>(() => new LoadSession(options)).Message;
            Assert.StartsWith(beginning, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
            return message;
        }
    }

    private sealed class Refuses(ErrorCode error) : Misbehaviour
    {
        public override ErrorCode OnProduce(int partition) => error;
    }
}
