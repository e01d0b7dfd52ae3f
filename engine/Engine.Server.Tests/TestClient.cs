using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>A client that can say anything: whole frames, half frames, garbage, several requests at once.</summary>
internal sealed class TestClient : IDisposable
{
    private const int TimeoutMs = 10_000;
    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;
    private byte[] _takenIn = [];
    private int _correlationId;

    /// <param name="receiveBufferBytes">Of the socket, from the start, which limits the windows it announces; 0 leaves it to the kernel.</param>
    public TestClient(IPEndPoint endPoint, int receiveBufferBytes = 0)
    {
        if (receiveBufferBytes > 0)
        {
            _client.ReceiveBufferSize = receiveBufferBytes;
        }

        _client.Connect(endPoint);
        _client.NoDelay = true;
        _stream = _client.GetStream();
        _stream.ReadTimeout = TimeoutMs;
    }

    /// <summary>One batch of records with the given values.</summary>
    public static byte[] Batch(params byte[][] values)
    {
        RecordBatchBuilder builder = new();
        byte[] buffer = new byte[values.Sum(v => v.Length + 32) + RecordBatch.HeaderBytes + RecordBatchBuilder.ScratchBytes];
        builder.Begin(buffer, 0, buffer.Length - RecordBatchBuilder.ScratchBytes, 1_700_000_000_000);
        foreach (byte[] value in values)
        {
            Assert.True(builder.TryAppend(new Value(value)));
        }

        return builder.Seal().ToArray();
    }

