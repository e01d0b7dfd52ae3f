using System.Runtime.CompilerServices;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Takes messages of one stamp for one partition, one by one (<see cref="NativeProducer.TryOpen"/>). What they share is looked up
/// once; it holds until the producer does anything else.
/// </summary>
/// <param name="recordsMax">The most that the batch may hold.</param>
internal readonly struct PartitionSender(RecordBatchBuilder batch, int recordsMax)
{
    /// <summary>
    /// Encodes one message into the partition's batch. False when the batch is full: it goes on its way with
    /// <see cref="NativeProducer.SealFull"/>, and the message into the next one, here or in another partition.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySend<TValue>(scoped in TValue value)
        where TValue : struct, IRecordValue, allows ref struct => batch.Count < recordsMax && batch.TryAppend(value);
}
