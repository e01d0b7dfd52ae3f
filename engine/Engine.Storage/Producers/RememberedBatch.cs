using System.Runtime.CompilerServices;

namespace Engine.Storage;

/// <summary>What is remembered of a batch of a producer, so that its repeat is recognised.</summary>
/// <param name="LastSequence">The sequence of its last record.</param>
/// <param name="LastOffset">The offset of its last record.</param>
/// <param name="OffsetDelta">Its records but one.</param>
/// <param name="TimestampMs">Its largest timestamp.</param>
internal readonly record struct RememberedBatch(int LastSequence, long LastOffset, int OffsetDelta, long TimestampMs)
{
    /// <summary>
    /// Records that follow one another in sequence and offset, of which it is not known where the producer's batches began and ended: so they
    /// are found behind a restart where every record is stored on its own, or when a batch could be stored only in part.
    /// </summary>
    internal bool IsRun { get; init; }

    internal int FirstSequence => (LastSequence - OffsetDelta) & int.MaxValue;

    internal long FirstOffset => LastOffset - OffsetDelta;
}

/// <summary>Room for the batches remembered of one producer, inside its object.</summary>
[InlineArray(ProducerState.BatchesRemembered)]
internal struct RememberedBatches
{
    private RememberedBatch _first;
}
