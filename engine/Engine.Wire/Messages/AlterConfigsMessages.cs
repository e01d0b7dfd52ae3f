namespace Engine.Wire;

/// <summary>Replaces everything that is set for a resource by what is given: what is not named goes back to its default.</summary>
public sealed class AlterConfigsRequest : IWireMessage<AlterConfigsRequest>
{
    public List<AlterConfigsResource> Resources = [];
    public bool ValidateOnly;

    public static void Describe<TIo>(ref TIo io, AlterConfigsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Resources, version);
        io.Bool(ref message.ValidateOnly);
        io.Tags();
    }
}

public sealed class AlterConfigsResource : IWireMessage<AlterConfigsResource>
{
    public sbyte Type;
    public string Name = "";
    public List<AlterableConfig> Configs = [];

    public static void Describe<TIo>(ref TIo io, AlterConfigsResource message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int8(ref message.Type);
        io.String(ref message.Name);
        io.Array(ref message.Configs, version);
        io.Tags();
    }
}

public sealed class AlterableConfig : IWireMessage<AlterableConfig>
{
    public string Name = "";
    public string? Value;

    public static void Describe<TIo>(ref TIo io, AlterableConfig message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.NullableString(ref message.Value);
        io.Tags();
    }
}

/// <summary>The answer to AlterConfigs and to IncrementalAlterConfigs: they have the same fields.</summary>
public sealed class AlterConfigsResponse : IWireMessage<AlterConfigsResponse>
{
    public int ThrottleTimeMs;
    public List<AlterConfigsResult> Results = [];

    public static void Describe<TIo>(ref TIo io, AlterConfigsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Results, version);
        io.Tags();
    }
}

public sealed class AlterConfigsResult : IWireMessage<AlterConfigsResult>
{
    public ErrorCode Error;
    public string? ErrorMessage;
    public sbyte Type;
    public string Name = "";

    public static void Describe<TIo>(ref TIo io, AlterConfigsResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        io.Int8(ref message.Type);
        io.String(ref message.Name);
        io.Tags();
    }
}
