using Engine.Linux;
using Engine.Wire;

namespace Harness.Load.Tests;

public sealed class NativeProducerTests : IDisposable
{
    private readonly ScriptedTransport _transport = new();
    private readonly Verifier _verifier = new(new VerifierOptions
    {
        Seed = 42,
        ValueBytes = 30,
        Partitions = 3,
        Producers = 1,
        Groups = 0,
        Acks = Acks.Leader,
    });

    public void Dispose() => _transport.Dispose();

    [Fact]
    public void Nothing_leaves_before_the_batch_is_full_or_has_lingered()
    {
        using NativeProducer producer = Producer(lingerMs: 10_000);
        Send(producer, 0, 10);
        producer.Pump();
        Assert.Empty(_transport.Frames);
    }

    [Fact]
    public void A_batch_that_has_lingered_leaves_with_what_it_holds()
    {
        using NativeProducer producer = Producer(lingerMs: 0);
        Send(producer, 0, 10);
        Send(producer, 2, 5);
        producer.Pump();
        Assert.Equal([(0, 10), (2, 5)], _transport.Frames.Select(Describe).Order());
    }

    [Fact]
    public void While_as_many_as_may_be_are_in_flight_a_batch_takes_messages_whatever_its_linger()
    {
        using NativeProducer producer = Producer(lingerMs: 0, inFlight: 1);
        Send(producer, 0, 10);
        producer.Pump();
        for (int i = 0; i < 7; i++)
        {
            Send(producer, 0, 5);
            Send(producer, 2, 1);
            producer.Pump();
        }

        Assert.Equal([(0, 10)], _transport.Frames.Select(Describe));
        _transport.Answer(0, 0);
        producer.Pump();
        Assert.Equal([(0, 10), (0, 35)], _transport.Frames.Select(Describe));
        _transport.Answer(1, 10);
        producer.Pump();
        Assert.Equal([(0, 10), (0, 35), (2, 7)], _transport.Frames.Select(Describe));
    }

    [Fact]
    public void A_batch_that_holds_as_many_records_as_it_may_leaves_at_once()
    {
        using NativeProducer producer = Producer(lingerMs: 10_000, batchRecords: 30);
        Send(producer, 0, 95);
        producer.Pump();
        Assert.Equal([(0, 30), (0, 30), (0, 30)], _transport.Frames.Select(Describe));
    }

    [Fact]
    public void A_wait_is_no_longer_than_the_linger()
    {
        using NativeProducer producer = Producer(lingerMs: 20);
        Send(producer, 0, 1);
        long begin = MonotonicClock.Nanos();
        while (_transport.Frames.Count == 0)
        {
            producer.Pump(100_000_000);
        }

        Assert.True(MonotonicClock.Nanos() - begin >= 20_000_000);
    }

    [Fact]
    public void A_full_batch_leaves_at_once_and_holds_the_messages_as_they_were_sent()
    {
        using NativeProducer producer = Producer(batchBytes: 1000);
        Send(producer, 1, 100);
        Assert.NotEmpty(_transport.Frames);
        long sequence = 0;
        foreach (byte[] batch in _transport.Frames.Select(Batch))
        {
            Assert.InRange(batch.Length, 900, 1000);
            Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
            foreach (byte[] value in BatchSurgery.Values(batch))
            {
                byte[] expected = new byte[30 + RecordBatchBuilder.ScratchBytes];
                new ValueRun(new ValueStream(42, 0, 1), BitConverter.ToInt64(value, 12), 30).Value(sequence++).Write(ref expected[0]);
                Assert.Equal(expected[..30], value);
            }
        }
    }

    [Fact]
    public void No_more_requests_are_unanswered_than_allowed_and_then_there_is_no_room()
    {
        using NativeProducer producer = Producer(batchBytes: 1000, inFlight: 2);
        while (TrySend(producer, 0))
        {
        }

        Assert.Equal(2, _transport.Frames.Count);
        Assert.True(producer.InFlight.IsFull);
        _transport.Answer(0, 0);
        producer.Pump();
        producer.Pump();
        Assert.Equal(3, _transport.Frames.Count);
        Assert.True(TrySend(producer, 0));
    }

