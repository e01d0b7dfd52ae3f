namespace Engine.Wire;

public sealed class HeartbeatRequest : IWireMessage<HeartbeatRequest>
{
    public string GroupId = "";
    public int Generation;
    public string MemberId = "";
    public string? GroupInstanceId;

    public static void Describe<TIo>(ref TIo io, HeartbeatRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Int32(ref message.Generation);
        io.String(ref message.MemberId);

        if (version >= 3)
        {
            io.NullableString(ref message.GroupInstanceId);
        }

        io.Tags();
    }
}

public sealed class HeartbeatResponse : IWireMessage<HeartbeatResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, HeartbeatResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Error(ref message.Error);
        io.Tags();
    }
}
