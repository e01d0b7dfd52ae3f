namespace Engine.Wire;

public sealed class DescribeLogDirsRequest : IWireMessage<DescribeLogDirsRequest>
{
    /// <summary>Null asks for all partitions.</summary>
    public List<TopicPartitions>? Topics;

    public static void Describe<TIo>(ref TIo io, DescribeLogDirsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.NullableArray(ref message.Topics, version);
        io.Tags();
    }
}

/// <summary>A topic by name with some of its partitions, as several requests have it.</summary>
public sealed class TopicPartitions : IWireMessage<TopicPartitions>
{
    public string Name = "";
    public List<int> Partitions = [];

    public static void Describe<TIo>(ref TIo io, TopicPartitions message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Int32Array(ref message.Partitions);
        io.Tags();
    }
}

public sealed class DescribeLogDirsResponse : IWireMessage<DescribeLogDirsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<LogDirResult> Results = [];

    public static void Describe<TIo>(ref TIo io, DescribeLogDirsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        if (version >= 3)
        {
            io.Error(ref message.Error);
        }

        io.Array(ref message.Results, version);
        io.Tags();
    }
}

public sealed class LogDirResult : IWireMessage<LogDirResult>
{
    public ErrorCode Error;
    public string LogDir = "";
    public List<LogDirTopic> Topics = [];

    /// <summary>Of the volume, in bytes; −1 when it is not known.</summary>
    public long TotalBytes = -1;
    public long UsableBytes = -1;

    public static void Describe<TIo>(ref TIo io, LogDirResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.String(ref message.LogDir);
        io.Array(ref message.Topics, version);
        if (version >= 4)
        {
            io.Int64(ref message.TotalBytes);
            io.Int64(ref message.UsableBytes);
        }

        io.Tags();
    }
}

public sealed class LogDirTopic : IWireMessage<LogDirTopic>
{
    public string Name = "";
    public List<LogDirPartition> Partitions = [];

    public static void Describe<TIo>(ref TIo io, LogDirTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class LogDirPartition : IWireMessage<LogDirPartition>
{
    public int Index;
    public long SizeBytes;

    /// <summary>How far the log is behind the high watermark, in records.</summary>
    public long OffsetLag;
    public bool IsFuture;

    public static void Describe<TIo>(ref TIo io, LogDirPartition message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int64(ref message.SizeBytes);
        io.Int64(ref message.OffsetLag);
        io.Bool(ref message.IsFuture);
        io.Tags();
    }
}
