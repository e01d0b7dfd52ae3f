using Engine.Linux;
using Engine.Wire;
using Harness.Measure;

namespace Harness.Load;

/// <summary>
/// A Kafka producer that takes one message at a time. Each is encoded at once into the open batch of its partition; a batch that is full,
/// or has waited for its linger, is sealed and sent behind the earlier ones on one connection, and up to
/// <see cref="ProducerOptions.InFlight"/> requests are unanswered at a time. While so many are, a batch stays open until it is full, whatever its
/// linger: sealed, it would wait all the same, and take no more messages. (Kafka's producer: the same.)
/// <para>
/// Why not a sender thread, as Kafka's clients have: handing batches over costs a wake-up and cold caches, and here there are as many threads
/// as the machine can run already. The one thread that sends also moves the bytes and reads the answers, in <see cref="Pump"/>, which it
/// has to call now and then; nothing waits except <see cref="Send{TValue}"/>, Flush and a Pump that was given time.
/// </para>
/// <para>Belongs to one thread. Buffers are allocated at the start; nothing is in the steady state.</para>
/// </summary>
internal sealed class NativeProducer : IDisposable
{
    /// <summary>The longest wait at one go, so that a thread that waits looks up at least every 100 ms.</summary>
    public const long WaitNanosMax = 100 * NanosPerMilli;

    /// <summary>Batches beyond those in flight and open: filled while the window is full.</summary>
    private const int SpareBatches = 2;

    private const long NanosPerMilli = 1_000_000;
    private const long NanosPerMicro = 1_000;

    private readonly ProducerOptions _options;
    private readonly IProduceTransport _transport;
    private readonly ProducerLedger _ledger;
    private readonly CountedWindow _window;
    private readonly Accumulator[] _accumulators;
    private readonly Stack<ProducerBatch> _free;
    private readonly Stack<byte[]> _buffers;

    /// <summary>Those with an open batch, the one that was opened first in front.</summary>
    private readonly LinkedList<Accumulator> _open = [];
    private readonly Queue<ProducerBatch> _sealed;
    private readonly Queue<ProducerBatch> _inFlight;
    private readonly ResponseBuffer _responses;
    private readonly BatchSealer _sealer;
    private readonly WireBuffer _scratch = new(512);
    private readonly long _wallMinusMonotonicMs;
    private int _correlationId;
    private long _finishedMessages;

    public NativeProducer(ProducerOptions options, IProduceTransport transport, ProducerLedger ledger, CountedWindow window)
    {
        options.Check();
        _options = options;
        _transport = transport;
        _ledger = ledger;
        _window = window;
        InFlight = new InFlightWindow(options.InFlight, window);
        _responses = new ResponseBuffer(transport.Address);
        _sealer = new BatchSealer(options.Compression, options.BatchBytes);
        _wallMinusMonotonicMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (MonotonicClock.Nanos() / NanosPerMilli);
        int batches = options.InFlight + options.Partitions + SpareBatches;
        _free = new Stack<ProducerBatch>(batches);
        _buffers = new Stack<byte[]>(batches);
        _sealed = new Queue<ProducerBatch>(batches);
        _inFlight = new Queue<ProducerBatch>(batches);
        ProduceClient.WriteBeforeBatch(
            _scratch, 0, options.ClientId, options.Acks, options.RequestTimeoutMs, options.Topic, 0, options.BatchBytes);
        for (int i = 0; i < batches; i++)
        {
            _free.Push(new ProducerBatch(_scratch.Length, options.BatchBytes, options.StampsPerBatch));
            _buffers.Push(ProducerBatch.CreateBuffer(_scratch.Length, _sealer.RoomBytes));
        }

        _accumulators = new Accumulator[options.Partitions];
        for (int i = 0; i < _accumulators.Length; i++)
        {
            _accumulators[i] = new Accumulator(i);
        }
    }

    public FlowCounters Sent { get; } = new();

    public FlowCounters Acknowledged { get; } = new();

    public InFlightWindow InFlight { get; }

    /// <summary>From the stamp to the acknowledgement, of messages whose stamp lies in the counted window.</summary>
    public LatencyRecorder PublishLatency { get; } = new();

