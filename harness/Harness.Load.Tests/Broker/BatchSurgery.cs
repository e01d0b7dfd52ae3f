using System.Buffers.Binary;
using Engine.Wire;
using Record = Engine.Wire.Record;

namespace Harness.Load.Tests;

/// <summary>Changes batches as a broker would that unpacks and repacks them wrongly.</summary>
public static class BatchSurgery
{
    public static List<byte[]> Values(ReadOnlySpan<byte> batch)
    {
        List<byte[]> values = [];
        RecordReader reader = new(batch);
        while (reader.MoveNext(out Record record))
        {
            values.Add(record.Value.ToArray());
        }

        Assert.False(reader.Malformed);
        return values;
    }

    /// <summary>A batch of the changed values with everything else right. Its base offset is still to be assigned.</summary>
    public static byte[] Rebuild(ReadOnlySpan<byte> batch, Action<List<byte[]>> change)
    {
        List<byte[]> values = Values(batch);
        change(values);
        return Build(values, RecordBatch.BaseTimestamp(batch));
    }

    public static byte[] Build(IReadOnlyList<byte[]> values, long timestampMs = 0)
    {
        int capacity = RecordBatch.HeaderBytes + values.Sum(value => value.Length + 32);
        byte[] buffer = new byte[capacity + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, capacity, timestampMs);
        foreach (byte[] value in values)
        {
            Assert.True(builder.TryAppend(new RawValue(value)));
        }

        return builder.Seal().ToArray();
    }

    public static void FlipByte(Span<byte> batch, int index, int valueByte, bool mend)
    {
        RecordReader reader = new(batch);
        for (int i = 0; reader.MoveNext(out Record record); i++)
        {
            if (i == index)
            {
                Assert.True(((ReadOnlySpan<byte>)batch).Overlaps(record.Value, out int at));
                batch[at + valueByte] ^= 0x10;
            }
        }

        if (mend)
        {
            MendCrc(batch);
        }
    }

    public static void MendCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatch.CrcAt..], Crc32C.Compute(batch[RecordBatch.AttributesAt..]));

    private readonly struct RawValue(byte[] bytes) : IRecordValue
    {
        public int Length => bytes.Length;

        public void Write(ref byte destination) =>
            bytes.CopyTo(System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, bytes.Length));
    }
}
