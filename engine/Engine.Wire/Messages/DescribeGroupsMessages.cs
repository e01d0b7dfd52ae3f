namespace Engine.Wire;

public sealed class DescribeGroupsRequest : IWireMessage<DescribeGroupsRequest>
{
    public List<string> Groups = [];
    public bool IncludeAuthorizedOperations;

    public static void Describe<TIo>(ref TIo io, DescribeGroupsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.StringArray(ref message.Groups);

        if (version >= 3)
        {
            io.Bool(ref message.IncludeAuthorizedOperations);
        }

        io.Tags();
    }
}

public sealed class DescribeGroupsResponse : IWireMessage<DescribeGroupsResponse>
{
    public int ThrottleTimeMs;
    public List<DescribedGroup> Groups = [];

    public static void Describe<TIo>(ref TIo io, DescribeGroupsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Array(ref message.Groups, version);
        io.Tags();
    }
}

public sealed class DescribedGroup : IWireMessage<DescribedGroup>
{
    public ErrorCode Error;
    public string? ErrorMessage;
    public string GroupId = "";
    public string State = "";
    public string ProtocolType = "";
    public string ProtocolName = "";
    public List<DescribedGroupMember> Members = [];
    public int AuthorizedOperations = MetadataResponse.OperationsNotRequested;

    public static void Describe<TIo>(ref TIo io, DescribedGroup message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);

        if (version >= 6)
        {
            io.NullableString(ref message.ErrorMessage);
        }

        io.String(ref message.GroupId);
        io.String(ref message.State);
        io.String(ref message.ProtocolType);
        io.String(ref message.ProtocolName);
        io.Array(ref message.Members, version);

        if (version >= 3)
        {
            io.Int32(ref message.AuthorizedOperations);
        }

        io.Tags();
    }
}

public sealed class DescribedGroupMember : IWireMessage<DescribedGroupMember>
{
    public string MemberId = "";
    public string? GroupInstanceId;
    public string ClientId = "";
    public string ClientHost = "";
    public byte[] Metadata = [];
    public byte[] Assignment = [];

    public static void Describe<TIo>(ref TIo io, DescribedGroupMember message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.MemberId);

        if (version >= 4)
        {
            io.NullableString(ref message.GroupInstanceId);
        }

        io.String(ref message.ClientId);
        io.String(ref message.ClientHost);
        io.Bytes(ref message.Metadata);
        io.Bytes(ref message.Assignment);
        io.Tags();
    }
}
