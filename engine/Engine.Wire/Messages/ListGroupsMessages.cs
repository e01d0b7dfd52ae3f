namespace Engine.Wire;

public sealed class ListGroupsRequest : IWireMessage<ListGroupsRequest>
{
    /// <summary>Empty: all.</summary>
    public List<string> States = [];

    /// <summary>Empty: all.</summary>
    public List<string> Types = [];

    public static void Describe<TIo>(ref TIo io, ListGroupsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 4)
        {
            io.StringArray(ref message.States);
        }

        if (version >= 5)
        {
            io.StringArray(ref message.Types);
        }

        io.Tags();
    }
}

public sealed class ListGroupsResponse : IWireMessage<ListGroupsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<ListedGroup> Groups = [];

    public static void Describe<TIo>(ref TIo io, ListGroupsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Error(ref message.Error);
        io.Array(ref message.Groups, version);
        io.Tags();
    }
}

public sealed class ListedGroup : IWireMessage<ListedGroup>
{
    public string GroupId = "";
    public string ProtocolType = "";
    public string State = "";
    public string Type = "";

    public static void Describe<TIo>(ref TIo io, ListedGroup message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.String(ref message.ProtocolType);

        if (version >= 4)
        {
            io.String(ref message.State);
        }

        if (version >= 5)
        {
            io.String(ref message.Type);
        }

        io.Tags();
    }
}
