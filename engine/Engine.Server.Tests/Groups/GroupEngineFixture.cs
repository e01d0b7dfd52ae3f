using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>One engine for all tests of a class, on one loop, so that whatever blocks it is noticed; groups start at once.</summary>
public sealed class GroupEngineFixture : IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly ServerHost _host;
    private readonly EngineLog _log = new();
    private int _names;

    public GroupEngineFixture()
    {
        _host = new ServerHost(
            new ServerOptions
            {
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                DataDirectory = _data.Path,
                Config = ServerConfig.Default
                    .With("num.network.threads", "1", "test")
                    .With("group.initial.rebalance.delay.ms", "0", "test"),
            },
            new ServerLog(_log.Writer));
        _host.Start();
        using TestClient client = Connect();
        client.CreateTopic(Topic, 4);
    }

    internal const string Topic = "t";

    internal IPEndPoint EndPoint => _host.EndPoint;

    internal string Log => _log.ToString();

    internal TestClient Connect() => new(_host.EndPoint);

    internal string NewGroup() => $"group-{Interlocked.Increment(ref _names)}";

    public void Dispose()
    {
        _host.Dispose();
        _data.Dispose();
    }
}

/// <summary>The requests of groups, as a client sends them.</summary>
internal static class GroupRequests
{
    public const short JoinVersion = 5;

    public static JoinGroupRequest Join(string group, string memberId = "", string? instance = null, params string[] protocols) => new()
    {
        GroupId = group,
        MemberId = memberId,
        GroupInstanceId = instance,
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = 60_000,
        ProtocolType = "consumer",
        Protocols = [.. (protocols.Length == 0 ? ["range"] : protocols)
            .Select(name => new JoinGroupProtocol { Name = name, Metadata = GroupDriver.Subscription(GroupEngineFixture.Topic) })],
    };

    public static JoinGroupResponse Join(this TestClient client, JoinGroupRequest request, short version = JoinVersion) =>
        client.Ask<JoinGroupRequest, JoinGroupResponse>(ApiKey.JoinGroup, version, request);

    /// <summary>Joins as the first of a group, and gets an assignment of its own making.</summary>
    public static string JoinAlone(this TestClient client, string group)
    {
        string id = client.Join(Join(group)).MemberId;
        JoinGroupResponse joined = client.Join(Join(group, id));
        Assert.Equal(ErrorCode.None, joined.Error);
        Assert.Equal(id, joined.Leader);
        Assert.Equal(ErrorCode.None, client.Sync(group, id, joined.Generation, [7, 7]).Error);
        return id;
    }

    public static SyncGroupResponse Sync(this TestClient client, string group, string memberId, int generation, byte[]? assignment = null) =>
        client.Ask<SyncGroupRequest, SyncGroupResponse>(ApiKey.SyncGroup, 3, new SyncGroupRequest
        {
            GroupId = group,
            MemberId = memberId,
            Generation = generation,
            Assignments = assignment is null ? [] : [new SyncGroupAssignment { MemberId = memberId, Assignment = assignment }],
        });

    public static ErrorCode Heartbeat(this TestClient client, string group, string memberId, int generation) =>
        client.Ask<HeartbeatRequest, HeartbeatResponse>(
            ApiKey.Heartbeat, 3, new HeartbeatRequest { GroupId = group, MemberId = memberId, Generation = generation }).Error;

    public static OffsetCommitRequest Commit(string group, long offset, string memberId = "", int generation = -1, string? metadata = null) => new()
    {
        GroupId = group,
        MemberId = memberId,
        Generation = generation,
        Topics =
        [
            new OffsetCommitTopic
            {
                Name = GroupEngineFixture.Topic,
                Partitions = [new OffsetCommitPartition { Offset = offset, Metadata = metadata }],
            },
        ],
    };

    public static ErrorCode Commit(this TestClient client, OffsetCommitRequest request, short version = 7) =>
        client.Ask<OffsetCommitRequest, OffsetCommitResponse>(ApiKey.OffsetCommit, version, request).Topics.Single().Partitions.Single().Error;

    public static OffsetFetchPartitionResult Committed(this TestClient client, string group) =>
        client.Ask<OffsetFetchRequest, OffsetFetchResponse>(ApiKey.OffsetFetch, 7, new OffsetFetchRequest
        {
            GroupId = group,
            Topics = [new OffsetFetchTopic { Name = GroupEngineFixture.Topic, Partitions = [0] }],
        }).Topics.Single().Partitions.Single();
}
