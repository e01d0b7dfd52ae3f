namespace Engine.Wire;

/// <summary>How many replicas have to have a batch before it is acknowledged.</summary>
public enum Acks : short
{
    All = -1,
    None = 0,
    Leader = 1,
}

/// <summary>
/// Walks a Produce request in place: topics, and in each its partitions. On the data path, so nothing is copied or allocated; the
/// structure of a whole request is checked with <see cref="CheckWhole"/> before any part of it takes effect.
/// <para>Versions 3 to 12; the body's reader knows whether they are flexible.</para>
/// </summary>
public ref struct ProduceRequestReader
{
    private const int TopicBytesMin = 6;
    private const int PartitionBytesMin = 8;
    private const int FlexibleTopicBytesMin = 3;
    private const int FlexiblePartitionBytesMin = 6;

    private WireReader _reader;
    private int _topicsLeft;
    private int _partitionsLeft;

    public ProduceRequestReader(WireReader body)
    {
        _reader = body;
        _reader.ReadStringBytes(out bool noTransactionalId);
        HasTransactionalId = !noTransactionalId;
        Acks = _reader.ReadInt16();
        TimeoutMs = _reader.ReadInt32();
        TopicCount = Math.Max(0, _reader.ReadArrayLength(_reader.Flexible ? FlexibleTopicBytesMin : TopicBytesMin));
        _topicsLeft = TopicCount;
    }

    public bool HasTransactionalId { get; }

    /// <summary>As sent; only the values of <see cref="Wire.Acks"/> are valid.</summary>
    public short Acks { get; }
    public int TimeoutMs { get; }
    public int TopicCount { get; }

    /// <summary>Throws <see cref="WireFormatException"/> unless the whole body can be walked.</summary>
    public static void CheckWhole(WireReader body)
    {
        ProduceRequestReader request = new(body);
        while (request.NextTopic(out _, out _))
        {
            while (request.NextPartition(out _, out _, out _))
            {
            }
        }

        request._reader.SkipTags();
    }

    public bool NextTopic(out ReadOnlySpan<byte> name, out int partitionCount)
    {
        if (_topicsLeft == 0)
        {
            name = default;
            partitionCount = 0;
            return false;
        }

        _topicsLeft--;
        name = _reader.ReadStringBytes(out _);
        partitionCount = Math.Max(0, _reader.ReadArrayLength(_reader.Flexible ? FlexiblePartitionBytesMin : PartitionBytesMin));
        _partitionsLeft = partitionCount;
        if (partitionCount == 0)
        {
            _reader.SkipTags();
        }

        return true;
    }

    /// <param name="index">The partition.</param>
    /// <param name="recordsAt">Where its records begin, counted from the start of the bytes that the body's reader was made over.</param>
    /// <param name="recordsBytes">Their length; 0 for null.</param>
    public bool NextPartition(out int index, out int recordsAt, out int recordsBytes)
    {
        if (_partitionsLeft == 0)
        {
            index = recordsAt = recordsBytes = 0;
            return false;
        }

        index = _reader.ReadInt32();
        recordsBytes = _reader.ReadBytes(out _).Length;
        recordsAt = _reader.Position - recordsBytes;
        _reader.SkipTags();
        if (--_partitionsLeft == 0)
        {
            _reader.SkipTags(); // the topic's
        }

        return true;
    }
}

/// <summary>Writes a Produce request for one batch of one partition, and reads its answer: the client's side.</summary>
public static class ProduceClient
{
    /// <summary>The version the harness speaks: the last that is not flexible.</summary>
    public const short Version = 8;

    /// <summary>
    /// Writes everything of the frame that stands before the batch; the batch, of <paramref name="batchBytes"/>, follows it on the wire as it is.
    /// </summary>
    public static void WriteBeforeBatch(
        WireBuffer buffer, int correlationId, string clientId, Acks acks, int timeoutMs, string topic, int partition, int batchBytes)
    {
        int start = Frames.BeginRequest(buffer, ApiKey.Produce, Version, correlationId, clientId);
        buffer.WriteNullableString(null);
        buffer.WriteInt16((short)acks);
        buffer.WriteInt32(timeoutMs);
        buffer.WriteArrayLength(1);
        buffer.WriteString(topic);
        buffer.WriteArrayLength(1);
        buffer.WriteInt32(partition);
        buffer.WriteInt32(batchBytes);
        Frames.End(buffer, start, batchBytes);
    }

    /// <summary>Reads the answer for the one partition of a request. The reader stands behind the response header.</summary>
    public static ProduceResult ReadResult(ref WireReader body)
    {
        if (body.ReadArrayLength(6) != 1)
        {
            throw new WireFormatException("the answer to a Produce request of one topic does not hold one topic");
        }

        body.ReadStringBytes(out _);
        if (body.ReadArrayLength(14) != 1)
        {
            throw new WireFormatException("the answer to a Produce request of one partition does not hold one partition");
        }

        return new ProduceResult(body.ReadInt32(), (ErrorCode)body.ReadInt16(), body.ReadInt64());
    }
}

/// <param name="BaseOffset">The offset of the batch's first record; −1 with an error.</param>
public readonly record struct ProduceResult(int Partition, ErrorCode Error, long BaseOffset);
