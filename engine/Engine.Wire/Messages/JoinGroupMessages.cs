namespace Engine.Wire;

public sealed class JoinGroupRequest : IWireMessage<JoinGroupRequest>
{
    public string GroupId = "";
    public int SessionTimeoutMs;

    /// <summary>In version 0 the session timeout stands for it.</summary>
    public int RebalanceTimeoutMs = -1;

    /// <summary>Empty of one that has none yet.</summary>
    public string MemberId = "";
    public string? GroupInstanceId;
    public string ProtocolType = "";

    /// <summary>In the order of the member's preference.</summary>
    public List<JoinGroupProtocol> Protocols = [];
    public string? Reason;

    public static void Describe<TIo>(ref TIo io, JoinGroupRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Int32(ref message.SessionTimeoutMs);

        if (version >= 1)
        {
            io.Int32(ref message.RebalanceTimeoutMs);
        }

        io.String(ref message.MemberId);

        if (version >= 5)
        {
            io.NullableString(ref message.GroupInstanceId);
        }

        io.String(ref message.ProtocolType);
        io.Array(ref message.Protocols, version);

        if (version >= 8)
        {
            io.NullableString(ref message.Reason);
        }

        io.Tags();
    }
}

public sealed class JoinGroupProtocol : IWireMessage<JoinGroupProtocol>
{
    public string Name = "";
    public byte[] Metadata = [];

    public static void Describe<TIo>(ref TIo io, JoinGroupProtocol message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Bytes(ref message.Metadata);
        io.Tags();
    }
}

public sealed class JoinGroupResponse : IWireMessage<JoinGroupResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public int Generation = -1;
    public string? ProtocolType;

    /// <summary>Null only from version 7 on.</summary>
    public string? ProtocolName;
    public string Leader = "";
    public bool SkipAssignment;
    public string MemberId = "";

    /// <summary>Of the leader only: it makes the assignment.</summary>
    public List<JoinGroupMember> Members = [];

    public static void Describe<TIo>(ref TIo io, JoinGroupResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 2)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Error(ref message.Error);
        io.Int32(ref message.Generation);

        if (version >= 7)
        {
            io.NullableString(ref message.ProtocolType);
        }

        io.NullableString(ref message.ProtocolName);
        io.String(ref message.Leader);

        if (version >= 9)
        {
            io.Bool(ref message.SkipAssignment);
        }

        io.String(ref message.MemberId);
        io.Array(ref message.Members, version);
        io.Tags();
    }
}

public sealed class JoinGroupMember : IWireMessage<JoinGroupMember>
{
    public string MemberId = "";
    public string? GroupInstanceId;
    public byte[] Metadata = [];

    public static void Describe<TIo>(ref TIo io, JoinGroupMember message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.MemberId);

        if (version >= 5)
        {
            io.NullableString(ref message.GroupInstanceId);
        }

        io.Bytes(ref message.Metadata);
        io.Tags();
    }
}
