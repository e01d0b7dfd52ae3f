using System.Net;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Reads a request's header, checks that its version is served, and hands it to the handler of its API. One instance serves all loops: it
/// keeps no state of a request.
/// </summary>
internal sealed class Dispatcher
{
    private readonly ProduceHandler _produce;
    private readonly FetchHandler _fetch;
    private readonly MetadataHandler _metadata;
    private readonly TopicsHandler _topics;
    private readonly ConfigsHandler _configs;
    private readonly OffsetsHandler _offsets;
    private readonly DeleteRecordsHandler _records;
    private readonly ClusterHandler _clusterInfo;
    private readonly InitProducerIdHandler _producerIds;
    private readonly FindCoordinatorHandler _findCoordinator;
    private readonly GroupsHandler _groups;
    private int _openConnections;

    public Dispatcher(
        ServerConfig config,
        TopicTable topics,
        ProducerIdAllocator producerIds,
        RecordValidators validators,
        GroupThread groups,
        ClusterInfo cluster,
        ServerLog log)
    {
        Config = config;
        Log = log;
        Groups = groups;
        _produce = new ProduceHandler(topics, config, validators, log);
        _fetch = new FetchHandler(topics, config, log);
        _metadata = new MetadataHandler(topics, config, cluster);
        _topics = new TopicsHandler(topics, config);
        _configs = new ConfigsHandler(topics, config, cluster);
        _offsets = new OffsetsHandler(topics);
        _records = new DeleteRecordsHandler(topics, log);
        _clusterInfo = new ClusterHandler(topics, cluster);
        _producerIds = new InitProducerIdHandler(producerIds, log);
        _findCoordinator = new FindCoordinatorHandler(cluster);
        _groups = new GroupsHandler(groups);
    }

    public ServerConfig Config { get; }

    public ServerLog Log { get; }

    public GroupThread Groups { get; }

    public int OpenConnections => Volatile.Read(ref _openConnections);

    /// <summary>Counts a new connection in; false when there are as many as allowed.</summary>
    public bool TryAdmit()
    {
        if (Interlocked.Increment(ref _openConnections) <= Config.MaxConnections)
        {
            return true;
        }

        ConnectionClosed();
        return false;
    }

    public void ConnectionClosed() => Interlocked.Decrement(ref _openConnections);

    /// <summary>Handles one request; its answer goes to the connection's queue.</summary>
    /// <param name="frame">The request without its length; a batch in it is stamped in place.</param>
    /// <exception cref="WireFormatException">The request cannot be read.</exception>
    public HandlerResult Handle(Connection connection, Span<byte> frame)
    {
        WireReader reader = new(frame);
        RequestHeader header = RequestHeader.Read(ref reader);
        if (Apis.Find(header.Key) is not { } range)
        {
            Log.Refused(connection.Peer, $"unknown API key {header.Key}");
            return HandlerResult.Close;
        }

        if (header.Version < range.Min || header.Version > range.Max)
        {
            return RefuseVersion(connection, header, range);
        }

        RequestHeader.ReadRest(ref reader, header.Version >= range.FirstFlexible);
        connection.Loop.Counters.Requests++;
        return range.Key switch
        {
            ApiKey.Produce => _produce.Handle(connection, header, reader, frame),
            ApiKey.Fetch => _fetch.Handle(connection, header, reader),
            ApiKey.ListOffsets => _offsets.HandleList(connection, header, reader),
            ApiKey.Metadata => _metadata.Handle(connection, header, reader),
            ApiKey.OffsetCommit => _groups.Handle(connection, header, reader, frame),
            ApiKey.OffsetFetch => _groups.Handle(connection, header, reader, frame),
            ApiKey.FindCoordinator => _findCoordinator.Handle(connection, header, reader),
            ApiKey.JoinGroup => _groups.Handle(connection, header, reader, frame),
            ApiKey.Heartbeat => _groups.Handle(connection, header, reader, frame),
            ApiKey.LeaveGroup => _groups.Handle(connection, header, reader, frame),
            ApiKey.SyncGroup => _groups.Handle(connection, header, reader, frame),
            ApiKey.DescribeGroups => _groups.Handle(connection, header, reader, frame),
            ApiKey.ListGroups => _groups.Handle(connection, header, reader, frame),
            ApiKey.ApiVersions => ApiVersionsHandler.Handle(connection, header, reader),
            ApiKey.CreateTopics => _topics.HandleCreate(connection, header, reader),
            ApiKey.DeleteTopics => _topics.HandleDelete(connection, header, reader),
            ApiKey.DeleteRecords => _records.Handle(connection, header, reader),
            ApiKey.InitProducerId => _producerIds.Handle(connection, header, reader),
            ApiKey.OffsetForLeaderEpoch => _offsets.HandleEpochEnd(connection, header, reader),
            ApiKey.DescribeConfigs => _configs.HandleDescribe(connection, header, reader),
            ApiKey.AlterConfigs => _configs.HandleAlter(connection, header, reader),
            ApiKey.DescribeLogDirs => _clusterInfo.HandleLogDirs(connection, header, reader),
            ApiKey.CreatePartitions => _topics.HandleCreatePartitions(connection, header, reader),
            ApiKey.DeleteGroups => _groups.Handle(connection, header, reader, frame),
            ApiKey.IncrementalAlterConfigs => _configs.HandleIncremental(connection, header, reader),
            ApiKey.ListPartitionReassignments => ClusterHandler.HandleReassignments(connection, header, reader),
            ApiKey.OffsetDelete => _groups.Handle(connection, header, reader, frame),
            ApiKey.DescribeCluster => _clusterInfo.HandleDescribe(connection, header, reader),
            _ => throw new InvalidOperationException($"{range.Key} is advertised but has no handler"),
        };
    }

    /// <summary>
    /// Only ApiVersions is answered in a version that is not served, in the one version every client can read: it is how
    /// clients find out.
    /// </summary>
    private HandlerResult RefuseVersion(Connection connection, RequestHeader header, ApiRange range)
    {
        if (range.Key == ApiKey.ApiVersions)
        {
            ApiVersionsHandler.RefuseVersion(connection, header);
            return HandlerResult.Done;
        }

        Log.Refused(connection.Peer, $"{range.Key} version {header.Version} (served: {range.Min} to {range.Max})");
        return HandlerResult.Close;
    }
}

/// <summary>What the broker says of itself in Metadata.</summary>
internal sealed record ClusterInfo(string ClusterId, int NodeId, string Host, int Port, IPEndPoint Listen);
