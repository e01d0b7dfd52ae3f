namespace Engine.Wire;

/// <summary>The APIs of the protocol that the engine serves or the harness calls.</summary>
public enum ApiKey : short
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    LeaveGroup = 13,
    SyncGroup = 14,
    DescribeGroups = 15,
    ListGroups = 16,
    ApiVersions = 18,
    CreateTopics = 19,
    DeleteTopics = 20,
    DeleteRecords = 21,
    InitProducerId = 22,
    OffsetForLeaderEpoch = 23,
    DescribeConfigs = 32,
    AlterConfigs = 33,
    DescribeLogDirs = 35,
    CreatePartitions = 37,
    DeleteGroups = 42,
    IncrementalAlterConfigs = 44,
    ListPartitionReassignments = 46,
    OffsetDelete = 47,
    DescribeCluster = 60,
}

/// <summary>One API with the versions served and the first of them that is flexible (compact strings, tagged fields).</summary>
/// <param name="AdvertisedMin">The lowest version advertised; below <paramref name="Min"/> only for Produce.</param>
public readonly record struct ApiRange(ApiKey Key, short AdvertisedMin, short Min, short Max, short FirstFlexible);

/// <summary>The one table of what is served. Advertised and dispatched versions both come from here.</summary>
public static class Apis
{
    private const short Never = short.MaxValue;

    /// <summary>
    /// Produce is advertised from 0, as Kafka does, though 0 to 2 close the connection: with a minimum of 3 librdkafka silently
    /// sends gzip, snappy and lz4 uncompressed.
    /// </summary>
    public static readonly IReadOnlyList<ApiRange> Served =
    [
        new(ApiKey.Produce, 0, 3, 12, 9),
        new(ApiKey.Fetch, 4, 4, 12, 12),
        new(ApiKey.ListOffsets, 1, 1, 7, 6),
        new(ApiKey.Metadata, 0, 0, 12, 9),
        new(ApiKey.OffsetCommit, 2, 2, 9, 8),
        new(ApiKey.OffsetFetch, 1, 1, 9, 6),
        new(ApiKey.FindCoordinator, 0, 0, 4, 3),
        new(ApiKey.JoinGroup, 0, 0, 9, 6),
        new(ApiKey.Heartbeat, 0, 0, 4, 4),
        new(ApiKey.LeaveGroup, 0, 0, 5, 4),
        new(ApiKey.SyncGroup, 0, 0, 5, 4),
        new(ApiKey.DescribeGroups, 0, 0, 6, 5),
        new(ApiKey.ListGroups, 0, 0, 5, 3),
        new(ApiKey.ApiVersions, 0, 0, 4, 3),
        new(ApiKey.CreateTopics, 2, 2, 7, 5),
        new(ApiKey.DeleteTopics, 1, 1, 6, 4),
        new(ApiKey.DeleteRecords, 0, 0, 2, 2),
        new(ApiKey.InitProducerId, 0, 0, 4, 2),
        new(ApiKey.OffsetForLeaderEpoch, 2, 2, 4, 4),
        new(ApiKey.DescribeConfigs, 1, 1, 4, 4),
        new(ApiKey.AlterConfigs, 0, 0, 2, 2),
        new(ApiKey.DescribeLogDirs, 1, 1, 4, 2),
        new(ApiKey.CreatePartitions, 0, 0, 3, 2),
        new(ApiKey.DeleteGroups, 0, 0, 2, 2),
        new(ApiKey.IncrementalAlterConfigs, 0, 0, 1, 1),
        new(ApiKey.ListPartitionReassignments, 0, 0, 0, 0),
        new(ApiKey.OffsetDelete, 0, 0, 0, Never),
        new(ApiKey.DescribeCluster, 0, 0, 1, 0),
    ];

    private static readonly ApiRange?[] ByKey = Index();

    /// <summary>The range of an API, or null when it is not served.</summary>
    public static ApiRange? Find(short key) => (uint)key < (uint)ByKey.Length ? ByKey[key] : null;

    public static bool IsFlexible(ApiKey key, short version) => version >= (Find((short)key)?.FirstFlexible ?? Never);

    private static ApiRange?[] Index()
    {
        ApiRange?[] byKey = new ApiRange?[Served.Max(range => (int)range.Key) + 1];
        foreach (ApiRange range in Served)
        {
            byKey[(int)range.Key] = range;
        }

        return byKey;
    }
}
