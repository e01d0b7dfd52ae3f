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

    /// <summary>The same batch as a producer sends it that compresses.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> batch, CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        byte[] into = new byte[RecordBatch.HeaderBytes + codec.MaxCompressedBytes(batch.Length)];
        batch[..RecordBatch.HeaderBytes].CopyTo(into);
        int bytes = RecordBatch.HeaderBytes + codec.Compress(batch[RecordBatch.HeaderBytes..], into.AsSpan(RecordBatch.HeaderBytes));
        BinaryPrimitives.WriteInt32BigEndian(into.AsSpan(RecordBatch.LengthAt), bytes - RecordBatch.LogOverheadBytes);
        into[RecordBatch.AttributesAt + 1] = (byte)type;
        MendCrc(into.AsSpan(0, bytes));
        return into[..bytes];
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
