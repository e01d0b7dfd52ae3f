using System.Text;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualClock : IGroupClock
{
    public long MonotonicMs { get; set; } = 1_000;

    public long WallMs => 1_700_000_000_000 + MonotonicMs;
}

/// <summary>Keeps records, and refuses them when told to.</summary>
internal sealed class ManualLog : IGroupLog
{
    public List<GroupRecord> Records { get; } = [];

    public bool IsFull { get; set; }

    public bool TryAppend(IReadOnlyCollection<GroupRecord> records)
    {
        if (!IsFull)
        {
            Records.AddRange(records);
        }

        return !IsFull;
    }
}

/// <summary>What came, or did not yet come, of a request.</summary>
internal sealed class Pending<T>
    where T : class
{
    private T? _answer;

    public bool IsAnswered => _answer is not null;

    public T Answer
    {
        get
        {
            Assert.NotNull(_answer);
            return _answer;
        }
    }

    public void Set(object answer)
    {
        Assert.Null(_answer);
        _answer = (T)answer;
    }
}

/// <summary>The groups on one thread, without sockets, on a clock that the test moves.</summary>
internal sealed class GroupDriver : IDisposable
{
    public const string GroupId = "g";
    public const int SessionMs = 10_000;
    public const int RebalanceMs = 60_000;
    private static readonly GroupClient Client = new("client", "/127.0.0.1");

    private readonly TemporaryDirectory _data = new();
    private readonly LogManager _logs;

    public GroupDriver(GroupConfig? config = null)
    {
        Config = config ?? new GroupConfig();
        _logs = LogManager.Open(_data.Path, LogConfig.Default, _ => { });
        Topics = new TopicTable(_logs);
        Topics.Create("t", 4, new Dictionary<string, string?>(), validateOnly: false);
        Topics.Create("u", 4, new Dictionary<string, string?>(), validateOnly: false);
        Service = new GroupService(Topics, Log, Config, Clock);
        Service.Start();
    }

    public GroupConfig Config { get; }
    public ManualClock Clock { get; } = new();
    public ManualLog Log { get; } = new();
    public TopicTable Topics { get; }
    public GroupService Service { get; private set; }

    public Group Group => Service.Table.Find(GroupId)!;

    /// <summary>Starts anew from what the log keeps.</summary>
    public void Restart(IEnumerable<GroupRecord>? records = null)
    {
        Service = new GroupService(Topics, Log, Config, Clock);
        foreach (GroupRecord record in records?.ToList() ?? Log.Records)
        {
            Assert.True(GroupRecords.Replay(record.Key, record.Value is not null, record.Value, Service));
        }

        Service.Start();
    }

    /// <summary>Lets time pass, timer by timer.</summary>
    public void Advance(long ms)
    {
        long end = Clock.MonotonicMs + ms;
        while (Service.UntilNextTimerMs is { } next && Clock.MonotonicMs + next <= end)
        {
            Clock.MonotonicMs += next;
            Service.TakeDueTimer()!.Due();
        }

        Clock.MonotonicMs = end;
    }

    public Pending<TResponse> Ask<TResponse>(object request, short version = 5)
        where TResponse : class
    {
        Pending<TResponse> pending = new();
        Service.Handle(Client, request, version, pending.Set);
        return pending;
    }

    public static byte[] Subscription(params string[] topics)
    {
        WireBuffer buffer = new();
        buffer.WriteInt16(0);
        buffer.WriteArrayLength(topics.Length);
        foreach (string topic in topics)
        {
            buffer.WriteString(topic);
        }

        buffer.WriteInt32(-1);
        return buffer.Written.ToArray();
    }

    public static JoinGroupRequest JoinRequest(
        string memberId = "", string? instance = null, string type = "consumer", params string[] protocols)
    {
        string[] names = protocols.Length == 0 ? ["range"] : protocols;
        return new JoinGroupRequest
        {
            GroupId = GroupId,
            MemberId = memberId,
            GroupInstanceId = instance,
            SessionTimeoutMs = SessionMs,
            RebalanceTimeoutMs = RebalanceMs,
            ProtocolType = type,
            Protocols = [.. names.Select(name => new JoinGroupProtocol { Name = name, Metadata = Subscription("t") })],
        };
    }