    /// <summary>Of the same messages from when their batch was due to be sealed, of those stamped later from the stamp, to the acknowledgement.</summary>
    public LatencyRecorder SealedPublishLatency { get; } = new();

    /// <summary>True when every message has been acknowledged or, with acks none, handed to the connection.</summary>
    public bool IsIdle => _sealed.Count == 0 && _inFlight.Count == 0 && _open.Count == 0;

    /// <summary>Messages counted as sent that are not acknowledged yet or, with acks none, not handed to the connection.</summary>
    public long UnfinishedMessages => Sent.MessageCount - _finishedMessages;

    /// <summary>True when nothing lingers: a message goes with the next <see cref="Pump"/>.</summary>
    public bool SendsAtOnce => _options.LingerNanos == 0;

    /// <summary>True while messages to a partition go into a batch that has begun.</summary>
    public bool HasOpenBatch(int partition) => _accumulators[partition].Batch is not null;

    /// <summary>The sequence of the next message to a partition: how many it has taken so far.</summary>
    public long NextSequence(int partition) => _accumulators[partition].NextSequence;

    /// <summary>
    /// Gets ready for messages to a partition that carry one stamp: they are then sent one by one with
    /// <see cref="PartitionSender.TrySend{TValue}"/>. False when every buffer is filled or on its way; <see cref="Pump"/> waits for one.
    /// Never waits.
    /// </summary>
    /// <param name="stampNanos">When the messages were (to be) sent, by <see cref="MonotonicClock"/>.</param>
    public bool TryOpen(int partition, long stampNanos, out PartitionSender sender)
    {
        Accumulator accumulator = _accumulators[partition];
        sender = new PartitionSender(accumulator.Builder, _options.BatchRecords);
        return accumulator.StampNanos == stampNanos || TryBeginRun(accumulator, stampNanos);
    }

    /// <summary>Sends a partition's batch on its way, because a message did not fit any more.</summary>
    /// <param name="valueBytes">The message's.</param>
    public void SealFull(int partition, int valueBytes)
    {
        Accumulator accumulator = _accumulators[partition];
        if (accumulator.Builder.Count == 0)
        {
            throw new ArgumentException($"a value of {valueBytes} bytes does not fit a batch of {_options.BatchBytes}");
        }

        // Full with a message that is due already, so that the clock has nothing to say.
        Seal(accumulator, full: true, long.MaxValue);
        Transmit(MonotonicClock.Nanos());
        ReadAnswers();
    }

    /// <summary>Takes one message; false when there is no room for it. Never waits.</summary>
    public bool TrySend<TValue>(int partition, scoped in TValue value, long stampNanos)
        where TValue : struct, IRecordValue, allows ref struct
    {
        while (TryOpen(partition, stampNanos, out PartitionSender sender))
        {
            if (sender.TrySend(value))
            {
                return true;
            }

            SealFull(partition, value.Length);
        }

        return false;
    }

    /// <summary>Takes one message, waiting while there is no room for it.</summary>
    public void Send<TValue>(int partition, scoped in TValue value, long stampNanos)
        where TValue : struct, IRecordValue, allows ref struct
    {
        while (!TrySend(partition, value, stampNanos))
        {
            Pump(WaitNanosMax);
        }

        Sent.AddMessages(1);
    }

    /// <summary>
    /// Seals what has lingered, sends what is sealed and reads what was answered. Given time, waits for the connection if there was
    /// nothing to do, no longer than to the next batch's linger.
    /// </summary>
    public void Pump(long timeoutNanos = 0)
    {
        if (!Move() && timeoutNanos > 0)
        {
            long untilLinger = MayGo ? Math.Max(0, NextLingerNanos - MonotonicClock.Nanos()) : timeoutNanos;
            _transport.Wait(forSending: HasUnsent, Math.Min(timeoutNanos, untilLinger));
            Move();
        }
    }

