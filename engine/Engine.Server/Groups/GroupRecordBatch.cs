using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Makes batches of records with keys and null values. Not <see cref="RecordBatchBuilder"/>, which knows only what a load generator sends and is
/// as fast as it is for that reason.
/// </summary>
internal static class GroupRecordBatch
{
    /// <summary>What one batch holds, unless a single record is larger.</summary>
    public const int BatchBytes = 1024 * 1024;

    /// <summary>Varints are written in whole words.</summary>
    private const int ScratchBytes = 16;

    /// <summary>The records, in as many batches as it takes.</summary>
    public static IEnumerable<byte[]> Build(IEnumerable<GroupRecord> records, long nowMs)
    {
        List<GroupRecord> next = [];
        long bytes = 0;
        foreach (GroupRecord record in records)
        {
            if (next.Count > 0 && bytes + record.SizeBytes > BatchBytes)
            {
                yield return BuildOne(next, nowMs);
                next.Clear();
                bytes = 0;
            }

            next.Add(record);
            bytes += record.SizeBytes;
        }

        if (next.Count > 0)
        {
            yield return BuildOne(next, nowMs);
        }
    }

    private static byte[] BuildOne(List<GroupRecord> records, long nowMs)
    {
        int size = RecordBatch.HeaderBytes;
        for (int i = 0; i < records.Count; i++)
        {
            int body = BodyBytes(records[i], i);
            size += Varint.Size(Varint.ZigZag(body)) + body;
        }

        byte[] batch = new byte[size + ScratchBytes];
        int at = RecordBatch.HeaderBytes;
        for (int i = 0; i < records.Count; i++)
        {
            Write(batch, ref at, BodyBytes(records[i], i));
            at += 1; // attributes: none
            Write(batch, ref at, 0);
            Write(batch, ref at, i);
            WriteBytes(batch, ref at, records[i].Key);
            WriteBytes(batch, ref at, records[i].Value);
            Write(batch, ref at, 0);
        }

        Array.Resize(ref batch, size);
        WriteHeader(batch, records.Count, nowMs);
        return batch;
    }

    /// <summary>Attributes, time and header count take one byte each.</summary>
    private static int BodyBytes(GroupRecord record, int index) =>
        3 + Varint.Size(Varint.ZigZag(index)) + FieldBytes(record.Key) + FieldBytes(record.Value);

    private static int FieldBytes(byte[]? field) => Varint.Size(Varint.ZigZag(field?.Length ?? -1)) + (field?.Length ?? 0);

    private static void Write(byte[] batch, ref int at, int value) => at += Varint.Write(ref batch[at], Varint.ZigZag(value));

    private static void WriteBytes(byte[] batch, ref int at, byte[]? field)
    {
        Write(batch, ref at, field?.Length ?? -1);
        field?.CopyTo(batch, at);
        at += field?.Length ?? 0;
    }

    private static void WriteHeader(Span<byte> batch, int count, long nowMs)
    {
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LengthAt..], batch.Length - RecordBatch.LogOverheadBytes);
        batch[RecordBatch.MagicAt] = RecordBatch.Magic;
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.LastOffsetDeltaAt..], count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.BaseTimestampAt..], nowMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.MaxTimestampAt..], nowMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatch.ProducerIdAt..], RecordBatch.NoProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatch.ProducerEpochAt..], -1);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.BaseSequenceAt..], -1);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatch.RecordCountAt..], count);
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatch.CrcAt..], Crc32C.Compute(batch[RecordBatch.AttributesAt..]));
    }
}