    [Fact]
    public void A_frame_goes_on_where_the_connection_stopped_taking_it()
    {
        using NativeProducer producer = Producer(batchBytes: 1000, lingerMs: 10_000);
        _transport.Room = 100;
        Send(producer, 0, 60);
        Assert.Empty(_transport.Frames);
        for (int i = 0; i < 10; i++)
        {
            _transport.Room = 333;
            producer.Pump();
        }

        Assert.Equal(2, _transport.Frames.Count);
        Assert.All(_transport.Frames, frame => Assert.Equal(BatchFault.None, RecordBatch.Check(Batch(frame))));
    }

    [Fact]
    public void Answers_are_understood_in_whatever_pieces_they_come()
    {
        using NativeProducer producer = Producer(batchBytes: 1000, lingerMs: 10_000);
        Send(producer, 0, 60);
        _transport.Piece = 3;
        _transport.Answer(0, 100);
        _transport.Answer(1, 200);
        for (int i = 0; i < 100; i++)
        {
            producer.Pump();
        }

        Assert.Equal(_transport.Frames.Sum(frame => Describe(frame).Count), producer.Acknowledged.MessageCount);
        Assert.Equal(2, _transport.Frames.Count);
    }

    [Fact]
    public void Flush_sends_what_is_open_and_waits_for_its_answers()
    {
        using NativeProducer producer = Producer(lingerMs: 10_000);
        Send(producer, 0, 10);
        Assert.False(producer.Flush(MonotonicClock.Nanos(), CancellationToken.None));
        _transport.Answer(0, 0);
        Assert.True(producer.Flush(MonotonicClock.Nanos() + 1_000_000_000, CancellationToken.None));
        Assert.True(producer.IsIdle);
        Assert.Equal(10, producer.Acknowledged.MessageCount);
    }

    [Fact]
    public void Without_acknowledgements_what_was_handed_over_is_done_with()
    {
        using NativeProducer producer = Producer(batchBytes: 1000, inFlight: 1, acks: Acks.None);
        Send(producer, 0, 1000);
        Assert.True(producer.Flush(MonotonicClock.Nanos() + 1_000_000_000, CancellationToken.None));
        Assert.Equal(0, producer.Acknowledged.MessageCount);
        Assert.Equal(1000, _transport.Frames.Sum(frame => Describe(frame).Count));
    }

    [Fact]
    public void Publish_latency_counts_the_messages_of_the_window_by_their_stamps()
    {
        CountedWindow window = new();
        long now = MonotonicClock.Nanos();
        using NativeProducer producer = Producer(window: window);
        foreach (long stamp in new[] { now - 3_000_000, now - 2_000_000, now - 2_000_000, now - 1_000_000 })
        {
            Assert.True(TrySend(producer, 0, stamp));
        }

        window.Begin(now - 2_000_000);
        window.End(now - 1_000_000);
        _transport.Answer(0, 0);
        Assert.True(producer.Flush(now + 1_000_000_000, CancellationToken.None));
        Assert.Equal(2, producer.PublishLatency.Count);
        Assert.True(producer.PublishLatency.MinMicros >= 2000);
    }