    /// <summary>Seals everything and waits until it is acknowledged; false when the deadline comes first.</summary>
    public bool Flush(long deadlineNanos, CancellationToken cancellation)
    {
        while (!IsIdle)
        {
            cancellation.ThrowIfCancellationRequested();
            long nowNanos = MonotonicClock.Nanos();
            while (_open.First is { } oldest)
            {
                Seal(oldest.Value, full: false, nowNanos);
            }

            if (nowNanos >= deadlineNanos)
            {
                return false;
            }

            Pump(WaitNanosMax);
        }

        return true;
    }

    public void Dispose()
    {
        _transport.Dispose();
        _sealer.Dispose();
    }

    /// <summary>True when a batch that is sealed now goes now.</summary>
    private bool MayGo => InFlight.Count + _sealed.Count < _options.InFlight;

    /// <summary>When the next linger is over.</summary>
    private long NextLingerNanos => _open.First is { } oldest ? oldest.Value.Batch!.OpenedNanos + _options.LingerNanos : long.MaxValue;

    private bool HasUnsent => _sealed.TryPeek(out ProducerBatch? next) && (next.FrameBytesSent > 0 || !InFlight.IsFull);

    /// <summary>Sends what is sealed, reads what was answered, and seals and sends what has lingered; true when there was anything.</summary>
    private bool Move()
    {
        long nowNanos = MonotonicClock.Nanos();
        bool moved = SendDue(nowNanos);
        if (ReadAnswers())
        {
            SendDue(nowNanos);
            moved = true;
        }

        return moved;
    }

    /// <summary>Seals, oldest first, as many batches whose linger is over as may go, and sends what is sealed; true when any of it went.</summary>
    private bool SendDue(long nowNanos)
    {
        while (MayGo && NextLingerNanos <= nowNanos)
        {
            Seal(_open.First!.Value, full: false, nowNanos);
        }

        return Transmit(nowNanos);
    }

    private bool TryBeginRun(Accumulator accumulator, long stampNanos)
    {
        long timestampMs = _wallMinusMonotonicMs + (stampNanos / NanosPerMilli);
        if (accumulator.Batch is null)
        {
            if (!_free.TryPop(out ProducerBatch? batch))
            {
                return false;
            }

            long nowNanos = MonotonicClock.Nanos();
            batch.Open(_buffers.Pop(), accumulator.Builder, accumulator.Partition, accumulator.NextSequence, nowNanos, timestampMs);
            accumulator.Batch = batch;
            accumulator.TimestampMs = timestampMs;
            _open.AddLast(accumulator.Node);
        }

        accumulator.Batch.BeginRun(stampNanos, accumulator.Builder.Count);
        accumulator.StampNanos = stampNanos;
        if (timestampMs != accumulator.TimestampMs)
        {
            // Only a timestamp that changes keeps the next record from being framed like the last.
            accumulator.TimestampMs = timestampMs;
            accumulator.Builder.SetTimestamp(timestampMs);
        }

        return true;
    }

    private void Seal(Accumulator accumulator, bool full, long nowNanos)
    {
        ProducerBatch batch = accumulator.Batch!;
        accumulator.Batch = null;
        _open.Remove(accumulator.Node);
        accumulator.StampNanos = Accumulator.NoStamp;
        if (accumulator.Builder.Count == 0)
        {
            _buffers.Push(batch.TakeBuffer());
            _free.Push(batch);
            return;
        }

        batch.Seal(accumulator.Builder, _sealer, _scratch, _options, _correlationId++);
        accumulator.FirstSequence += batch.Count;
        batch.SetSealDue(full, _options.LingerNanos, nowNanos);
        Sent.AddBatch(batch.BatchBytes);
        _ledger.SealDue(batch.Partition, batch.FirstSequence, accumulator.FirstSequence, batch.SealDueNanos);
        _ledger.Sent(batch.Partition, accumulator.FirstSequence);
        _sealed.Enqueue(batch);
    }

