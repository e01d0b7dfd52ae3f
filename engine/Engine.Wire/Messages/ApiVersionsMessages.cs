namespace Engine.Wire;

public sealed class ApiVersionsRequest : IWireMessage<ApiVersionsRequest>
{

    public string ClientSoftwareName = "";
    public string ClientSoftwareVersion = "";

    public static void Describe<TIo>(ref TIo io, ApiVersionsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        if (version >= 3)
        {
            io.String(ref message.ClientSoftwareName);
            io.String(ref message.ClientSoftwareVersion);
        }

        io.Tags();
    }
}

public sealed class ApiVersionsResponse : IWireMessage<ApiVersionsResponse>
{
    public ErrorCode Error;
    public List<ApiVersionEntry> Apis = [];
    public int ThrottleTimeMs;

    public static void Describe<TIo>(ref TIo io, ApiVersionsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.Array(ref message.Apis, version);
        if (version >= 1)
        {
            io.Int32(ref message.ThrottleTimeMs);
        }

        io.Tags();
    }
}

public sealed class ApiVersionEntry : IWireMessage<ApiVersionEntry>
{
    public short Key;
    public short Min;
    public short Max;

    public static void Describe<TIo>(ref TIo io, ApiVersionEntry message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int16(ref message.Key);
        io.Int16(ref message.Min);
        io.Int16(ref message.Max);
        io.Tags();
    }
}
