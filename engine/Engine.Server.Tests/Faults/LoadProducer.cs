using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// A producer that lives on when the engine dies, and knows what was acknowledged to it. Each record carries the producer's number and its own,
/// counted from 0. An idempotent one sends what was not acknowledged again, under the same sequences; a plain one never sends a record twice.
/// Up to five batches are in flight. Used by one thread at a time.
/// </summary>
internal sealed class LoadProducer(string topic, int partition, byte number, short acks, bool isIdempotent, int seed)
{
    private const int InFlightMax = 5;
    private const int RecordsMax = 3;
    private const int ValueBytesMax = 3000;
    private const int NumberBytes = sizeof(byte) + sizeof(long);

    private readonly Random _random = new(seed);
    private readonly Queue<InFlight> _inFlight = new();
    private readonly List<Acknowledged> _acknowledged = [];
    private long _producerId = -1;
    private long _next;
    private int _acknowledgedCount;
    private volatile bool _isDeaf;

    public int Partition => partition;

    /// <summary>Batches acknowledged so far. Any thread.</summary>
    public int AcknowledgedBatches => Volatile.Read(ref _acknowledgedCount);

    /// <summary>The error that ended the last run, if one did.</summary>
    public ErrorCode Error { get; private set; }

    /// <summary>What is acknowledged from now on does not count, until the next run. Any thread.</summary>
    public void StopListening() => _isDeaf = true;

    /// <summary>Sends until told to stop, or the connection ends, or an error is answered.</summary>
    public void Run(IPEndPoint endPoint, Func<bool> mustStop)
    {
        Error = ErrorCode.None;
        _isDeaf = false;
        try
        {
            using TestClient client = new(endPoint);
            Prepare(client);
            while (Error == ErrorCode.None && !_isDeaf && (!mustStop() || _inFlight.Count > 0))
            {
                while (_inFlight.Count < InFlightMax && !mustStop())
                {
                    InFlight batch = MakeBatch();
                    _inFlight.Enqueue(batch);
                    batch.CorrelationId = client.SendProduce(topic, batch.Bytes, acks: acks, partition: partition);
                }

                if (_inFlight.TryPeek(out InFlight? oldest))
                {
                    TakeAnswer(oldest, client.ReadProduce(oldest.CorrelationId));
                }
            }
        }
        catch (Exception gone) when (IsEndOfConnection(gone))
        {
            // The engine has died; what was acknowledged until then counts.
        }
    }

    /// <summary>
    /// Compares a partition with what was acknowledged: all of that is there, where it was said to be, and nothing twice.
    /// </summary>
    /// <param name="partedMax">
    /// So many of its batches may have another producer's records behind their first ones: those whose rest was stored when they were repeated.
    /// </param>
    public void Check(IReadOnlyList<LoggedRecord> records, int partedMax)
    {
        int parted = 0;
        foreach (Acknowledged batch in _acknowledged)
        {
            Assert.True(
                batch.BaseOffset + batch.Records <= records.Count,
                $"producer {number} was acknowledged offset {batch.BaseOffset}, partition {partition} ends at {records.Count}");
            int at = (int)batch.BaseOffset;
            bool isParted = false;
            for (int i = 0; i < batch.Records; i++, at++)
            {
                for (; isIdempotent && i > 0 && parted < partedMax && at < records.Count - 1 && records[at].Producer != number; at++)
                {
                    isParted = true;
                }

                Assert.Equal((number, batch.First + i), (records[at].Producer, records[at].Number));
            }

            parted += isParted ? 1 : 0;
        }

        long expected = 0;
        foreach (LoggedRecord record in records.Where(r => r.Producer == number))
        {
            Assert.True(
                isIdempotent ? record.Number == expected : record.Number >= expected,
                $"producer {number}: record {record.Number} at offset {record.Offset}, {expected} is next");
            expected = record.Number + 1;
        }
    }

    /// <summary>Reads producer and number out of a record's value.</summary>
    public static LoggedRecord Parse(long offset, ReadOnlySpan<byte> value) =>
        new(offset, value[0], BinaryPrimitives.ReadInt64BigEndian(value[1..]));

    private static bool IsEndOfConnection(Exception e) =>
        (e as SocketException ?? e.InnerException as SocketException)?.SocketErrorCode is { } error
            ? error is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.Shutdown or SocketError.ConnectionAborted
            : e is EndOfStreamException;

    private void Prepare(TestClient client)
    {
        if (!isIdempotent)
        {
            // Whether these were written nobody knows; they are neither repeated nor counted.
            _inFlight.Clear();
            return;
        }

        if (_producerId < 0)
        {
            _producerId = client.NewProducerId();
        }

        foreach (InFlight batch in _inFlight)
        {
            batch.CorrelationId = client.SendProduce(topic, batch.Bytes, acks: acks, partition: partition);
        }
    }

    private void TakeAnswer(InFlight batch, ProduceResult result)
    {
        Error = result.Error;
        if (result.Error == ErrorCode.None && !_isDeaf)
        {
            _inFlight.Dequeue();
            _acknowledged.Add(new Acknowledged(batch.First, batch.Records, result.BaseOffset));
            Volatile.Write(ref _acknowledgedCount, _acknowledged.Count);
        }
    }

    private InFlight MakeBatch()
    {
        long first = _next;
        byte[][] values = new byte[_random.Next(1, RecordsMax + 1)][];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = new byte[_random.Next(NumberBytes, ValueBytesMax)];
            _random.NextBytes(values[i]);
            values[i][0] = number;
            BinaryPrimitives.WriteInt64BigEndian(values[i].AsSpan(1), _next++);
        }

        byte[] batch = TestClient.Batch(values);
        if (isIdempotent)
        {
            batch = Batches.Changed(batch, b =>
            {
                BinaryPrimitives.WriteInt64BigEndian(b[RecordBatch.ProducerIdAt..], _producerId);
                BinaryPrimitives.WriteInt16BigEndian(b[RecordBatch.ProducerEpochAt..], 0);
                BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.BaseSequenceAt..], (int)first);
            });
        }

        return new InFlight(batch, first, values.Length);
    }

    private sealed record InFlight(byte[] Bytes, long First, int Records)
    {
        public int CorrelationId { get; set; }
    }

    private readonly record struct Acknowledged(long First, int Records, long BaseOffset);
}

/// <summary>A record of a <see cref="LoadProducer"/> as it was found in the log.</summary>
internal readonly record struct LoggedRecord(long Offset, byte Producer, long Number);
