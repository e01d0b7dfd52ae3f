using System.Runtime.CompilerServices;

namespace Harness.Load;

/// <summary>
/// The messages of one producer in the order in which they are sent, whatever the shape. Messages fill one partition's batch before they turn to
/// the next partition, as sticky partitioners do. Goes through all phases of the load; belongs to the producer's thread.
/// </summary>
internal sealed class MessageFeed
{
    private readonly ValueStream[] _streams;
    private readonly int _valueBytes;
    private int _partition;

    /// <summary>True while the partition's batch holds messages from here.</summary>
    private bool _begun;

    public MessageFeed(long seed, int producer, int partitions, int valueBytes)
    {
        _streams = [.. Enumerable.Range(0, partitions).Select(partition => new ValueStream(seed, producer, partition))];
        _valueBytes = valueBytes;
        // Several producers start at different partitions, or they would all fill the same one.
        _partition = producer % partitions;
    }

    /// <summary>Sends messages of one stamp, and counts them; fewer than asked when there is no room for more.</summary>
    /// <returns>How many were sent.</returns>
    public int SendBurst(NativeProducer producer, long stampNanos, int messages, out bool noRoom)
    {
        if (_begun && !producer.HasOpenBatch(_partition))
        {
            // Its linger was over.
            MoveOn();
        }

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
            _begun = true;
            if (sent < messages)
            {
                producer.SealFull(_partition, _valueBytes);
                MoveOn();
            }
        }

        producer.Sent.AddMessages(sent);
        return sent;
    }

    private void MoveOn()
    {
        _partition = _partition + 1 < _streams.Length ? _partition + 1 : 0;
        _begun = false;
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
