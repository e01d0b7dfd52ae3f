using Engine.Wire;

namespace Harness.Load;

/// <summary>The open batch of a partition, if there is one. Belongs to the producer's thread.</summary>
internal sealed class Accumulator
{
    public const long NoStamp = long.MinValue;

    public Accumulator(int partition)
    {
        Partition = partition;
        Node = new LinkedListNode<Accumulator>(this);
    }

    public RecordBatchBuilder Builder { get; } = new();
    public int Partition { get; }

    /// <summary>Its place among the open batches.</summary>
    public LinkedListNode<Accumulator> Node { get; }

    public long StampNanos { get; set; } = NoStamp;

    /// <summary>The timestamp that the builder has now.</summary>
    public long TimestampMs { get; set; }
    public ProducerBatch? Batch { get; set; }
    public long FirstSequence { get; set; }
    public long NextSequence => Batch is null ? FirstSequence : FirstSequence + Builder.Count;
}
