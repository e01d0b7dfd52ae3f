namespace Engine.Wire;

public sealed class FindCoordinatorRequest : IWireMessage<FindCoordinatorRequest>
{
    public string Key = "";

    /// <summary>0 a group, 1 a transactional id.</summary>
    public sbyte KeyType;
    public List<string> Keys = [];

    public static void Describe<TIo>(ref TIo io, FindCoordinatorRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version <= 3)
        {
            io.String(ref message.Key);
        }

        if (version >= 1)
        {
            io.Int8(ref message.KeyType);
        }

        if (version >= 4)
        {
            io.StringArray(ref message.Keys);
        }

        io.Tags();
    }
}

public sealed class FindCoordinatorResponse : IWireMessage<FindCoordinatorResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ErrorMessage;
    public int NodeId;
    public string Host = "";
    public int Port;
    public List<CoordinatorResult> Coordinators = [];

    public static void Describe<TIo>(ref TIo io, FindCoordinatorResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        if (version <= 3)
        {
            io.Error(ref message.Error);
        }

        if (version is >= 1 and <= 3)
        {
            io.NullableString(ref message.ErrorMessage);
        }

        if (version <= 3)
        {
            io.Int32(ref message.NodeId);
            io.String(ref message.Host);
            io.Int32(ref message.Port);
        }

        if (version >= 4)
        {
            io.Array(ref message.Coordinators, version);
        }

        io.Tags();
    }
}

public sealed class CoordinatorResult : IWireMessage<CoordinatorResult>
{
    public string Key = "";
    public int NodeId;
    public string Host = "";
    public int Port;
    public ErrorCode Error;
    public string? ErrorMessage;

    public static void Describe<TIo>(ref TIo io, CoordinatorResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Key);
        io.Int32(ref message.NodeId);
        io.String(ref message.Host);
        io.Int32(ref message.Port);
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        io.Tags();
    }
}
