namespace Engine.Wire;

/// <summary>What a configuration belongs to.</summary>
public enum ConfigResourceType : sbyte
{
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}

/// <summary>Where a configuration's value comes from.</summary>
public enum ConfigSource : sbyte
{
    DynamicTopic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
}

/// <summary>The type of a configuration's value.</summary>
public enum ConfigType : sbyte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}

public sealed class DescribeConfigsRequest : IWireMessage<DescribeConfigsRequest>
{
    public List<DescribeConfigsResource> Resources = [];
    public bool IncludeSynonyms;
    public bool IncludeDocumentation;

    public static void Describe<TIo>(ref TIo io, DescribeConfigsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Resources, version);
        io.Bool(ref message.IncludeSynonyms);
        if (version >= 3)
        {
            io.Bool(ref message.IncludeDocumentation);
        }

        io.Tags();
    }
}

public sealed class DescribeConfigsResource : IWireMessage<DescribeConfigsResource>
{
    public sbyte Type;
    public string Name = "";

    /// <summary>Null asks for all.</summary>
    public List<string>? ConfigurationKeys;

    public static void Describe<TIo>(ref TIo io, DescribeConfigsResource message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int8(ref message.Type);
        io.String(ref message.Name);
        io.NullableStringArray(ref message.ConfigurationKeys);
        io.Tags();
    }
}

public sealed class DescribeConfigsResponse : IWireMessage<DescribeConfigsResponse>
{
    public int ThrottleTimeMs;
    public List<DescribeConfigsResult> Results = [];

    public static void Describe<TIo>(ref TIo io, DescribeConfigsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Results, version);
        io.Tags();
    }
}

public sealed class DescribeConfigsResult : IWireMessage<DescribeConfigsResult>
{
    public ErrorCode Error;
    public string? ErrorMessage;
    public sbyte Type;
    public string Name = "";
    public List<DescribedConfig> Configs = [];

    public static void Describe<TIo>(ref TIo io, DescribeConfigsResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        io.Int8(ref message.Type);
        io.String(ref message.Name);
        io.Array(ref message.Configs, version);
        io.Tags();
    }
}

public sealed class DescribedConfig : IWireMessage<DescribedConfig>
{
    public string Name = "";
    public string? Value;
    public bool ReadOnly;
    public sbyte Source;
    public bool IsSensitive;
    public List<ConfigSynonym> Synonyms = [];
    public sbyte Type;
    public string? Documentation;

    public static void Describe<TIo>(ref TIo io, DescribedConfig message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.NullableString(ref message.Value);
        io.Bool(ref message.ReadOnly);
        io.Int8(ref message.Source);
        io.Bool(ref message.IsSensitive);
        io.Array(ref message.Synonyms, version);
        if (version >= 3)
        {
            io.Int8(ref message.Type);
            io.NullableString(ref message.Documentation);
        }

        io.Tags();
    }
}

public sealed class ConfigSynonym : IWireMessage<ConfigSynonym>
{
    public string Name = "";
    public string? Value;
    public sbyte Source;

    public static void Describe<TIo>(ref TIo io, ConfigSynonym message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.NullableString(ref message.Value);
        io.Int8(ref message.Source);
        io.Tags();
    }
}
