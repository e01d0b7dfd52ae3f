using Engine.Wire;

namespace Engine.Server;

/// <summary>What concerns the cluster as a whole: DescribeCluster, DescribeLogDirs, ListPartitionReassignments.</summary>
internal sealed class ClusterHandler
{
    private readonly TopicTable _topics;
    private readonly ClusterInfo _cluster;

    public ClusterHandler(TopicTable topics, ClusterInfo cluster)
    {
        _topics = topics;
        _cluster = cluster;
    }

    public HandlerResult HandleDescribe(Connection connection, RequestHeader header, WireReader body)
    {
        DescribeClusterRequest request = ControlAnswer.Read<DescribeClusterRequest>(body, header.Version);
        return ControlAnswer.Send(connection, header, request.EndpointType switch
        {
            DescribeClusterRequest.BrokerEndpoints => new DescribeClusterResponse
            {
                ClusterId = _cluster.ClusterId,
                ControllerId = _cluster.NodeId,
                Brokers = [new ClusterBroker { NodeId = _cluster.NodeId, Host = _cluster.Host, Port = _cluster.Port }],
                ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations
                    ? AuthorizedOperations.Cluster
                    : MetadataResponse.OperationsNotRequested,
            },
            DescribeClusterRequest.ControllerEndpoints => new DescribeClusterResponse
            {
                Error = ErrorCode.MismatchedEndpointType,
                ErrorMessage = "controllers were asked for; this is a broker",
            },
            _ => new DescribeClusterResponse
            {
                Error = ErrorCode.UnsupportedEndpointType,
                ErrorMessage = $"endpoint type {request.EndpointType} is not known",
            },
        });
    }

    public HandlerResult HandleLogDirs(Connection connection, RequestHeader header, WireReader body)
    {
        DescribeLogDirsRequest request = ControlAnswer.Read<DescribeLogDirsRequest>(body, header.Version);
        DriveInfo volume = new(_topics.DataDirectory);
        LogDirResult directory = new()
        {
            LogDir = _topics.DataDirectory,
            TotalBytes = volume.TotalSize,
            UsableBytes = volume.AvailableFreeSpace,
            Topics = request.Topics is null
                ? [.. _topics.All.Select(entry => Sizes(entry, entry.Partitions))]
                : [.. request.Topics
                    .GroupBy(asked => asked.Name, asked => asked.Partitions)
                    .Select(asked => (Entry: _topics.Find(asked.Key), Indexes: asked.SelectMany(indexes => indexes).ToHashSet()))
                    .Where(asked => asked.Entry is not null)
                    .Select(asked => Sizes(asked.Entry!, asked.Entry!.Partitions.Where(p => asked.Indexes.Contains(p.Index))))
                    .Where(topic => topic.Partitions.Count > 0)],
        };
        return ControlAnswer.Send(connection, header, new DescribeLogDirsResponse { Results = [directory] });
    }

    /// <summary>With one broker nothing is ever reassigned.</summary>
    public static HandlerResult HandleReassignments(Connection connection, RequestHeader header, WireReader body)
    {
        ControlAnswer.Read<ListPartitionReassignmentsRequest>(body, header.Version);
        return ControlAnswer.Send(connection, header, new ListPartitionReassignmentsResponse());
    }

    private static LogDirTopic Sizes(TopicEntry entry, IEnumerable<Partition> partitions) => new()
    {
        Name = entry.Name,
        Partitions = [.. partitions.Select(partition => new LogDirPartition { Index = partition.Index, SizeBytes = partition.Log.SizeBytes })],
    };
}
