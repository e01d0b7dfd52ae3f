namespace Engine.Wire;

public sealed class SyncGroupRequest : IWireMessage<SyncGroupRequest>
{
    public string GroupId = "";
    public int Generation;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string? ProtocolType;
    public string? ProtocolName;

    /// <summary>Of the leader only.</summary>
    public List<SyncGroupAssignment> Assignments = [];

    public static void Describe<TIo>(ref TIo io, SyncGroupRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Int32(ref message.Generation);
        io.String(ref message.MemberId);

        if (version >= 3)
        {
            io.NullableString(ref message.GroupInstanceId);
        }

        if (version >= 5)
        {
            io.NullableString(ref message.ProtocolType);
            io.NullableString(ref message.ProtocolName);
        }

        io.Array(ref message.Assignments, version);
        io.Tags();
    }
}

public sealed class SyncGroupAssignment : IWireMessage<SyncGroupAssignment>
{
    public string MemberId = "";
    public byte[] Assignment = [];

    public static void Describe<TIo>(ref TIo io, SyncGroupAssignment message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.MemberId);
        io.Bytes(ref message.Assignment);
        io.Tags();
    }
}

public sealed class SyncGroupResponse : IWireMessage<SyncGroupResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ProtocolType;
    public string? ProtocolName;
    public byte[] Assignment = [];

    public static void Describe<TIo>(ref TIo io, SyncGroupResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Error(ref message.Error);

        if (version >= 5)
        {
            io.NullableString(ref message.ProtocolType);
            io.NullableString(ref message.ProtocolName);
        }

        io.Bytes(ref message.Assignment);
        io.Tags();
    }
}
