using System.Runtime.CompilerServices;
using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// Sends as fast as the broker takes it: a closed loop, whose messages have no intended time and carry the time of Send. Messages fill
/// one partition's batch before they turn to the next, as sticky partitioners do.
/// <para>
/// The loop closes over the whole way: while more than the backlog's limit waits for the consumers, nothing is sent. Otherwise the
/// scheduler would decide which side gets ahead, until retention removes what was never read.
/// </para>
/// </summary>
internal sealed class SaturateShape : ILoadShape
{
    /// <summary>Between two looks at the connection. An answer is noticed this much late at most; looking costs a system call.</summary>
    private const long PumpNanos = 40_000;
    private const int WaitMs = 100;

    /// <summary>Between two looks at a backlog that is full.</summary>
    private const int BacklogWaitMs = 1;

    private readonly ValueStream[] _streams;
    private readonly int _valueBytes;
    private readonly Backlog _backlog;
    private readonly StampCadence _cadence = new();
    private int _partition;

    public SaturateShape(long seed, int producer, int partitions, int valueBytes, Backlog backlog)
    {
        _backlog = backlog;
        _streams = [.. Enumerable.Range(0, partitions).Select(partition => new ValueStream(seed, producer, partition))];
        _valueBytes = valueBytes;
        // Several producers start at different partitions, or they would all fill the same one.
        _partition = producer % partitions;
    }

    public void Run(NativeProducer producer, Action atWork, CancellationToken stop)
    {
        long pumpedNanos = 0;
        int sent = 0;
        while (!stop.IsCancellationRequested)
        {
            long nowNanos = MonotonicClock.Nanos();
            _cadence.Read(nowNanos, sent);
            if (nowNanos - pumpedNanos >= PumpNanos)
            {
                producer.Pump();
                atWork();
                pumpedNanos = nowNanos;
                if (_backlog.IsFull)
                {
                    producer.Pump(BacklogWaitMs);
                    continue;
                }
            }

            sent = SendBurst(producer, nowNanos, _cadence.Messages, out bool noRoom);
            producer.Sent.AddMessages(sent);
            if (noRoom)
            {
                producer.Pump(WaitMs);
            }
        }
    }

    /// <summary>Sends messages of one stamp; fewer than asked when there is no room for more.</summary>
    private int SendBurst(NativeProducer producer, long stampNanos, int messages, out bool noRoom)
    {
        int sent = 0;
        noRoom = false;
        while (sent < messages)
        {
            if (!producer.TryOpen(_partition, stampNanos, out PartitionSender sender))
            {
                noRoom = true;
                break;
            }

            ValueRun values = new(_streams[_partition], stampNanos, _valueBytes);
            sent += SendRun(sender, values, producer.NextSequence(_partition), messages - sent);
            if (sent < messages)
            {
                producer.SealFull(_partition, _valueBytes);
                _partition = _partition + 1 < _streams.Length ? _partition + 1 : 0;
            }
        }

        return sent;
    }

    /// <summary>
    /// The loop over every message sent: one by one to one partition, until its batch is full. On its own, so that what it works with
    /// stays in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int SendRun(PartitionSender sender, ValueRun values, long first, int messages)
    {
        long sequence = first;
        long end = first + messages;
        while (sequence < end && sender.TrySend(values.Value(sequence)))
        {
            sequence++;
        }

        return (int)(sequence - first);
    }
}
