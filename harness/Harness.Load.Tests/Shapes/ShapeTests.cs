using Engine.Linux;
using Engine.Wire;
using Results;

namespace Harness.Load.Tests;

/// <summary>The shapes on a transport that does as it is told. A phase that lies in the past has all its messages due at once.</summary>
public sealed class ShapeTests : IDisposable
{
    private const long Milli = 1_000_000;
    private const long Second = 1_000_000_000;
    private const int ValueBytes = 30;

    private readonly ScriptedTransport _transport = new();
    private readonly CountedWindow _window = new();
    private readonly CancellationTokenSource _stop = new();
    private int _answered;
    private long _nextOffset;

    public void Dispose()
    {
        _transport.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [InlineData(1_000.5, 3, 1)]
    [InlineData(10_000, 1, 2)]
    public void An_open_schedules_stamps_are_its_due_times_however_late_it_is(double rate, int producers, int partitions)
    {
        long begin = MonotonicClock.Nanos() - (10 * Second);
        for (int i = 0; i < producers; i++)
        {
            using NativeProducer producer = Producer(Acks.None, partitions: partitions);
            OpenShape shape = new(Feed(i, partitions), new EvenDueTimes(rate, i, producers), new ScheduleKeeper(_window));
            shape.Run(producer, begin, begin + (3 * Second), Nothing, CancellationToken.None);
            Assert.True(producer.Flush(long.MaxValue, CancellationToken.None));
        }

        decimal exact = (decimal)rate;
        IEnumerable<long> due = Enumerable.Range(0, (int)Math.Ceiling(3 * rate)).Select(g => begin + (long)(g * 1e9m / exact));
        Assert.Equal(due, Stamps().Order());
    }

    [Fact]
    public void Batches_that_linger_turn_to_the_next_partition_like_those_that_are_full()
    {
        using NativeProducer producer = Producer(Acks.None, lingerNanos: 0, partitions: 3);
        MessageFeed feed = Feed(0, 3);
        for (int i = 0; i < 3; i++)
        {
            long begin = MonotonicClock.Nanos() - Milli;
            new OpenShape(feed, new EvenDueTimes(1_000, 0, 1), new ScheduleKeeper(_window)).Run(producer, begin, begin + Milli, Nothing, CancellationToken.None);
            Assert.True(producer.Flush(long.MaxValue, CancellationToken.None));
        }

        Assert.Equal([0, 1, 2], _transport.Frames.Select(static frame => Open(frame).Partition));
        Assert.Equal(3, Stamps().Count);
    }

    [Fact]
    public void A_message_is_not_sent_before_it_is_due()
    {
        using NativeProducer producer = Producer(Acks.None, lingerNanos: 0);
        List<long> taken = [];
        _transport.OnSend = () => taken.Add(MonotonicClock.Nanos());
        OpenShape shape = new(Feed(0, 1), new EvenDueTimes(500, 0, 1), new ScheduleKeeper(_window));
        long begin = MonotonicClock.Nanos() + (5 * Milli);
        shape.Run(producer, begin, begin + (20 * Milli), Nothing, CancellationToken.None);
        Assert.True(MonotonicClock.Nanos() >= begin + (20 * Milli));
        Assert.Equal(10, Stamps().Count);
        Assert.True(taken[0] >= begin);
    }

    [Fact]
    public void A_generator_that_stalls_is_late_and_says_so()
    {
        long begin = MonotonicClock.Nanos();
        _window.Plan(begin, begin + (60 * Milli));
        bool stalled = false;
        _transport.OnSend = () =>
        {
            if (!stalled)
            {
                stalled = true;
                Thread.Sleep(20);
            }
        };
        using NativeProducer producer = Producer(Acks.None, lingerNanos: Milli);
        ScheduleKeeper keeper = new(_window);
        OpenShape shape = new(Feed(0, 1), new EvenDueTimes(10_000, 0, 1), keeper);
        shape.Run(producer, begin, begin + (60 * Milli), Nothing, CancellationToken.None);
        ScheduleInfo info = ScheduleKeeper.Merge([keeper]);
        Assert.Equal((600L, 600L, 0L), (info.OfferedMessages, info.SentMessages, info.HeldUpMessages));
        Assert.True(info.LateMessages >= 150, $"{info}");
        Assert.True(info.LateMaxMicros >= 15_000, $"{info}");
        Assert.False(info.Held);
    }

    [Fact]
    public void A_broker_that_stalls_holds_messages_up_and_the_schedule_goes_on()
    {
        long begin = MonotonicClock.Nanos();
        _window.Plan(begin, begin + (60 * Milli));

        // Nothing is answered at first: the buffers hold eight batches of 20 or 21 messages.
        using NativeProducer producer = Producer(Acks.Leader, lingerNanos: Second, batchBytes: 61 + (20 * 40));
        long fullNanos = 0;
        _transport.OnWait = AnswerLater;
        ScheduleKeeper keeper = new(_window);
        OpenShape shape = new(Feed(0, 1), new EvenDueTimes(20_000, 0, 1), keeper);
        shape.Run(producer, begin, begin + (60 * Milli), AnswerLater, CancellationToken.None);
        Assert.True(FlushAnswering(producer));
        ScheduleInfo info = ScheduleKeeper.Merge([keeper]);
        Assert.Equal((1_200L, 1_200L), (info.OfferedMessages, info.SentMessages));
        Assert.True(info.HeldUpMessages >= 500, $"{info}");
        Assert.Equal(Enumerable.Range(0, 1_200).Select(g => begin + (g * 50_000L)), Stamps());

        void AnswerLater()
        {
            if (fullNanos == 0 && producer.UnfinishedMessages >= 160)
            {
                fullNanos = MonotonicClock.Nanos();
            }

            if (fullNanos > 0 && MonotonicClock.Nanos() > fullNanos + (30 * Milli))
            {
                AnswerAll();
            }
        }
    }

    [Fact]
    public void A_stop_ends_an_open_schedule_that_finds_no_room_and_tells_what_was_offered()
    {
        long begin = MonotonicClock.Nanos() - Second;
        _window.Plan(begin, begin + (Second / 2));
        _transport.OnWait = _stop.Cancel;
        using NativeProducer producer = Producer(Acks.Leader, batchBytes: 61 + (20 * 40));
        ScheduleKeeper keeper = new(_window);
        new OpenShape(Feed(0, 1), new EvenDueTimes(1_000, 0, 1), keeper).Run(producer, begin, begin + Second, Nothing, _stop.Token);
        ScheduleInfo info = ScheduleKeeper.Merge([keeper]);
        Assert.Equal(500, info.OfferedMessages);
        Assert.InRange(info.SentMessages, 100, 300);
        Assert.True(info.HeldUpMessages >= 500 - info.SentMessages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public void A_closed_loop_keeps_its_copies_outstanding_and_never_more(int copies)
    {
        using NativeProducer producer = Producer(Acks.Leader, lingerNanos: 0, batchBytes: 61 + (20 * 40));
        long most = 0;
        long full = 0;
        _transport.OnSend = () => most = Math.Max(most, producer.UnfinishedMessages);
        _transport.OnWait = () =>
        {
            most = Math.Max(most, producer.UnfinishedMessages);
            full += producer.UnfinishedMessages == Math.Min(copies, 160) ? 1 : 0;
            AnswerAll();
        };
        new KeepConstantShape(Feed(0, 1), Backlog.None, copies).Run(
            producer,
            0,
            MonotonicClock.Nanos() + (30 * Second),
            () =>
            {
                if (producer.Acknowledged.MessageCount >= 20 * copies)
                {
                    _stop.Cancel();
                }
            },
            _stop.Token);
        Assert.InRange(most, Math.Min(copies, 100), copies);
        Assert.True(full > 0 || copies > 100);
        Assert.True(producer.Acknowledged.MessageCount >= 20 * copies);
    }

    [Fact]
    public void Without_acknowledgements_a_copy_sends_again_when_its_message_is_handed_over()
    {
        using NativeProducer producer = Producer(Acks.None, lingerNanos: 0);
        new KeepConstantShape(Feed(0, 1), Backlog.None, 3).Run(
            producer,
            0,
            MonotonicClock.Nanos() + (30 * Second),
            () =>
            {
                Assert.InRange(producer.UnfinishedMessages, 0, 3);
                if (producer.Sent.MessageCount >= 60)
                {
                    _stop.Cancel();
                }
            },
            _stop.Token);
        Assert.All(_transport.Frames, static frame => Assert.InRange(RecordBatch.RecordCount(Open(frame).Batch), 1, 3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_share_of_no_copies_and_a_pause_send_nothing_but_what_lingers(int copies)
    {
        using NativeProducer producer = Producer(Acks.None, lingerNanos: 5 * Milli);
        MessageFeed feed = Feed(0, 1);
        Assert.Equal(3, feed.SendBurst(producer, 1, 3, out _));
        ILoadShape shape = copies < 0 ? new PauseShape() : new KeepConstantShape(feed, Backlog.None, copies);
        long begin = MonotonicClock.Nanos();
        shape.Run(producer, begin, begin + (100 * Milli), Nothing, CancellationToken.None);
        Assert.True(MonotonicClock.Nanos() >= begin + (100 * Milli));
        Assert.Equal(3, producer.Sent.MessageCount);
        Assert.Equal(3, RecordBatch.RecordCount(Open(Assert.Single(_transport.Frames)).Batch));
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(2, 5)]
    [InlineData(1, 1)]
    public void The_shares_of_the_copies_are_all_of_them_and_as_even_as_can_be(int copies, int producers)
    {
        int[] shares = [.. Enumerable.Range(0, producers).Select(producer => ProducerLoad.Share(copies, producer, producers))];
        Assert.Equal(copies, shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    }

    [Fact]
    public void Warm_up_comes_in_the_first_shape_and_the_last_one_goes_on()
    {
        ScenarioInfo scenario = LoadRun.Scenario() with
        {
            WarmupSeconds = 2,
            Load = [LoadRun.Phase("ramping_inject", 3, 500, 100), LoadRun.Phase("pause", 1), LoadRun.Phase("ramping_inject", 4, 0, 500)],
        };
        LoadPlan plan = LoadPlan.From(scenario);
        Assert.Equal(
            [
                new LoadPhase(PhaseShape.Inject, 2 * Second, 500),
                new LoadPhase(PhaseShape.RampingInject, 3 * Second, 500, 100),
                new LoadPhase(PhaseShape.Pause, Second),
                new LoadPhase(PhaseShape.RampingInject, 4 * Second, 0, 500),
                new LoadPhase(PhaseShape.Pause, LoadPhase.ForEver),
            ],
            plan.Phases);
        Assert.Equal((2 * Second, 8 * Second), (plan.WarmupNanos, plan.CountedNanos));
        Assert.Equal((true, true, false), (plan.IsScheduled, plan.HasOpenPhase, plan.HasClosedPhase));
    }

    private static void Nothing()
    {
    }

    private static MessageFeed Feed(int producer, int partitions) => new(42, producer, partitions, ValueBytes);

    private NativeProducer Producer(Acks acks, long lingerNanos = 5 * Milli, int partitions = 1, int batchBytes = 16 * 1024) => new(
        new ProducerOptions
        {
            ProducerIndex = 0,
            Topic = "test",
            Partitions = partitions,
            BatchBytes = batchBytes,
            LingerNanos = lingerNanos,
            Acks = acks,
            InFlight = 5,
        },
        _transport,
        new Verifier(new VerifierOptions { Seed = 42, ValueBytes = ValueBytes, Partitions = partitions, Producers = 1, Groups = 0, Acks = acks })
            .Producer(0),
        _window);

    /// <summary>The stamps of all messages taken, in the order in which they came.</summary>
    private List<long> Stamps() =>
        [.. _transport.Frames.SelectMany(static frame => BatchSurgery.Values(Open(frame).Batch)).Select(static value => BitConverter.ToInt64(value, 12))];

    private void AnswerAll()
    {
        List<byte[]> frames = _transport.Frames;
        for (; _answered < frames.Count; _answered++)
        {
            _transport.Answer(_answered, _nextOffset);
            _nextOffset += RecordBatch.RecordCount(Open(frames[_answered]).Batch);
        }
    }

    private bool FlushAnswering(NativeProducer producer)
    {
        _transport.OnWait = AnswerAll;
        return producer.Flush(MonotonicClock.Nanos() + (20 * Second), CancellationToken.None);
    }

    private static (int Partition, byte[] Batch) Open(byte[] frame)
    {
        WireReader reader = new(frame);
        RequestHeader.Read(ref reader);
        RequestHeader.ReadRest(ref reader, flexible: false);
        ProduceRequestReader request = new(reader);
        Assert.True(request.NextTopic(out _, out _));
        Assert.True(request.NextPartition(out int partition, out int at, out _));
        return (partition, frame[at..]);
    }
}
