namespace Engine.Wire;

public sealed class DeleteGroupsRequest : IWireMessage<DeleteGroupsRequest>
{
    public List<string> Groups = [];

    public static void Describe<TIo>(ref TIo io, DeleteGroupsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.StringArray(ref message.Groups);
        io.Tags();
    }
}

public sealed class DeleteGroupsResponse : IWireMessage<DeleteGroupsResponse>
{
    public int ThrottleTimeMs;
    public List<DeletedGroup> Results = [];

    public static void Describe<TIo>(ref TIo io, DeleteGroupsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Results, version);
        io.Tags();
    }
}

public sealed class DeletedGroup : IWireMessage<DeletedGroup>
{
    public string GroupId = "";
    public ErrorCode Error;

    public static void Describe<TIo>(ref TIo io, DeletedGroup message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.GroupId);
        io.Error(ref message.Error);
        io.Tags();
    }
}
