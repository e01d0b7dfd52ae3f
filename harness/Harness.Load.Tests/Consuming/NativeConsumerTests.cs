using Engine.Wire;
using Results;

namespace Harness.Load.Tests;

public class NativeConsumerTests
{
    [Fact]
    public void Reading_begins_at_the_end_of_the_log()
    {
        using TestBroker broker = new();
        broker.Store(0, FetchResponses.Batch(500, 10, baseOffset: 0));
        LoadOutcome outcome = LoadRun.Run(broker, LoadRun.Scenario(), 10_000);
        Assert.True(outcome.Verification.Passed, string.Join("\n", outcome.Verification.Violations));
        Assert.Equal(outcome.Verification.Sent, outcome.Verification.Delivered);
    }

    [Fact]
    public async Task A_reader_that_retention_overtook_is_told_which_offsets_it_missed()
    {
        using TestBroker broker = new(misbehaviour: new Withholds());
        using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario());
        session.Start(TestContext.Current.CancellationToken);
        LoadRun.WaitForSent(session, 20_000);
        broker.RemoveBelow(0, 12_345);
        Exception failure = await session.Failed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        BrokerException overtaken = Assert.IsType<BrokerException>(failure);
        Assert.Equal(ErrorCode.OffsetOutOfRange, overtaken.Error);
        Assert.EndsWith("retention removed offsets 0..12344 before they were read", overtaken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_is_refused_ends_the_session_with_one_line()
    {
        await Fails("a frame of 2147483647 bytes", _ => [0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]);
        await Fails("malformed response", frame =>
        {
            frame[^1] ^= 1;
            return [0, 0, 0, 5, .. frame[4..9]];
        });
        await Fails("bytes behind its end", frame => [.. frame, 0]);
        await Fails("closed the connection", _ => throw new CloseConnectionException());

        static async Task Fails(string cause, Func<byte[], byte[]> mangle)
        {
            using TestBroker broker = new(misbehaviour: new Mangles(mangle));
            using LoadSession session = LoadRun.Session(broker, LoadRun.Scenario());
            session.Start(TestContext.Current.CancellationToken);
            Exception failure = await session.Failed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            Assert.Contains(cause, Assert.IsType<BrokerException>(failure).Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', failure.Message);
        }
    }

    [Fact]
    public void A_response_larger_than_the_buffer_makes_it_grow()
    {
        using TestBroker broker = new();
        ScenarioInfo scenario = LoadRun.Scenario(valueBytes: 10_000, batchBytes: 4 << 20);
        LoadOutcome outcome = LoadRun.Run(broker, scenario with { Producers = scenario.Producers with { LingerSeconds = 1 } }, 2_000);
        Assert.True(outcome.Verification.Passed, string.Join("\n", outcome.Verification.Violations));
        Assert.Contains(broker.Batches(0), static batch => batch.Length > 2 << 20);
    }

    [Fact]
    public void A_damaged_batch_does_not_keep_what_follows_from_being_verified()
    {
        using TestBroker broker = new(misbehaviour: new Fault(0, 5_000, static place =>
        {
            place.Batch.AsSpan(RecordBatch.HeaderBytes).Clear();
            place.Log.Store(place.Batch);
        }));
        LoadOutcome outcome = LoadRun.Run(broker, LoadRun.Scenario(), 100_000);
        Assert.Equal(outcome.Verification.Sent, outcome.Verification.Delivered);
        Assert.InRange(outcome.Verification.Damaged, 1, 2_000);
        Assert.Equal((0L, 0L, 0L), (outcome.Verification.Lost, outcome.Verification.Duplicated, outcome.Verification.Reordered));
    }

    /// <summary>Acknowledges everything and shows the reader nothing.</summary>
    private sealed class Withholds : Misbehaviour
    {
        public override byte[] OnFetched(int partition, long offset, byte[] records) => [];
    }

    /// <summary>Spoils the answers to all fetches but the first.</summary>
    private sealed class Mangles(Func<byte[], byte[]> mangle) : Misbehaviour
    {
        private int _fetches;

        public override byte[]? OnAnswer(ApiKey api, byte[] frame) =>
            api == ApiKey.Fetch && Interlocked.Increment(ref _fetches) > 1 ? mangle(frame) : frame;
    }
}