    /// <summary>Recomputes the checksum after a test has changed something behind it.</summary>
    public static byte[] Mend(byte[] batch)
    {
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatch.CrcAt), Crc32C.Compute(batch.AsSpan(RecordBatch.AttributesAt)));
        return batch;
    }

    public IPEndPoint LocalEndPoint => (IPEndPoint)_client.Client.LocalEndPoint!;

    /// <summary>Bytes that have come and have not been read.</summary>
    public int Available => _client.Available;

    /// <summary>Sees everything that is sent.</summary>
    public Action<byte[]>? Sending { get; init; }

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        Sending?.Invoke(bytes.ToArray());
        _stream.Write(bytes);
    }

    public void FinishSending() => _client.Client.Shutdown(SocketShutdown.Send);

    public TResponse Ask<TRequest, TResponse>(ApiKey key, short version, TRequest request)
        where TRequest : class, IWireMessage<TRequest>, new()
        where TResponse : class, IWireMessage<TResponse>, new()
    {
        int correlationId = Send(key, version, request);
        return Receive<TResponse>(key, version, correlationId);
    }

    /// <summary>Sends a request, whose answer is read by <see cref="Receive"/>; returns its correlation id.</summary>
    public int Send<TRequest>(ApiKey key, short version, TRequest request)
        where TRequest : class, IWireMessage<TRequest>, new()
    {
        WireBuffer buffer = new();
        int start = Frames.BeginRequest(buffer, key, version, ++_correlationId, "test");
        TRequest.Describe(ref buffer, request, version);
        Frames.End(buffer, start);
        SendRaw(buffer.Written);
        return _correlationId;
    }

    public TResponse Receive<TResponse>(ApiKey key, short version, int correlationId)
        where TResponse : class, IWireMessage<TResponse>, new()
    {
        WireReader reader = new(ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Assert.Equal(correlationId, Frames.ReadResponseHeader(ref reader, key, version));
        TResponse response = new();
        TResponse.Describe(ref reader, response, version);
        Assert.Equal(0, reader.Remaining);
        return response;
    }

    /// <summary>Sends a body written by hand and returns the answer, read up to its body.</summary>
    public WireReader Exchange(ApiKey key, short version, Action<WireBuffer> writeBody)
    {
        WireBuffer buffer = new();
        int start = Frames.BeginRequest(buffer, key, version, ++_correlationId, "test");
        writeBody(buffer);
        Frames.End(buffer, start);
        SendRaw(buffer.Written);
        WireReader reader = new(ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Assert.Equal(_correlationId, Frames.ReadResponseHeader(ref reader, key, version));
        return reader;
    }

    public void CreateTopic(string name, int partitions = 1, params (string Name, string Value)[] config)
    {
        CreateTopicsResponse response = Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 4, new CreateTopicsRequest
        {
            TimeoutMs = TimeoutMs,
            Topics =
            [
                new CreatableTopic
                {
                    Name = name,
                    PartitionCount = partitions,
                    ReplicationFactor = 1,
                    Configs = [.. config.Select(c => new CreatableTopicConfig { Name = c.Name, Value = c.Value })],
                },
            ],
        });
        Assert.Equal(ErrorCode.None, response.Topics.Single().Error);
    }

    /// <summary>Sends a Produce request of any version for one partition; the caller reads the answer.</summary>
    public int SendProduce(
        string topic, byte[] records, short version = ProduceClient.Version, short acks = 1, int partition = 0, string? transactionalId = null)
    {
        WireBuffer buffer = new();
        int start = Frames.BeginRequest(buffer, ApiKey.Produce, version, ++_correlationId, "test");
        buffer.WriteNullableString(transactionalId);
        buffer.WriteInt16(acks);
        buffer.WriteInt32(1000);
        buffer.WriteArrayLength(1);
        buffer.WriteString(topic);
        buffer.WriteArrayLength(1);
        buffer.WriteInt32(partition);
        buffer.WriteInt32(records.Length);
        buffer.WriteRaw(records);
        Frames.End(buffer, start);
        SendRaw(buffer.Written);
        return _correlationId;
    }

    public ProduceResult ReadProduce(int correlationId)
    {
        WireReader reader = new(ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Assert.Equal(correlationId, Frames.ReadResponseHeader(ref reader, ApiKey.Produce, ProduceClient.Version));
        return ProduceClient.ReadResult(ref reader);
    }

    public ProduceResult Produce(
        string topic, byte[] records, short version = ProduceClient.Version, short acks = 1, int partition = 0, string? transactionalId = null) =>
        ReadProduce(SendProduce(topic, records, version, acks, partition, transactionalId));

    /// <summary>One request with a batch for each of the partitions from 0 on.</summary>
    public (int Partition, ErrorCode Error)[] ProduceMany(string topic, byte[][] batches)
    {
        WireBuffer buffer = new();
        int start = Frames.BeginRequest(buffer, ApiKey.Produce, 3, ++_correlationId, "test");
        buffer.WriteNullableString(null);
        buffer.WriteInt16(1);
        buffer.WriteInt32(1000);
        buffer.WriteArrayLength(1);
        buffer.WriteString(topic);
        buffer.WriteArrayLength(batches.Length);
        for (int i = 0; i < batches.Length; i++)
        {
            buffer.WriteInt32(i);
            buffer.WriteInt32(batches[i].Length);
            buffer.WriteRaw(batches[i]);
        }

        Frames.End(buffer, start);
        SendRaw(buffer.Written);
        WireReader reader = new(ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Frames.ReadResponseHeader(ref reader, ApiKey.Produce, 3);
        Assert.Equal(1, reader.ReadArrayLength(6));
        reader.ReadStringBytes(out _);
        (int, ErrorCode)[] answers = new (int, ErrorCode)[reader.ReadArrayLength(14)];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = (reader.ReadInt32(), (ErrorCode)reader.ReadInt16());
            reader.ReadInt64();
            reader.ReadInt64();
        }

        return answers;
    }

    /// <summary>The time that the answer says the batch was appended at.</summary>
    public long ProduceForTime(string topic, byte[] records)
    {
        int correlationId = SendProduce(topic, records);
        WireReader reader = new(ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Assert.Equal(correlationId, Frames.ReadResponseHeader(ref reader, ApiKey.Produce, ProduceClient.Version));
        Assert.Equal(ErrorCode.None, ProduceClient.ReadResult(ref reader).Error);
        return reader.ReadInt64();
    }

    public InitProducerIdResponse InitProducerId(string? transactionalId, int timeoutMs, long producerId = -1, short version = 4) =>
        Ask<InitProducerIdRequest, InitProducerIdResponse>(ApiKey.InitProducerId, version, new InitProducerIdRequest
        {
            TransactionalId = transactionalId,
            TransactionTimeoutMs = timeoutMs,
            ProducerId = producerId,
        });

    /// <summary>The id of a new idempotent producer; a broker that has just started may not have any yet.</summary>
    public long NewProducerId()
    {
        InitProducerIdResponse? response = null;
        Assert.True(
            SpinWait.SpinUntil(() => (response = InitProducerId(null, 1000)).Error == ErrorCode.None, TimeSpan.FromSeconds(30)),
            $"no producer id: {response?.Error}");
        return response!.ProducerId;
    }

    /// <summary>The first record at or after a time, and its own; −1 for none.</summary>
    public (long Offset, long TimestampMs) OffsetAt(string topic, long timestampMs)
    {
        ListOffsetsPartitionResult found = Ask<ListOffsetsRequest, ListOffsetsResponse>(ApiKey.ListOffsets, 5, new ListOffsetsRequest
        {
            Topics = [new ListOffsetsTopic { Name = topic, Partitions = [new ListOffsetsPartition { Timestamp = timestampMs }] }],
        }).Topics.Single().Partitions.Single();
        Assert.Equal(ErrorCode.None, found.Error);
        return (found.Offset, found.Timestamp);
    }

    public void SendFetch(string topic, long offset, int maxWaitMs = 0, int minBytes = 1, int maxBytes = 1 << 20, int partition = 0, int leaderEpoch = -1)
    {
        WireBuffer buffer = new();
        FetchClient.WriteRequest(
            buffer, ++_correlationId, "test", maxWaitMs, minBytes, maxBytes, topic, [new FetchPartition(partition, leaderEpoch, offset, maxBytes)]);
        SendRaw(buffer.Written);
    }

    public Fetched ReadFetch()
    {
        WireReader reader = new(ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Frames.ReadResponseHeader(ref reader, ApiKey.Fetch, FetchClient.Version);
        FetchResponseReader response = new(reader);
        return response.NextPartition(out FetchedPartition partition)
            ? new Fetched(partition.Error, partition.HighWatermark, partition.LogStartOffset, partition.Records.ToArray())
            : new Fetched(response.Error, -1, -1, []);
    }

    public Fetched Fetch(string topic, long offset, int maxWaitMs = 0, int minBytes = 1, int maxBytes = 1 << 20, int partition = 0, int leaderEpoch = -1)
    {
        SendFetch(topic, offset, maxWaitMs, minBytes, maxBytes, partition, leaderEpoch);
        return ReadFetch();
    }

    /// <summary>Takes the first bytes of the next frame off the connection, so that the broker gets on whatever the sockets' buffers hold.</summary>
    public void TakeIn(int bytes)
    {
        byte[] taken = new byte[bytes];
        _stream.ReadExactly(taken);
        _takenIn = [.. _takenIn, .. taken];
    }

    /// <summary>The next frame without its length, or null when the broker has closed the connection.</summary>
    public byte[]? ReceiveFrame()
    {
        byte[] length = new byte[4];
        try
        {
            ReadExactly(length);
            byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            ReadExactly(frame);
            return frame;
        }
        catch (Exception closed) when (closed is EndOfStreamException || closed.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    private void ReadExactly(Span<byte> bytes)
    {
        int before = Math.Min(_takenIn.Length, bytes.Length);
        _takenIn.AsSpan(0, before).CopyTo(bytes);
        _takenIn = _takenIn[before..];
        _stream.ReadExactly(bytes[before..]);
    }

    private readonly struct Value(byte[] bytes) : IRecordValue
    {
        public int Length => bytes.Length;

        public void Write(ref byte destination) =>
            bytes.CopyTo(System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, bytes.Length));
    }
}

/// <summary>What a fetch of one partition brought.</summary>
internal sealed record Fetched(ErrorCode Error, long HighWatermark, long LogStartOffset, byte[] Records)
{
    public int SessionId { get; init; }
}
