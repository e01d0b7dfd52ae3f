namespace Engine.Wire;

/// <summary>Up to version 7 of one group, in the request itself; from version 8 on of several.</summary>
public sealed class OffsetFetchRequest : IWireMessage<OffsetFetchRequest>
{
    private const short FirstWithAllTopics = 2;
    private const short FirstWithGroups = 8;

    public string GroupId = "";

    /// <summary>Null asks for all offsets of the group, from version 2 on.</summary>
    public List<OffsetFetchTopic>? Topics = [];
    public List<OffsetFetchGroup> Groups = [];
    public bool RequireStable;

    public static void Describe<TIo>(ref TIo io, OffsetFetchRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= FirstWithGroups)
        {
            io.Array(ref message.Groups, version);
        }
        else
        {
            io.String(ref message.GroupId);
            if (version >= FirstWithAllTopics)
            {
                io.NullableArray(ref message.Topics, version);
            }
            else
            {
                List<OffsetFetchTopic> topics = message.Topics ?? [];
                io.Array(ref topics, version);
                message.Topics = topics;
            }
        }

        if (version >= 7)
        {
            io.Bool(ref message.RequireStable);
        }

        io.Tags();
    }
}

public sealed class OffsetFetchGroup : IWireMessage<OffsetFetchGroup>
{
    public string GroupId = "";
    public string? MemberId;
    public int MemberEpoch = -1;

    /// <summary>Null asks for all.</summary>
    public List<OffsetFetchTopic>? Topics = [];

    public static void Describe<TIo>(ref TIo io, OffsetFetchGroup message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        if (version >= 9)
        {
            io.NullableString(ref message.MemberId);
            io.Int32(ref message.MemberEpoch);
        }

        io.NullableArray(ref message.Topics, version);
        io.Tags();
    }
}

public sealed class OffsetFetchTopic : IWireMessage<OffsetFetchTopic>
{
    public string Name = "";
    public List<int> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetFetchTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Int32Array(ref message.Partitions);
        io.Tags();
    }
}

public sealed class OffsetFetchResponse : IWireMessage<OffsetFetchResponse>
{
    private const short FirstWithGroups = 8;

    public int ThrottleTimeMs;
    public List<OffsetFetchTopicResult> Topics = [];
    public ErrorCode Error;
    public List<OffsetFetchGroupResult> Groups = [];

    public static void Describe<TIo>(ref TIo io, OffsetFetchResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 3)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        if (version >= FirstWithGroups)
        {
            io.Array(ref message.Groups, version);
        }
        else
        {
            io.Array(ref message.Topics, version);
            if (version >= 2)
            {
                io.Error(ref message.Error);
            }
        }

        io.Tags();
    }
}

public sealed class OffsetFetchGroupResult : IWireMessage<OffsetFetchGroupResult>
{
    public string GroupId = "";
    public List<OffsetFetchTopicResult> Topics = [];
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, OffsetFetchGroupResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Array(ref message.Topics, version);
        io.Error(ref message.Error);
        io.Tags();
    }
}

public sealed class OffsetFetchTopicResult : IWireMessage<OffsetFetchTopicResult>
{
    public string Name = "";
    public List<OffsetFetchPartitionResult> Partitions = [];

    public static void Describe<TIo>(ref TIo io, OffsetFetchTopicResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Array(ref message.Partitions, version);
        io.Tags();
    }
}

public sealed class OffsetFetchPartitionResult : IWireMessage<OffsetFetchPartitionResult>
{
    public int Index;

    /// <summary>−1: nothing is committed.</summary>
    public long Offset = -1;
    public int LeaderEpoch = -1;
    public string? Metadata = "";
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, OffsetFetchPartitionResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.Index);
        io.Int64(ref message.Offset);
        if (version >= 5)
        {
            io.Int32(ref message.LeaderEpoch);
        }

        io.NullableString(ref message.Metadata);
        io.Error(ref message.Error);
        io.Tags();
    }
}
