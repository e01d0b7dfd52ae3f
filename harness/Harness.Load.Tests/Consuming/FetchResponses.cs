using Engine.Wire;

namespace Harness.Load.Tests;

/// <summary>Fetch responses and batches made by hand.</summary>
internal static class FetchResponses
{
    public const long Seed = 42;

    /// <summary>Messages of one producer and partition, from a sequence on, at a base offset.</summary>
    public static byte[] Batch(long firstSequence, int count, long? baseOffset = null, int producer = 0, int partition = 0, int valueBytes = 30)
    {
        List<byte[]> values = [];
        for (int i = 0; i < count; i++)
        {
            byte[] value = new byte[valueBytes + RecordBatchBuilder.ScratchBytes];
            new ValueRun(new ValueStream(Seed, producer, partition), 1000, valueBytes).Value(firstSequence + i).Write(ref value[0]);
            values.Add(value[..valueBytes]);
        }

        byte[] batch = BatchSurgery.Build(values);
        RecordBatch.Assign(batch, baseOffset ?? firstSequence, 0);
        return batch;
    }

    /// <summary>A response for one partition, its length not included.</summary>
    public static byte[] Response(
        byte[] records, int partition = 0, ErrorCode error = ErrorCode.None, long highWatermark = 1_000_000, int correlationId = 0)
    {
        WireBuffer frame = new();
        frame.WriteInt32(correlationId);
        frame.WriteInt32(0);
        frame.WriteInt16(0);
        frame.WriteInt32(0);
        frame.WriteArrayLength(1);
        frame.WriteString("test");
        frame.WriteArrayLength(1);
        frame.WriteInt32(partition);
        frame.WriteInt16((short)error);
        frame.WriteInt64(highWatermark);
        frame.WriteInt64(highWatermark);
        frame.WriteInt64(0);
        frame.WriteArrayLength(-1);
        frame.WriteInt32(-1);
        frame.WriteInt32(records.Length);
        frame.WriteRaw(records);
        return frame.Written.ToArray();
    }
}
