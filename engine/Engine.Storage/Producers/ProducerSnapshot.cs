using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// The bytes of a producer snapshot. Kafka's format, version 1: version int16, CRC-32C uint32 of all that follows, count int32, and an entry for
/// each producer with its last batch. (Kafka: ProducerSnapshot.json, ProducerStateManager.)
/// <para>
/// Kafka keeps only the last batch over a restart; a producer with five in flight then cannot repeat the four before it. So the batches before
/// the last follow behind Kafka's entries, within the checksum: Kafka's reader checks that and stops behind its entries.
/// </para>
/// <para>Tail: its mark, then for each entry in the same order a count byte, and so many batches, oldest first.</para>
/// </summary>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int CrcAt = 2;
    private const int CountAt = 6;
    private const int HeaderBytes = 10;
    private const int EntryBytes = 46;
    private const int BatchBytes = 24;
    private const long NoTransaction = -1;

    private static ReadOnlySpan<byte> TailMark => "batches1"u8;

    internal static byte[] Encode(IReadOnlyCollection<ProducerState> producers)
    {
        int earlier = producers.Sum(p => Math.Max(0, p.Count - 1));
        byte[] bytes = new byte[HeaderBytes + (producers.Count * (EntryBytes + 1)) + TailMark.Length + (earlier * BatchBytes)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, Version);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(CountAt), producers.Count);
        int at = HeaderBytes;
        foreach (ProducerState producer in producers)
        {
            WriteEntry(bytes.AsSpan(at), producer);
            at += EntryBytes;
        }

        TailMark.CopyTo(bytes.AsSpan(at));
        at += TailMark.Length;
        foreach (ProducerState producer in producers)
        {
            int count = Math.Max(0, producer.Count - 1);
            bytes[at++] = (byte)count;
            for (int i = 0; i < count; i++)
            {
                WriteBatch(bytes.AsSpan(at), producer[i]);
                at += BatchBytes;
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CrcAt), Crc32C.Compute(bytes.AsSpan(CountAt)));
        return bytes;
    }

    /// <summary>Reads a snapshot of Kafka's or of this engine's. False, with the reason, when it is neither whole nor sound.</summary>
    internal static bool TryDecode(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out List<ProducerState>? producers, [NotNullWhen(false)] out string? fault)
    {
        producers = null;
        fault = Fault(bytes);
        if (fault is not null)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[CountAt..]);
        ReadOnlySpan<byte> tail = bytes[(HeaderBytes + (count * EntryBytes))..];
        bool hasTail = tail.StartsWith(TailMark);
        tail = hasTail ? tail[TailMark.Length..] : default;
        List<ProducerState> read = new(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(HeaderBytes + (i * EntryBytes), EntryBytes);
            ProducerState producer = new(BinaryPrimitives.ReadInt64BigEndian(entry))
            {
                CoordinatorEpoch = BinaryPrimitives.ReadInt32BigEndian(entry[34..]),
            };
            producer.SetEpoch(BinaryPrimitives.ReadInt16BigEndian(entry[8..]), BinaryPrimitives.ReadInt64BigEndian(entry[26..]));
            if (hasTail && !TryReadEarlier(ref tail, producer))
            {
                fault = "the batches behind the entries end early";
                return false;
            }

            if (BinaryPrimitives.ReadInt64BigEndian(entry[14..]) >= 0)
            {
                producer.Add(ReadBatch(entry[10..]));
            }

            read.Add(producer);
        }

        producers = read;
        return true;
    }

    private static string? Fault(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
        {
            return $"{bytes.Length} bytes are no snapshot";
        }

        short version = BinaryPrimitives.ReadInt16BigEndian(bytes);
        if (version != Version)
        {
            return $"version {version}";
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcAt..]) != Crc32C.Compute(bytes[CountAt..]))
        {
            return "a checksum that does not match";
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[CountAt..]);
        return count < 0 || count > (bytes.Length - HeaderBytes) / EntryBytes ? $"{count} entries in {bytes.Length} bytes" : null;
    }

    private static void WriteEntry(Span<byte> entry, ProducerState producer)
    {
        RememberedBatch last = producer.Count > 0
            ? producer[producer.Count - 1]
            : new RememberedBatch(RecordBatch.NoSequence, -1, 0, producer.LastTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(entry, producer.ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(entry[8..], producer.Epoch);
        WriteBatch(entry[10..], last);
        BinaryPrimitives.WriteInt32BigEndian(entry[34..], producer.CoordinatorEpoch);
        BinaryPrimitives.WriteInt64BigEndian(entry[38..], NoTransaction);
    }

    /// <summary>A batch has the same fields in the same order in an entry of Kafka's and in the tail.</summary>
    private static void WriteBatch(Span<byte> into, in RememberedBatch batch)
    {
        BinaryPrimitives.WriteInt32BigEndian(into, batch.LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(into[4..], batch.LastOffset);
        BinaryPrimitives.WriteInt32BigEndian(into[12..], batch.OffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(into[16..], batch.TimestampMs);
    }

    private static RememberedBatch ReadBatch(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt32BigEndian(from),
        BinaryPrimitives.ReadInt64BigEndian(from[4..]),
        BinaryPrimitives.ReadInt32BigEndian(from[12..]),
        BinaryPrimitives.ReadInt64BigEndian(from[16..]));

    private static bool TryReadEarlier(ref ReadOnlySpan<byte> tail, ProducerState producer)
    {
        int count = tail.IsEmpty ? -1 : tail[0];
        if (count is < 0 or >= ProducerState.BatchesRemembered || tail.Length - 1 < count * BatchBytes)
        {
            return false;
        }

        long timestamp = producer.LastTimestampMs;
        for (int i = 0; i < count; i++)
        {
            producer.Add(ReadBatch(tail[(1 + (i * BatchBytes))..]));
        }

        producer.SetEpoch(producer.Epoch, timestamp);
        tail = tail[(1 + (count * BatchBytes))..];
        return true;
    }
}
