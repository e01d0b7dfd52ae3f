using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>Batches to append, and the bytes that a read gives back.</summary>
internal static class TestBatch
{
    /// <summary>A batch whose records have values of one length; record n has the timestamp of the batch plus n.</summary>
    internal static byte[] Make(int records, int valueBytes = 20, long timestampMs = 1_000_000, int seed = 1)
    {
        byte[] buffer = new byte[RecordBatch.HeaderBytes + (records * (valueBytes + 40)) + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, timestampMs);
        for (int i = 0; i < records; i++)
        {
            builder.SetTimestamp(timestampMs + i);
            Assert.True(builder.TryAppend(new Filler(valueBytes, (byte)(seed + i))));
        }

        return builder.Seal().ToArray();
    }

    /// <summary>A batch of an idempotent producer.</summary>
    internal static byte[] Of(long producerId, short epoch, int sequence, int records = 1, int valueBytes = 20)
    {
        byte[] batch = Make(records, valueBytes);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(RecordBatch.ProducerIdAt), producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(RecordBatch.ProducerEpochAt), epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatch.BaseSequenceAt), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatch.CrcAt), Crc32C.Compute(batch.AsSpan(RecordBatch.AttributesAt)));
        return batch;
    }

    /// <summary>A batch of one record that takes exactly so many bytes (at least 200).</summary>
    internal static byte[] OfSize(int bytes)
    {
        for (int valueBytes = bytes - RecordBatch.HeaderBytes - 20; ; valueBytes++)
        {
            byte[] batch = Make(1, valueBytes);
            if (batch.Length == bytes)
            {
                return batch;
            }

            Assert.True(batch.Length < bytes, $"no batch has {bytes} bytes");
        }
    }

    /// <summary>What a slice refers to; released.</summary>
    internal static byte[] Read(LogSlice slice)
    {
        byte[] bytes = new byte[slice.Length];
        if (slice.Length > 0)
        {
            Assert.Equal(slice.Length, slice.Read(bytes, 0));
        }

        slice.Release();
        return bytes;
    }

    /// <summary>Everything from an offset to the log's end, segment by segment.</summary>
    internal static byte[] ReadAll(PartitionLog log, long offset)
    {
        List<byte> all = [];
        while (offset < log.EndOffset)
        {
            Assert.Equal(ReadResult.Ok, log.TryRead(offset, int.MaxValue, true, out LogSlice slice));
            byte[] bytes = Read(slice);
            for (int at = 0; at < bytes.Length; at += (int)RecordBatch.SizeBytes(bytes.AsSpan(at)))
            {
                Assert.Equal(BatchFault.None, RecordBatch.Check(bytes.AsSpan(at, (int)RecordBatch.SizeBytes(bytes.AsSpan(at)))));
                offset = RecordBatch.LastOffset(bytes.AsSpan(at)) + 1;
            }

            all.AddRange(bytes);
        }

        return [.. all];
    }

    private readonly struct Filler(int length, byte seed) : IRecordValue
    {
        public int Length => length;

        public void Write(ref byte destination)
        {
            Span<byte> value = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, length);
            for (int i = 0; i < value.Length; i++)
            {
                value[i] = (byte)(seed + i);
            }
        }
    }
}
