using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Engine.Wire;

namespace Harness.Load.Tests;

/// <summary>
/// A broker in memory on a loopback port: Produce 8, Fetch 11 and ListOffsets 1, one topic, batches kept as they come. It does everything right
/// unless a <see cref="Misbehaviour"/> is given. A thread for each connection, one lock for the log: made to be obvious, not fast.
/// </summary>
public sealed class TestBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _connections = [];
    private readonly Misbehaviour _misbehaviour;
    private readonly PartitionLog[] _logs;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private int _fetches;

    public TestBroker(int partitions = 1, Misbehaviour? misbehaviour = null)
    {
        _misbehaviour = misbehaviour ?? new Misbehaviour();
        _logs = [.. Enumerable.Range(0, partitions).Select(_ => new PartitionLog())];
        _listener.Start();
        new Thread(Accept) { IsBackground = true, Name = "test-broker" }.Start();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Fetch requests answered so far.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>Batches of a partition, as stored.</summary>
    public IReadOnlyList<byte[]> Batches(int partition)
    {
        lock (_gate)
        {
            return [.. _logs[partition].Batches];
        }
    }

    /// <summary>Removes everything below an offset, as retention does.</summary>
    public void RemoveBelow(int partition, long offset)
    {
        lock (_gate)
        {
            _logs[partition].RemoveBelow(offset);
        }
    }

    /// <summary>Puts a batch into a log as a broker would that made it up.</summary>
    public void Store(int partition, byte[] batch)
    {
        lock (_gate)
        {
            _logs[partition].Store(batch);
        }
    }

    public void CloseConnections()
    {
        foreach (Socket connection in _connections)
        {
            connection.Dispose();
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Stop();
        CloseConnections();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket connection = _listener.AcceptSocket();
                connection.NoDelay = true;
                _connections.Add(connection);
                new Thread(() => Serve(connection)) { IsBackground = true, Name = "test-broker-connection" }.Start();
            }
        }
        catch (Exception stopped) when (
            _ended.IsCancellationRequested && stopped is SocketException or InvalidOperationException)
        {
            // The listener was stopped: what it throws then depends on where it was.
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            byte[] length = new byte[Frames.LengthBytes];
            while (TryReceive(connection, length))
            {
                byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                if (!TryReceive(connection, frame))
                {
                    return;
                }

                byte[]? answer = Answer(frame);
                if (answer is not null)
                {
                    connection.Send(answer);
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or CloseConnectionException)
        {
            connection.Dispose();
        }
    }

    private static bool TryReceive(Socket connection, byte[] into)
    {
        for (int received = 0; received < into.Length;)
        {
            int count = connection.Receive(into.AsSpan(received));
            if (count == 0)
            {
                return false;
            }

            received += count;
        }

        return true;
    }

    private byte[]? Answer(byte[] frame)
    {
        WireReader reader = new(frame);
        RequestHeader header = RequestHeader.Read(ref reader);
        RequestHeader.ReadRest(ref reader, flexible: false);
        WireBuffer answer = new();
        int start = Frames.BeginResponse(answer, (ApiKey)header.Key, header.Version, header.CorrelationId);
        bool answered = (ApiKey)header.Key switch
        {
            ApiKey.Produce => Produce(frame, reader, answer),
            ApiKey.Fetch => Fetch(reader, header.Version, answer),
            ApiKey.ListOffsets => ListOffsets(reader, header.Version, answer),
            _ => throw new CloseConnectionException(),
        };
        if (!answered)
        {
            return null;
        }

        Frames.End(answer, start);
        return _misbehaviour.OnAnswer((ApiKey)header.Key, answer.Written.ToArray());
    }

    private bool Produce(byte[] frame, WireReader body, WireBuffer answer)
    {
        ProduceRequestReader request = new(body);
        request.NextTopic(out ReadOnlySpan<byte> topic, out _);
        request.NextPartition(out int partition, out int recordsAt, out int recordsBytes);
        byte[] batch = frame.AsSpan(recordsAt, recordsBytes).ToArray();
        ErrorCode error = RecordBatch.Check(batch) == BatchFault.None ? _misbehaviour.OnProduce(partition) : ErrorCode.CorruptMessage;
        long baseOffset = -1;
        if (error == ErrorCode.None)
        {
            lock (_gate)
            {
                PartitionLog log = _logs[partition];
                baseOffset = log.EndOffset;
                RecordBatch.Assign(batch, baseOffset, 0);
                _misbehaviour.OnAppend(partition, batch, log);
                Monitor.Enter(_logs);
                Monitor.PulseAll(_logs);
                Monitor.Exit(_logs);
            }
        }

        if (request.Acks == (short)Acks.None)
        {
            return false;
        }

        answer.WriteArrayLength(1);
        answer.WriteStringBytes(topic);
        answer.WriteArrayLength(1);
        answer.WriteInt32(partition);
        answer.WriteInt16((short)error);
        answer.WriteInt64(baseOffset);
        answer.WriteInt64(-1);
        answer.WriteInt64(0);
        answer.WriteArrayLength(0);
        answer.WriteNullableString(null);
        answer.WriteInt32(0);
        return true;
    }

    private bool Fetch(WireReader body, short version, WireBuffer answer)
    {
        FetchRequestReader request = new(body, version);
        request.NextTopic(out ReadOnlySpan<byte> topicBytes, out int count);
        byte[] topic = topicBytes.ToArray();
        FetchPartition[] asked = new FetchPartition[count];
        for (int i = 0; i < count; i++)
        {
            request.NextPartition(out asked[i]);
        }

        FetchedRecords[] found = Wait(asked, request.MaxWaitMs, request.MaxBytes);
        answer.WriteInt32(0);
        answer.WriteInt16((short)ErrorCode.None);
        answer.WriteInt32(0);
        answer.WriteArrayLength(1);
        answer.WriteStringBytes(topic);
        answer.WriteArrayLength(count);
        for (int i = 0; i < count; i++)
        {
            answer.WriteInt32(asked[i].Index);
            answer.WriteInt16((short)found[i].Error);
            answer.WriteInt64(found[i].HighWatermark);
            answer.WriteInt64(found[i].HighWatermark);
            answer.WriteInt64(found[i].LogStart);
            answer.WriteArrayLength(-1);
            answer.WriteInt32(-1);
            byte[] records = _misbehaviour.OnFetched(asked[i].Index, asked[i].Offset, found[i].Records);
            answer.WriteInt32(records.Length);
            answer.WriteRaw(records);
        }

        Interlocked.Increment(ref _fetches);
        return true;
    }

    /// <summary>The records asked for, at once or as soon as there are any.</summary>
    private FetchedRecords[] Wait(FetchPartition[] asked, int maxWaitMs, int maxBytes)
    {
        long deadline = Environment.TickCount64 + maxWaitMs;
        while (true)
        {
            FetchedRecords[] found = Read(asked, maxBytes);
            long left = deadline - Environment.TickCount64;
            if (left <= 0 || _ended.IsCancellationRequested || Array.Exists(found, f => f.Records.Length > 0 || f.Error != ErrorCode.None))
            {
                return found;
            }

            lock (_logs)
            {
                // An append between Read and here is seen a little later.
                Monitor.Wait(_logs, (int)Math.Min(left, 5));
            }
        }
    }

    private FetchedRecords[] Read(FetchPartition[] asked, int maxBytes)
    {
        lock (_gate)
        {
            FetchedRecords[] found = new FetchedRecords[asked.Length];
            bool any = false;
            for (int i = 0; i < asked.Length; i++)
            {
                int limit = Math.Min(asked[i].MaxBytes, Math.Max(0, maxBytes));
                found[i] = _logs[asked[i].Index].Read(asked[i].Offset, limit, firstWhole: !any);
                any |= found[i].Records.Length > 0;
                maxBytes -= found[i].Records.Length;
            }

            return found;
        }
    }

    private bool ListOffsets(WireReader body, short version, WireBuffer answer)
    {
        ListOffsetsRequest request = new();
        ListOffsetsRequest.Describe(ref body, request, version);
        ListOffsetsResponse response = new();
        foreach (ListOffsetsTopic topic in request.Topics)
        {
            ListOffsetsTopicResult result = new() { Name = topic.Name };
            foreach (ListOffsetsPartition partition in topic.Partitions)
            {
                result.Partitions.Add(Offset(partition));
            }

            response.Topics.Add(result);
        }

        ListOffsetsResponse.Describe(ref answer, response, version);
        return true;
    }

    private ListOffsetsPartitionResult Offset(ListOffsetsPartition asked)
    {
        if ((uint)asked.Index >= (uint)_logs.Length)
        {
            return new() { Index = asked.Index, Error = ErrorCode.UnknownTopicOrPartition };
        }

        lock (_gate)
        {
            PartitionLog log = _logs[asked.Index];
            return new() { Index = asked.Index, Offset = asked.Timestamp == ListOffsetsRequest.Earliest ? log.StartOffset : log.EndOffset };
        }
    }
}

/// <summary>Thrown by a <see cref="Misbehaviour"/> to have the connection closed.</summary>
public sealed class CloseConnectionException : Exception;