    /// <summary>Hands sealed batches to the connection until it takes no more; true when it took anything.</summary>
    private bool Transmit(long nowNanos)
    {
        bool moved = false;
        while (_sealed.TryPeek(out ProducerBatch? batch))
        {
            if (batch.FrameBytesSent == 0)
            {
                if (InFlight.IsFull)
                {
                    break;
                }

                batch.SentNanos = nowNanos;
            }

            int sent = _transport.Send(batch.Unsent);
            if (sent == 0)
            {
                break;
            }

            moved = true;
            if (batch.FrameBytesSent == 0)
            {
                InFlight.Enter(nowNanos);
            }

            batch.FrameBytesSent += sent;
            if (batch.FrameBytesSent < batch.FrameBytes)
            {
                continue;
            }

            _sealed.Dequeue();
            _buffers.Push(batch.TakeBuffer());
            if (_options.Acks == Acks.None)
            {
                InFlight.Leave(nowNanos);
                _finishedMessages += batch.Count;
                _free.Push(batch);
            }
            else
            {
                _inFlight.Enqueue(batch);
            }
        }

        return moved;
    }

    /// <summary>Reads answers without waiting; true when there were any.</summary>
    private bool ReadAnswers()
    {
        int received = _transport.Receive(_responses.Free);
        if (received == 0)
        {
            CheckTimeout();
            return false;
        }

        long nowNanos = MonotonicClock.Nanos();
        _responses.Received(received);
        while (_responses.TryTakeFrame(out ReadOnlySpan<byte> frame))
        {
            Answered(frame, nowNanos);
        }

        return true;
    }

    private void Answered(ReadOnlySpan<byte> frame, long nowNanos)
    {
        if (!_inFlight.TryDequeue(out ProducerBatch? batch))
        {
            throw Failed("an answer came that no request waits for");
        }

        ProduceResult result;
        try
        {
            WireReader reader = new(frame);
            int correlationId = Frames.ReadResponseHeader(ref reader, ApiKey.Produce, ProduceClient.Version);
            if (correlationId != batch.CorrelationId)
            {
                throw Failed($"the answer to request {correlationId} came where that to {batch.CorrelationId} was due", batch.Partition);
            }

            result = ProduceClient.ReadResult(ref reader);
        }
        catch (WireFormatException malformed)
        {
            throw Failed($"malformed response: {malformed.Message}", batch.Partition);
        }

        if (result.Partition != batch.Partition)
        {
            throw Failed($"the answer names partition {result.Partition}", batch.Partition);
        }

        if (result.Error != ErrorCode.None)
        {
            throw BrokerException.Answered(_transport.Address, "Produce", batch.Partition, result.Error);
        }

        InFlight.Leave(nowNanos);
        RecordLatency(batch, nowNanos);
        _finishedMessages += batch.Count;
        Acknowledged.AddMessages(batch.Count);
        Acknowledged.AddBatch(batch.BatchBytes);
        _ledger.Acknowledged(batch.Partition, result.BaseOffset, batch.FirstSequence, batch.Count);
        _free.Push(batch);
    }

    private void RecordLatency(ProducerBatch batch, long nowNanos)
    {
        long begin = _window.BeginNanos;
        long end = _window.EndNanos;
        long sealDue = batch.SealDueNanos;
        int sealedInWindow = 0;
        ReadOnlySpan<StampRun> runs = batch.Runs;
        for (int i = 0; i < runs.Length; i++)
        {
            long stamp = runs[i].StampNanos;
            if (stamp < begin || stamp >= end)
            {
                continue;
            }

            int messages = batch.RunLength(i);
            PublishLatency.Record((nowNanos - stamp) / NanosPerMicro, messages);
            if (stamp <= sealDue)
            {
                sealedInWindow += messages;
            }
            else
            {
                SealedPublishLatency.Record((nowNanos - stamp) / NanosPerMicro, messages);
            }
        }

        SealedPublishLatency.Record((nowNanos - sealDue) / NanosPerMicro, sealedInWindow);
    }

    private void CheckTimeout()
    {
        if (_inFlight.TryPeek(out ProducerBatch? oldest)
            && MonotonicClock.Nanos() - oldest.SentNanos > _options.RequestTimeoutMs * NanosPerMilli)
        {
            throw Failed($"no answer within {_options.RequestTimeoutMs} ms", oldest.Partition);
        }
    }

    private BrokerException Failed(string cause, int? partition = null) => new(_transport.Address, "Produce", cause, partition);
}
