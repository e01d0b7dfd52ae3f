using System.Security.Cryptography;
using Engine.Wire;

namespace Harness.Load;

/// <summary>One batch as it was sent, and what came back for its offset; null where nothing did.</summary>
public sealed record RawBatches(byte[] Sent, byte[]? Served);

/// <summary>
/// Sends single record batches to an empty partition and fetches them back, as bytes: no client stands between that could repack or unpack
/// what it shows. Nothing but the batch's own length is read of what comes back.
/// </summary>
public static class RawBatchTrip
{
    private const int TimeoutMs = 10_000;
    private const int FetchBytes = 4 << 20;
    private const int ValueBytes = 30;
    private const string ClientId = "harness";

    /// <summary>Batches are larger than this by no more than their framing.</summary>
    private const int RecordBytesMax = ValueBytes + 32;

    /// <param name="broker">host:port of the partition's leader.</param>
    /// <param name="topic">Has one partition, and nobody else writes to it.</param>
    /// <exception cref="BrokerException">The broker could not be reached, or refused.</exception>
    /// <exception cref="MissingCodecException">The compression needs a library that is not installed.</exception>
    public static RawBatches Make(string broker, string topic, int records, CompressionType compression, CancellationToken cancellation)
    {
        byte[] sent = Batch(records, compression);
        ConsumerOptions options = new() { Topic = topic, Partitions = [0], RequestTimeoutMs = TimeoutMs };
        using FetchConnection connection = new(new BrokerAddress(broker), options, cancellation);
        long offset = Produce(connection, topic, sent, cancellation);
        return new RawBatches(sent, Fetch(connection, topic, offset, cancellation));
    }

    /// <summary>True when two batches are the same apart from what the broker has to set: base offset and leader epoch.</summary>
    public static bool Same(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> other) =>
        sent.Length == other.Length
        && sent[RecordBatch.LengthAt..RecordBatch.LeaderEpochAt].SequenceEqual(other[RecordBatch.LengthAt..RecordBatch.LeaderEpochAt])
        && sent[RecordBatch.MagicAt..].SequenceEqual(other[RecordBatch.MagicAt..]);

    /// <summary>True when a file's bytes hold the batch, apart from what the broker sets.</summary>
    public static bool Holds(ReadOnlySpan<byte> file, ReadOnlySpan<byte> sent)
    {
        // From the magic byte on nothing is the broker's, and the checksum there makes it unique.
        ReadOnlySpan<byte> own = sent[RecordBatch.MagicAt..];
        for (int from = 0; file[from..].IndexOf(own) is var at and >= 0; from += at + 1)
        {
            int start = from + at - RecordBatch.MagicAt;
            if (start >= 0 && Same(sent, file.Slice(start, sent.Length)))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Batch(int records, CompressionType compression)
    {
        int capacity = RecordBatch.HeaderBytes + (records * RecordBytesMax);
        using BatchSealer sealer = new(compression, capacity);
        byte[] buffer = new byte[sealer.RoomBytes + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, capacity, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        while (builder.Count < records && builder.TryAppend(new RandomValue(ValueBytes)))
        {
        }

        return sealer.Seal(builder).ToArray();
    }

    private static long Produce(FetchConnection connection, string topic, byte[] batch, CancellationToken cancellation)
    {
        const int CorrelationId = 1;
        WireBuffer request = new();
        ProduceClient.WriteBeforeBatch(request, CorrelationId, ClientId, Acks.Leader, TimeoutMs, topic, 0, batch.Length);
        connection.Send(request.Written, "Produce", cancellation);
        connection.Send(batch, "Produce", cancellation);
        try
        {
            WireReader reader = new(connection.Receive("Produce", cancellation));
            Expect(CorrelationId, Frames.ReadResponseHeader(ref reader, ApiKey.Produce, ProduceClient.Version), connection, "Produce");
            ProduceResult result = ProduceClient.ReadResult(ref reader);
            return result.Error == ErrorCode.None ? result.BaseOffset : throw BrokerException.Answered(connection.Address, "Produce", 0, result.Error);
        }
        catch (WireFormatException malformed)
        {
            throw new BrokerException(connection.Address, "Produce", $"malformed response: {malformed.Message}", 0);
        }
    }

    /// <summary>The batch at an offset, as it lies in the response; null when none comes.</summary>
    private static byte[]? Fetch(FetchConnection connection, string topic, long offset, CancellationToken cancellation)
    {
        const int CorrelationId = 2;
        const int MaxWaitMs = 1000;
        WireBuffer request = new();
        FetchPartition[] partitions = [new FetchPartition(0, -1, offset, FetchBytes)];
        FetchClient.WriteRequest(request, CorrelationId, ClientId, MaxWaitMs, 1, FetchBytes, topic, partitions);
        connection.Send(request.Written, "Fetch", cancellation);
        try
        {
            WireReader reader = new(connection.Receive("Fetch", cancellation));
            Expect(CorrelationId, Frames.ReadResponseHeader(ref reader, ApiKey.Fetch, FetchClient.Version), connection, "Fetch");
            FetchResponseReader response = new(reader);
            if (response.Error != ErrorCode.None || !response.NextPartition(out FetchedPartition fetched) || fetched.Error != ErrorCode.None)
            {
                throw new BrokerException(connection.Address, "Fetch", "the answer does not hold the one partition asked for", 0);
            }

            return fetched.Records.Length < RecordBatch.HeaderBytes || RecordBatch.SizeBytes(fetched.Records) > fetched.Records.Length
                ? null
                : fetched.Records[..(int)RecordBatch.SizeBytes(fetched.Records)].ToArray();
        }
        catch (WireFormatException malformed)
        {
            throw new BrokerException(connection.Address, "Fetch", $"malformed response: {malformed.Message}", 0);
        }
    }

    private static void Expect(int wanted, int answered, FetchConnection connection, string api)
    {
        if (answered != wanted)
        {
            throw new BrokerException(connection.Address, api, "the answer to another request came", 0);
        }
    }

    /// <summary>Bytes that no broker could have come by otherwise.</summary>
    private readonly struct RandomValue(int length) : IRecordValue
    {
        public int Length => length;

        public void Write(ref byte destination)
        {
            Span<byte> bytes = stackalloc byte[ValueBytes];
            RandomNumberGenerator.Fill(bytes);
            bytes.CopyTo(System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, length));
        }
    }
}
