using Engine.Wire;

namespace Harness.Load.Tests;

/// <summary>
/// Breaks one thing at one offset, the first time it comes by. What it does to a message it does in the batch that carries it, and
/// mends the checksum and the counts unless it is told not to.
/// </summary>
public sealed class Fault(int partition, long offset, Action<Fault.Place> act) : Misbehaviour
{
    private readonly int _partition = partition;
    private byte[]? _held;
    private bool _done;

    /// <summary>Where the fault happens.</summary>
    /// <param name="Index">Of the message in the batch.</param>
    public sealed record Place(byte[] Batch, int Index, PartitionLog Log, Action<byte[], PartitionLog> Hold);

    public override void OnAppend(int partition, byte[] batch, PartitionLog log)
    {
        bool here = !_done && partition == _partition && RecordBatch.BaseOffset(batch) <= offset && offset <= RecordBatch.LastOffset(batch);
        if (here)
        {
            _done = true;
            act(new Place(batch, (int)(offset - RecordBatch.BaseOffset(batch)), log, Hold));
            return;
        }

        if (_held is not null && partition == _partition)
        {
            // This batch takes the place of the one held back, which goes behind it.
            long first = RecordBatch.BaseOffset(_held);
            RecordBatch.Assign(batch, first, 0);
            RecordBatch.Assign(_held, first + RecordBatch.RecordCount(batch), 0);
            log.Store(batch);
            log.Store(_held);
            _held = null;
            return;
        }

        log.Store(batch);
    }

    private void Hold(byte[] batch, PartitionLog log)
    {
        _held = batch;
        log.Skip(RecordBatch.RecordCount(batch));
    }

    /// <summary>Leaves one message out of its batch.</summary>
    public static Fault DropMessage(int partition, long offset) => new(partition, offset, static place =>
        place.Log.Append(BatchSurgery.Rebuild(place.Batch, values => values.RemoveAt(place.Index))));

    /// <summary>Leaves one message out of its batch, and its offset with it: the next batch stands where it would have stood.</summary>
    public static Fault DropMessageAndOffset(int partition, long offset) => new(partition, offset, static place =>
    {
        place.Log.Append(BatchSurgery.Rebuild(place.Batch, values => values.RemoveAt(place.Index)));
        place.Log.Skip(1);
    });

    /// <summary>Stores one message twice, one behind the other.</summary>
    public static Fault DoubleMessage(int partition, long offset) => new(partition, offset, static place =>
        place.Log.Append(BatchSurgery.Rebuild(place.Batch, values => values.Insert(place.Index, values[place.Index]))));

    /// <summary>Stores a batch twice.</summary>
    public static Fault DoubleBatch(int partition, long offset) => new(partition, offset, static place =>
    {
        place.Log.Store(place.Batch);
        place.Log.Append([.. place.Batch]);
    });

    /// <summary>Exchanges a message with the one behind it.</summary>
    public static Fault SwapMessages(int partition, long offset) => new(partition, offset, static place =>
        place.Log.Append(BatchSurgery.Rebuild(
            place.Batch, values => (values[place.Index], values[place.Index + 1]) = (values[place.Index + 1], values[place.Index]))));

    /// <summary>Exchanges a batch with the next one. Both were acknowledged for the right places.</summary>
    public static Fault SwapBatches(int partition, long offset) => new(partition, offset, static place => place.Hold(place.Batch, place.Log));

    /// <summary>Flips a bit of one value.</summary>
    /// <param name="mend">Whether the batch's checksum is made right again.</param>
    public static Fault FlipByte(int partition, long offset, int valueByte, bool mend) => new(partition, offset, place =>
    {
        BatchSurgery.FlipByte(place.Batch, place.Index, valueByte, mend);
        place.Log.Store(place.Batch);
    });

    /// <summary>Forgets a batch it acknowledges; the next one takes its offsets.</summary>
    public static Fault Forget(int partition, long offset) => new(partition, offset, static _ => { });

    /// <summary>Forgets a batch it acknowledges; its offsets stay empty.</summary>
    public static Fault ForgetWithOffsets(int partition, long offset) => new(partition, offset, static place =>
        place.Log.Skip(RecordBatch.RecordCount(place.Batch)));
}
