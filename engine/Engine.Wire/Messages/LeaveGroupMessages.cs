namespace Engine.Wire;

public sealed class LeaveGroupRequest : IWireMessage<LeaveGroupRequest>
{
    public string GroupId = "";
    public string MemberId = "";
    public List<LeavingMember> Members = [];

    public static void Describe<TIo>(ref TIo io, LeaveGroupRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);

        if (version <= 2)
        {
            io.String(ref message.MemberId);
        }

        if (version >= 3)
        {
            io.Array(ref message.Members, version);
        }

        io.Tags();
    }
}

public sealed class LeavingMember : IWireMessage<LeavingMember>
{
    /// <summary>Empty to remove a static member by its instance id.</summary>
    public string MemberId = "";
    public string? GroupInstanceId;
    public string? Reason;

    public static void Describe<TIo>(ref TIo io, LeavingMember message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.MemberId);
        io.NullableString(ref message.GroupInstanceId);

        if (version >= 5)
        {
            io.NullableString(ref message.Reason);
        }

        io.Tags();
    }
}

public sealed class LeaveGroupResponse : IWireMessage<LeaveGroupResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<LeavingMemberResult> Members = [];

    public static void Describe<TIo>(ref TIo io, LeaveGroupResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Error(ref message.Error);

        if (version >= 3)
        {
            io.Array(ref message.Members, version);
        }

        io.Tags();
    }
}

public sealed class LeavingMemberResult : IWireMessage<LeavingMemberResult>
{
    public string MemberId = "";
    public string? GroupInstanceId;
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, LeavingMemberResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.MemberId);
        io.NullableString(ref message.GroupInstanceId);
        io.Error(ref message.Error);
        io.Tags();
    }
}