    public Pending<JoinGroupResponse> Join(string memberId = "", string? instance = null, short version = 5, params string[] protocols) =>
        Ask<JoinGroupResponse>(JoinRequest(memberId, instance, "consumer", protocols), version);

    /// <summary>Gets an id and joins with it; the join is parked.</summary>
    public (string Id, Pending<JoinGroupResponse> Join) JoinNew(params string[] protocols)
    {
        JoinGroupResponse first = Join(protocols: protocols).Answer;
        Assert.Equal(ErrorCode.MemberIdRequired, first.Error);
        return (first.MemberId, Join(first.MemberId, protocols: protocols));
    }

    public Pending<SyncGroupResponse> Sync(string memberId, int generation, string? instance = null, params (string Id, string Text)[] assignments) =>
        Ask<SyncGroupResponse>(new SyncGroupRequest
        {
            GroupId = GroupId,
            MemberId = memberId,
            Generation = generation,
            GroupInstanceId = instance,
            Assignments = [.. assignments.Select(a => new SyncGroupAssignment { MemberId = a.Id, Assignment = Encoding.UTF8.GetBytes(a.Text) })],
        }, version: 3);

    public ErrorCode Heartbeat(string memberId, int generation, string? instance = null) => Ask<HeartbeatResponse>(new HeartbeatRequest
    {
        GroupId = GroupId,
        MemberId = memberId,
        Generation = generation,
        GroupInstanceId = instance,
    }).Answer.Error;

    public LeaveGroupResponse Leave(string memberId, string? instance = null) => Ask<LeaveGroupResponse>(new LeaveGroupRequest
    {
        GroupId = GroupId,
        Members = [new LeavingMember { MemberId = memberId, GroupInstanceId = instance }],
    }).Answer;

    public ErrorCode Commit(
        long offset, string memberId = "", int generation = -1, string topic = "t", int partition = 0, string? metadata = null, long retentionMs = -1,
        string? instance = null, short version = 8, string group = GroupId) =>
        Ask<OffsetCommitResponse>(new OffsetCommitRequest
        {
            GroupId = group,
            MemberId = memberId,
            Generation = generation,
            GroupInstanceId = instance,
            RetentionTimeMs = retentionMs,
            Topics =
            [
                new OffsetCommitTopic
                {
                    Name = topic,
                    Partitions = [new OffsetCommitPartition { Index = partition, Offset = offset, Metadata = metadata }],
                },
            ],
        }, version).Answer.Topics.Single().Partitions.Single().Error;

    /// <summary>The committed offset, −1 for none.</summary>
    public long Committed(string topic = "t", int partition = 0, string group = GroupId) => Ask<OffsetFetchResponse>(new OffsetFetchRequest
    {
        GroupId = group,
        Topics = [new OffsetFetchTopic { Name = topic, Partitions = [partition] }],
    }).Answer.Topics.Single().Partitions.Single().Offset;

    /// <summary>A stable group of that many members, all with the same protocols; the leader first.</summary>
    public List<string> Stable(int members, params string[] protocols)
    {
        List<(string Id, Pending<JoinGroupResponse> Join)> joined = [.. Enumerable.Range(0, members).Select(_ => JoinNew(protocols))];
        Advance(6_000);
        int generation = joined[0].Join.Answer.Generation;
        string leader = joined[0].Join.Answer.Leader;
        List<string> ids = [leader, .. joined.Select(j => j.Id).Where(id => id != leader)];
        List<Pending<SyncGroupResponse>> syncs = [.. ids.Skip(1).Select(id => Sync(id, generation))];
        Sync(leader, generation, null, [.. ids.Select(id => (id, "of " + id))]);
        Assert.All(syncs, sync => Assert.Equal(ErrorCode.None, sync.Answer.Error));
        Assert.Equal(GroupState.Stable, Group.State);
        return ids;
    }

    public void Dispose()
    {
        _logs.Dispose();
        _data.Dispose();
    }
}
