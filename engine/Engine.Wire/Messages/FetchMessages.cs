namespace Engine.Wire;

/// <summary>What a Fetch request asks of one partition.</summary>
/// <param name="CurrentLeaderEpoch">The epoch in which the asker believes the partition to be; −1 when it does not care.</param>
/// <param name="LastFetchedEpoch">The epoch of the last record it has; −1 when it does not say, which it cannot before version 12.</param>
public readonly record struct FetchPartition(int Index, int CurrentLeaderEpoch, long Offset, int MaxBytes, int LastFetchedEpoch = -1);

/// <summary>
/// Walks a Fetch request in place: topics, and in each its partitions. On the data path, so nothing is copied or allocated.
/// <para>Versions 4 to 12; the body's reader knows whether they are flexible.</para>
/// </summary>
public ref struct FetchRequestReader
{
    private const int TopicBytesMin = 6;
    private const int PartitionBytesMin = 16;
    private const int FlexibleTopicBytesMin = 3;
    private const int FlexiblePartitionBytesMin = 33;

    private readonly short _version;
    private WireReader _reader;
    private int _topicsLeft;
    private int _partitionsLeft;

    public FetchRequestReader(WireReader body, short version)
    {
        _version = version;
        _reader = body;
        _reader.ReadInt32(); // replica id: there are no followers
        MaxWaitMs = _reader.ReadInt32();
        MinBytes = _reader.ReadInt32();
        MaxBytes = _reader.ReadInt32();
        _reader.ReadInt8(); // isolation level: without transactions both levels read the same
        if (version >= 7)
        {
            SessionId = _reader.ReadInt32();
            SessionEpoch = _reader.ReadInt32();
        }
        else
        {
            SessionEpoch = -1;
        }

        TopicCount = Math.Max(0, _reader.ReadArrayLength(_reader.Flexible ? FlexibleTopicBytesMin : TopicBytesMin));
        _topicsLeft = TopicCount;
    }

    public int MaxWaitMs { get; }
    public int MinBytes { get; }
    public int MaxBytes { get; }
    public int SessionId { get; }
    public int SessionEpoch { get; }
    public int TopicCount { get; }

    /// <summary>Throws <see cref="WireFormatException"/> unless the whole body can be walked.</summary>
    public static void CheckWhole(WireReader body, short version)
    {
        FetchRequestReader request = new(body, version);
        while (request.NextTopic(out _, out _))
        {
            while (request.NextPartition(out _))
            {
            }
        }

        request.SkipRest();
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

    public bool NextPartition(out FetchPartition partition)
    {
        if (_partitionsLeft == 0)
        {
            partition = default;
            return false;
        }

        int index = _reader.ReadInt32();
        int epoch = _version >= 9 ? _reader.ReadInt32() : -1;
        long offset = _reader.ReadInt64();
        int lastEpoch = _version >= 12 ? _reader.ReadInt32() : -1;
        if (_version >= 5)
        {
            _reader.ReadInt64(); // the follower's log start offset
        }

        partition = new FetchPartition(index, epoch, offset, _reader.ReadInt32(), lastEpoch);
        _reader.SkipTags();
        if (--_partitionsLeft == 0)
        {
            _reader.SkipTags(); // the topic's
        }

        return true;
    }

    /// <summary>What stands behind the partitions: those to be forgotten of a session, and the rack. Neither has an effect here.</summary>
    private void SkipRest()
    {
        if (_version >= 7)
        {
            for (int topics = _reader.ReadArrayLength(_reader.Flexible ? FlexibleTopicBytesMin : TopicBytesMin); topics > 0; topics--)
            {
                _reader.ReadStringBytes(out _);
                _reader.Take(sizeof(int) * Math.Max(0, _reader.ReadArrayLength(sizeof(int))));
                _reader.SkipTags();
            }
        }

        if (_version >= 11)
        {
            _reader.ReadStringBytes(out _);
        }

        _reader.SkipTags();
    }
}

/// <summary>Writes a Fetch request for partitions of one topic: the client's side.</summary>
public static class FetchClient
{
    /// <summary>The version the harness speaks: the last that is not flexible.</summary>
    public const short Version = 11;

    private const int NoSession = 0;
    private const int FinalEpoch = -1;

    public static void WriteRequest(
        WireBuffer buffer,
        int correlationId,
        string clientId,
        int maxWaitMs,
        int minBytes,
        int maxBytes,
        string topic,
        ReadOnlySpan<FetchPartition> partitions)
    {
        int start = Frames.BeginRequest(buffer, ApiKey.Fetch, Version, correlationId, clientId);
        buffer.WriteInt32(-1);
        buffer.WriteInt32(maxWaitMs);
        buffer.WriteInt32(minBytes);
        buffer.WriteInt32(maxBytes);
        buffer.WriteInt8(0);
        buffer.WriteInt32(NoSession);
        buffer.WriteInt32(FinalEpoch);
        buffer.WriteArrayLength(1);
        buffer.WriteString(topic);
        buffer.WriteArrayLength(partitions.Length);
        foreach (FetchPartition partition in partitions)
        {
            buffer.WriteInt32(partition.Index);
            buffer.WriteInt32(partition.CurrentLeaderEpoch);
            buffer.WriteInt64(partition.Offset);
            buffer.WriteInt64(-1);
            buffer.WriteInt32(partition.MaxBytes);
        }

        buffer.WriteArrayLength(0);
        buffer.WriteString("");
        Frames.End(buffer, start);
    }
}

/// <summary>What a Fetch response brought for one partition; the records lie in the frame.</summary>
public readonly ref struct FetchedPartition
{
    public int Index { get; init; }
    public ErrorCode Error { get; init; }
    public long HighWatermark { get; init; }
    public long LogStartOffset { get; init; }

    /// <summary>Whole batches, of which the last may be cut.</summary>
    public ReadOnlySpan<byte> Records { get; init; }
}

/// <summary>Walks a Fetch response of <see cref="FetchClient.Version"/> in place.</summary>
public ref struct FetchResponseReader
{
    private WireReader _reader;
    private int _topicsLeft;
    private int _partitionsLeft;

    /// <param name="body">Stands behind the response header.</param>
    public FetchResponseReader(WireReader body)
    {
        _reader = body;
        _reader.ReadInt32(); // throttle time
        Error = (ErrorCode)_reader.ReadInt16();
        _reader.ReadInt32(); // session id
        _topicsLeft = Math.Max(0, _reader.ReadArrayLength(6));
    }

    public ErrorCode Error { get; }

    /// <summary>The next partition, whatever its topic: the harness asks for one topic at a time.</summary>
    public bool NextPartition(out FetchedPartition partition)
    {
        while (_partitionsLeft == 0)
        {
            if (_topicsLeft == 0)
            {
                partition = default;
                return false;
            }

            _topicsLeft--;
            _reader.ReadStringBytes(out _);
            _partitionsLeft = Math.Max(0, _reader.ReadArrayLength(38));
        }

        _partitionsLeft--;
        int index = _reader.ReadInt32();
        ErrorCode error = (ErrorCode)_reader.ReadInt16();
        long highWatermark = _reader.ReadInt64();
        _reader.ReadInt64(); // last stable offset
        long logStart = _reader.ReadInt64();
        for (int aborted = _reader.ReadArrayLength(16); aborted > 0; aborted--)
        {
            _reader.ReadInt64();
            _reader.ReadInt64();
        }

        _reader.ReadInt32(); // preferred read replica
        partition = new FetchedPartition
        {
            Index = index,
            Error = error,
            HighWatermark = highWatermark,
            LogStartOffset = logStart,
            Records = _reader.ReadBytes(out _),
        };
        return true;
    }
}
