namespace Engine.Wire;

public sealed class DescribeClusterRequest : IWireMessage<DescribeClusterRequest>
{
    /// <summary>The value of <see cref="EndpointType"/> that asks for brokers; 2 asks for controllers.</summary>
    public const sbyte BrokerEndpoints = 1;
    public const sbyte ControllerEndpoints = 2;

    public bool IncludeClusterAuthorizedOperations;
    public sbyte EndpointType = BrokerEndpoints;

    public static void Describe<TIo>(ref TIo io, DescribeClusterRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Bool(ref message.IncludeClusterAuthorizedOperations);
        if (version >= 1)
        {
            io.Int8(ref message.EndpointType);
        }

        io.Tags();
    }
}

public sealed class DescribeClusterResponse : IWireMessage<DescribeClusterResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ErrorMessage;
    public sbyte EndpointType = DescribeClusterRequest.BrokerEndpoints;
    public string ClusterId = "";
    public int ControllerId = -1;
    public List<ClusterBroker> Brokers = [];
    public int ClusterAuthorizedOperations = MetadataResponse.OperationsNotRequested;

    public static void Describe<TIo>(ref TIo io, DescribeClusterResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Error(ref message.Error);
        io.NullableString(ref message.ErrorMessage);
        if (version >= 1)
        {
            io.Int8(ref message.EndpointType);
        }

        io.String(ref message.ClusterId);
        io.Int32(ref message.ControllerId);
        io.Array(ref message.Brokers, version);
        io.Int32(ref message.ClusterAuthorizedOperations);
        io.Tags();
    }
}

public sealed class ClusterBroker : IWireMessage<ClusterBroker>
{
    public int NodeId;
    public string Host = "";
    public int Port;
    public string? Rack;

    public static void Describe<TIo>(ref TIo io, ClusterBroker message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.NodeId);
        io.String(ref message.Host);
        io.Int32(ref message.Port);
        io.NullableString(ref message.Rack);
        io.Tags();
    }
}
