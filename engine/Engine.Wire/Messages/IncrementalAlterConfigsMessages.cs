namespace Engine.Wire;

/// <summary>What is to be done to one setting.</summary>
public enum AlterConfigOperation : sbyte
{
    Set = 0,
    Delete = 1,

    /// <summary>Adds to a list.</summary>
    Append = 2,

    /// <summary>Takes away from a list.</summary>
    Subtract = 3,
}

/// <summary>Changes single settings of a resource and leaves the others. Answered with <see cref="AlterConfigsResponse"/>.</summary>
public sealed class IncrementalAlterConfigsRequest : IWireMessage<IncrementalAlterConfigsRequest>
{
    public List<IncrementalAlterConfigsResource> Resources = [];
    public bool ValidateOnly;

    public static void Describe<TIo>(ref TIo io, IncrementalAlterConfigsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Resources, version);
        io.Bool(ref message.ValidateOnly);
        io.Tags();
    }
}

public sealed class IncrementalAlterConfigsResource : IWireMessage<IncrementalAlterConfigsResource>
{
    public sbyte Type;
    public string Name = "";
    public List<ConfigAlteration> Configs = [];

    public static void Describe<TIo>(ref TIo io, IncrementalAlterConfigsResource message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int8(ref message.Type);
        io.String(ref message.Name);
        io.Array(ref message.Configs, version);
        io.Tags();
    }
}

public sealed class ConfigAlteration : IWireMessage<ConfigAlteration>
{
    public string Name = "";

    /// <summary>As sent; only the values of <see cref="AlterConfigOperation"/> are valid.</summary>
    public sbyte Operation;
    public string? Value;

    public static void Describe<TIo>(ref TIo io, ConfigAlteration message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Int8(ref message.Operation);
        io.NullableString(ref message.Value);
        io.Tags();
    }
}
