using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Batches to send, sound or with one thing wrong.</summary>
internal static class Batches
{
    /// <summary>A batch of records of now with the values 0, 1, 2…</summary>
    public static byte[] Sound(int records = 1, long? timestampMs = null, int valueBytes = 8)
    {
        RecordBatchBuilder builder = new();
        byte[] buffer = new byte[RecordBatch.HeaderBytes + (records * (valueBytes + 32)) + RecordBatchBuilder.ScratchBytes];
        builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, timestampMs ?? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        for (int i = 0; i < records; i++)
        {
            Assert.True(builder.TryAppend(new Filled(valueBytes, (byte)i)));
        }

        return builder.Seal().ToArray();
    }

    /// <summary>One of an idempotent producer.</summary>
    public static byte[] Of(long producerId, short epoch, int sequence, int records = 1) => Changed(Sound(records), batch =>
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.ProducerIdAt..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatch.ProducerEpochAt..], epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.BaseSequenceAt..], sequence);
    });

    /// <summary>The same records, compressed.</summary>
    public static byte[] Compressed(byte[] batch, CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        byte[] records = new byte[codec.MaxCompressedBytes(batch.Length)];
        int bytes = codec.Compress(batch.AsSpan(RecordBatch.HeaderBytes), records);
        return WithRecords(batch, records.AsSpan(0, bytes), type);
    }

    /// <summary>The batch's header over other bytes.</summary>
    public static byte[] WithRecords(byte[] batch, ReadOnlySpan<byte> records, CompressionType type)
    {
        byte[] changed = [.. batch.AsSpan(0, RecordBatch.HeaderBytes), .. records];
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(RecordBatch.LengthAt), changed.Length - RecordBatch.LogOverheadBytes);
        changed[RecordBatch.AttributesAt + 1] = (byte)type;
        return TestClient.Mend(changed);
    }

    /// <summary>The batch with something changed; the checksum fits.</summary>
    public static byte[] Changed(byte[] batch, Change change)
    {
        byte[] changed = [.. batch];
        change(changed);
        return TestClient.Mend(changed);
    }

    /// <summary>The batch with something changed that the checksum does not cover, or that it shall not fit.</summary>
    public static byte[] Spoiled(byte[] batch, Change change)
    {
        byte[] changed = [.. batch];
        change(changed);
        return changed;
    }

    internal delegate void Change(Span<byte> batch);

    private readonly struct Filled(int length, byte fill) : IRecordValue
    {
        public int Length => length;

        public void Write(ref byte destination) =>
            System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, length).Fill(fill);
    }
}
