namespace Engine.Wire;

public sealed class CreatePartitionsRequest : IWireMessage<CreatePartitionsRequest>
{
    public List<CreatePartitionsTopic> Topics = [];
    public int TimeoutMs;
    public bool ValidateOnly;

    public static void Describe<TIo>(ref TIo io, CreatePartitionsRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Array(ref message.Topics, version);
        io.Int32(ref message.TimeoutMs);
        io.Bool(ref message.ValidateOnly);
        io.Tags();
    }
}

public sealed class CreatePartitionsTopic : IWireMessage<CreatePartitionsTopic>
{
    public string Name = "";

    /// <summary>How many partitions the topic is to have, those it has included.</summary>
    public int Count;

    /// <summary>One for each new partition, or null where the broker is to choose.</summary>
    public List<PartitionAssignment>? Assignments;

    public static void Describe<TIo>(ref TIo io, CreatePartitionsTopic message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Int32(ref message.Count);
        io.NullableArray(ref message.Assignments, version);
        io.Tags();
    }
}

public sealed class PartitionAssignment : IWireMessage<PartitionAssignment>
{
    public List<int> BrokerIds = [];

    public static void Describe<TIo>(ref TIo io, PartitionAssignment message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32Array(ref message.BrokerIds);
        io.Tags();
    }
}

public sealed class CreatePartitionsResponse : IWireMessage<CreatePartitionsResponse>
{
    public int ThrottleTimeMs;
    public List<CreatePartitionsResult> Results = [];

    public static void Describe<TIo>(ref TIo io, CreatePartitionsResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Array(ref message.Results, version);
        io.Tags();
    }
}

public sealed class CreatePartitionsResult : IWireMessage<CreatePartitionsResult>
{
    public string Name = "";
    public ErrorCode Error;
    public string? ErrorMessage;

    public static void Describe<TIo>(ref TIo io, CreatePartitionsResult message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.String(ref message.Name);
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        io.Tags();
    }
}