    [Fact]
    public void Behind_the_seal_is_counted_from_the_linger_of_the_first_message_and_of_later_messages_from_their_stamp()
    {
        CountedWindow window = new();
        long now = MonotonicClock.Nanos();
        window.Begin(now - 100_000_000_000);
        using NativeProducer producer = Producer(lingerMs: 10_000, window: window);
        // Due to be sealed 40 s ago; it comes late, and the last message has joined meanwhile.
        foreach (long agoMs in new[] { 50_000, 48_000, 42_000, 30_000 })
        {
            Assert.True(TrySend(producer, 0, now - (agoMs * 1_000_000)));
        }

        _transport.Answer(0, 0);
        Assert.True(producer.Flush(now + 30_000_000_000, CancellationToken.None));
        Assert.Equal(4, producer.SealedPublishLatency.Count);
        Assert.InRange(producer.SealedPublishLatency.MinMicros, 30_000_000, 39_000_000);
        Assert.InRange(producer.SealedPublishLatency.MaxMicros, 40_000_000, 49_000_000);
        Assert.InRange(producer.SealedPublishLatency.MeanMicros, 37_500_000, 46_500_000);
        Assert.True(producer.PublishLatency.MaxMicros >= 50_000_000);
    }

    [Fact]
    public void A_full_batch_was_due_to_be_sealed_with_the_message_that_found_it_full()
    {
        CountedWindow window = new();
        long now = MonotonicClock.Nanos();
        window.Begin(now - 100_000_000_000);
        using NativeProducer producer = Producer(lingerMs: 90_000, batchRecords: 2, window: window);
        foreach (long agoMs in new[] { 50_000, 40_000, 30_000 })
        {
            Assert.True(TrySend(producer, 0, now - (agoMs * 1_000_000)));
        }

        _transport.Answer(0, 0);
        producer.Pump();
        Assert.Equal(2, producer.SealedPublishLatency.Count);
        Assert.InRange(producer.SealedPublishLatency.MinMicros, 30_000_000, 39_000_000);
        Assert.InRange(producer.SealedPublishLatency.MaxMicros, 30_000_000, 39_000_000);
    }

    [Fact]
    public void A_batch_that_is_sealed_before_its_time_was_due_when_it_was()
    {
        CountedWindow window = new();
        long now = MonotonicClock.Nanos();
        window.Begin(now - 100_000_000_000);
        using NativeProducer producer = Producer(lingerMs: 90_000, window: window);
        Assert.True(TrySend(producer, 0, now - 5_000_000_000));
        _transport.Answer(0, 0);
        long before = MonotonicClock.Nanos();
        Assert.True(producer.Flush(now + 30_000_000_000, CancellationToken.None));
        long spentMicros = (MonotonicClock.Nanos() - before) / 1000;
        Assert.Equal(1, producer.SealedPublishLatency.Count);
        Assert.True(producer.SealedPublishLatency.MinMicros <= spentMicros);
    }

    [Fact]
    public void The_time_the_window_was_full_is_counted_within_the_counted_window_only()
    {
        CountedWindow window = new();
        InFlightWindow inFlight = new(2, window);
        inFlight.Enter(10);
        inFlight.Enter(100);
        window.Begin(200);
        inFlight.Leave(300);
        Assert.Equal(100, inFlight.FullNanos);
        inFlight.Enter(400);
        window.End(450);
        inFlight.Leave(500);
        Assert.Equal(150, inFlight.FullNanos);
        inFlight.Enter(600);
        inFlight.Close(700);
        Assert.Equal(150, inFlight.FullNanos);
    }

    [Fact]
    public void A_value_that_fits_no_batch_is_refused()
    {
        using NativeProducer producer = Producer(batchBytes: 80);
        Assert.Throws<ArgumentException>(() => TrySend(producer, 0));
    }

