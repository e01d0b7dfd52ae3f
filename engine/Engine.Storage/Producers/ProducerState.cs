using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// What a partition knows of one producer id: its epoch and its last five batches, in a ring inside the object, so that a batch costs no
/// allocation. Owned by the partition's <see cref="ProducerStates"/>. (Kafka: ProducerStateEntry.)
/// </summary>
internal sealed partial class ProducerState(long producerId)
{
    /// <summary>Kafka's number: as many requests as an idempotent producer may have in flight.</summary>
    internal const int BatchesRemembered = 5;

    /// <summary>No transaction has ended here.</summary>
    internal const int NoCoordinatorEpoch = -1;

    private RememberedBatches _batches;
    private int _oldest;

    internal long ProducerId { get; } = producerId;

    internal short Epoch { get; private set; } = RecordBatch.NoProducerEpoch;

    /// <summary>Of the last transaction's coordinator; kept for Kafka, whose files may have one.</summary>
    internal int CoordinatorEpoch { get; init; } = NoCoordinatorEpoch;

    /// <summary>Batches remembered, of the present epoch.</summary>
    internal int Count { get; private set; }

    /// <summary>The largest timestamp of the last batch.</summary>
    internal long LastTimestampMs { get; private set; } = RecordBatch.NoTimestamp;

    /// <summary>
    /// When it last appended, by the clock that no client and no operator sets. Kafka goes by the batches' timestamps instead, and so forgets a
    /// live producer that writes old ones.
    /// </summary>
    internal long SeenTicksMs { get; set; }

    /// <summary>Batch 0 is the oldest one remembered.</summary>
    internal RememberedBatch this[int index]
    {
        get => _batches[(_oldest + index) % BatchesRemembered];
        private set => _batches[(_oldest + index) % BatchesRemembered] = value;
    }

    internal int LastSequence => Count == 0 ? RecordBatch.NoSequence : this[Count - 1].LastSequence;

    /// <summary>Finds the batch with exactly these sequences.</summary>
    internal bool TryFind(short epoch, int firstSequence, int lastSequence, out RememberedBatch found)
    {
        for (int i = 0; epoch == Epoch && i < Count; i++)
        {
            found = this[i];
            if (found.FirstSequence == firstSequence && found.LastSequence == lastSequence)
            {
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>Sets the epoch, with which the batches of another are forgotten.</summary>
    internal void SetEpoch(short epoch, long timestampMs)
    {
        LastTimestampMs = timestampMs;
        if (epoch != Epoch)
        {
            Epoch = epoch;
            Count = 0;
        }
    }

    internal void Add(in RememberedBatch batch)
    {
        LastTimestampMs = batch.TimestampMs;
        if (Count < BatchesRemembered)
        {
            _batches[(_oldest + Count++) % BatchesRemembered] = batch;
        }
        else
        {
            _batches[_oldest] = batch;
            _oldest = (_oldest + 1) % BatchesRemembered;
        }
    }
}