    [Fact]
    public void Answers_that_are_none_of_the_protocols_fail_with_one_line()
    {
        Fails("came where that to 0 was due", t => t.Answer(7, 0));
        Fails("names partition 2", t => t.Answer(0, 0, partition: 2));
        Fails("MESSAGE_TOO_LARGE (10)", t => t.Answer(0, -1, error: ErrorCode.MessageTooLarge));
        Fails("error code (999)", t => t.Answer(0, -1, error: (ErrorCode)999));
        Fails("malformed response", t => t.AnswerRaw([0, 0, 0, 6, 0, 0, 0, 0, 0, 0]));
        Fails("a frame of -1 bytes", t => t.AnswerRaw([0xFF, 0xFF, 0xFF, 0xFF]));
        Fails("a frame of 16777216 bytes", t => t.AnswerRaw([1, 0, 0, 0]));
        Fails("no request waits for", t =>
        {
            t.Answer(0, 0);
            t.Answer(1, 0);
        });

        void Fails(string cause, Action<ScriptedTransport> answer)
        {
            ScriptedTransport transport = new();
            using NativeProducer producer = Producer(lingerMs: 0, transport: transport);
            Send(producer, 0, 1);
            answer(transport);
            BrokerException failure = Assert.Throws<BrokerException>(() =>
            {
                for (int i = 0; i < 3; i++)
                {
                    producer.Pump();
                }
            });
            Assert.Contains(cause, failure.Message, StringComparison.Ordinal);
            Assert.Contains("Produce", failure.Message, StringComparison.Ordinal);
            Assert.Contains("broker:9092", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', failure.Message);
        }
    }

    [Fact]
    public void A_request_that_is_never_answered_fails_in_time()
    {
        using NativeProducer producer = Producer(lingerMs: 0, timeoutMs: 20);
        Send(producer, 0, 1);
        long deadline = MonotonicClock.Nanos() + 10_000_000_000;
        BrokerException failure = Assert.Throws<BrokerException>(() =>
        {
            while (MonotonicClock.Nanos() < deadline)
            {
                producer.Pump(1_000_000);
            }
        });
        Assert.Contains("no answer within 20 ms", failure.Message, StringComparison.Ordinal);
    }

    private NativeProducer Producer(
        int batchBytes = 16 * 1024,
        long lingerMs = 5,
        int inFlight = 5,
        Acks acks = Acks.Leader,
        int timeoutMs = 30_000,
        CountedWindow? window = null,
        ScriptedTransport? transport = null,
        int batchRecords = int.MaxValue) => new(
            new ProducerOptions
            {
                ProducerIndex = 0,
                Topic = "test",
                Partitions = 3,
                BatchBytes = batchBytes,
                BatchRecords = batchRecords,
                LingerNanos = lingerMs * 1_000_000,
                Acks = acks,
                InFlight = inFlight,
                RequestTimeoutMs = timeoutMs,
            },
            transport ?? _transport,
            _verifier.Producer(0),
            window ?? new CountedWindow());

    private static void Send(NativeProducer producer, int partition, int count)
    {
        for (int i = 0; i < count; i++)
        {
            long stamp = MonotonicClock.Nanos();
            producer.Send(partition, Value(producer, partition, stamp), stamp);
        }
    }

    private static bool TrySend(NativeProducer producer, int partition, long stamp = 1) =>
        producer.TrySend(partition, Value(producer, partition, stamp), stamp);

    private static GeneratedValue Value(NativeProducer producer, int partition, long stamp) =>
        new ValueRun(new ValueStream(42, 0, partition), stamp, 30).Value(producer.NextSequence(partition));

    private static (int Partition, int Count) Describe(byte[] frame)
    {
        (int partition, byte[] batch) = Open(frame);
        return (partition, RecordBatch.RecordCount(batch));
    }

    private static byte[] Batch(byte[] frame) => Open(frame).Batch;

    private static (int Partition, byte[] Batch) Open(byte[] frame)
    {
        WireReader reader = new(frame);
        RequestHeader header = RequestHeader.Read(ref reader);
        Assert.Equal((short)ApiKey.Produce, header.Key);
        RequestHeader.ReadRest(ref reader, flexible: false);
        ProduceRequestReader request = new(reader);
        Assert.True(request.NextTopic(out _, out int partitions));
        Assert.Equal(1, partitions);
        Assert.True(request.NextPartition(out int partition, out int at, out int length));
        Assert.Equal(frame.Length, at + length);
        return (partition, frame[at..]);
    }
}
