using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Everything that groups are, put together: asked one request after the other, on one thread, and told when its timers are due. It knows no
/// sockets and no threads, so that tests drive it with a clock of their own; <see cref="GroupThread"/> drives it in the engine.
/// </summary>
internal sealed class GroupService : IGroupReplay
{
    private readonly IGroupLog _log;
    private readonly GroupConfig _config;
    private readonly IGroupClock _clock;
    private readonly GroupTimers _timers;
    private readonly Rebalance _rebalance;
    private readonly GroupCoordinator _coordinator;
    private readonly GroupOffsets _offsets;
    private readonly GroupAdmin _admin;
    private readonly GroupTimer _expiry;

    public GroupService(TopicTable topics, IGroupLog log, GroupConfig config, IGroupClock clock)
    {
        _log = log;
        _config = config;
        _clock = clock;
        Table = new GroupTable(clock);
        _timers = new GroupTimers(clock);
        _rebalance = new Rebalance(Table, _timers, log, config, clock);
        _coordinator = new GroupCoordinator(Table, _rebalance, log, config, clock);
        _offsets = new GroupOffsets(Table, _rebalance, log, topics, config, clock);
        _admin = new GroupAdmin(Table, log);
        _expiry = new GroupTimer(Expire);
    }

    public GroupTable Table { get; }

    public long? UntilNextTimerMs => _timers.UntilNextMs;

    /// <summary>What is to be kept of all groups, whole.</summary>
    public IEnumerable<GroupRecord> Alive
    {
        get
        {
            foreach (Group group in Table.All)
            {
                if (group.ProtocolType is not null)
                {
                    yield return group.State == GroupState.Stable ? GroupRecords.OfGroup(group) : GroupRecords.OfGroupWithoutMembers(group);
                }

                foreach ((string topic, Dictionary<int, CommittedOffset> partitions) in group.Offsets)
                {
                    foreach ((int partition, CommittedOffset offset) in partitions)
                    {
                        yield return GroupRecords.OfOffset(group.Id, topic, partition, offset);
                    }
                }
            }
        }
    }

    /// <summary>To be called once, after everything kept has been replayed: sessions begin, and what is out of date goes.</summary>
    public void Start()
    {
        foreach (Group group in Table.All)
        {
            foreach (GroupMember member in group.Members.Values)
            {
                _rebalance.Watch(group, member, member.SessionTimeoutMs);
                Table.MemberBytes += member.SizeBytes;
            }
        }

        _offsets.RemoveLostTopics();
        _timers.Set(_expiry, _config.OffsetsRetentionCheckIntervalMs);
    }

    /// <summary>Takes up one request.</summary>
    /// <param name="answer">Gets the response, now or later, on this thread.</param>
    public void Handle(GroupClient client, object request, short version, Action<object> answer)
    {
        switch (request)
        {
            case JoinGroupRequest join:
                _coordinator.Join(client, join, version, answer);
                break;
            case SyncGroupRequest sync:
                _coordinator.Sync(sync, version, answer);
                break;
            case HeartbeatRequest heartbeat:
                answer(new HeartbeatResponse { Error = _coordinator.Heartbeat(heartbeat) });
                break;
            case LeaveGroupRequest leave:
                answer(_coordinator.Leave(leave, version));
                break;
            case OffsetCommitRequest commit:
                answer(_offsets.Commit(commit, version));
                break;
            case OffsetFetchRequest fetch:
                answer(Fetch(fetch));
                break;
            case OffsetDeleteRequest delete:
                answer(_offsets.Delete(delete));
                break;
            case DescribeGroupsRequest describe:
                answer(_admin.Describe(describe, version));
                break;
            case ListGroupsRequest list:
                answer(_admin.List(list));
                break;
            case DeleteGroupsRequest delete:
                answer(_admin.Delete(delete, RemovePending));
                break;
            default:
                throw new InvalidOperationException($"{request.GetType().Name} is not a request of groups");
        }
    }

    public void RemoveTopic(string topic) => _offsets.RemoveTopic(topic);

    /// <summary>Takes the next timer that is due, or null; its <see cref="GroupTimer.Due"/> is to be called.</summary>
    public GroupTimer? TakeDueTimer() => _timers.TakeDue();

    void IGroupReplay.Offset(string groupId, string topic, int partition, CommittedOffset? offset)
    {
        Group? group = Table.Find(groupId);
        if (offset is not null)
        {
            // The limit was kept when this was written; what is there is not thrown away because it has been lowered since.
            Table.SetOffset(group ?? Table.Create(groupId), topic, partition, offset);
        }
        else if (group is not null)
        {
            Table.RemoveOffset(group, topic, partition);
        }
    }

    void IGroupReplay.Group(string groupId, GroupStateRecord? state)
    {
        Group? old = Table.Find(groupId);
        if (old is not null)
        {
            Table.Remove(old);
        }

        if (state is null)
        {
            return;
        }

        Group group = Table.Create(groupId);
        foreach (GroupMember member in state.ProtocolName is null ? [] : state.Members)
        {
            group.Add(member, state.ProtocolType);
        }

        string? protocolType = state.ProtocolType.Length == 0 ? null : state.ProtocolType;
        group.Restore(protocolType, state.ProtocolName, state.Generation, state.LeaderId, state.StateSinceMs);
        foreach ((string topic, Dictionary<int, CommittedOffset> partitions) in old?.Offsets ?? [])
        {
            foreach ((int partition, CommittedOffset offset) in partitions)
            {
                Table.SetOffset(group, topic, partition, offset);
            }
        }
    }

    private OffsetFetchResponse Fetch(OffsetFetchRequest request) => new()
    {
        Topics = _offsets.Fetch(request.GroupId, request.Topics),
        Groups = [.. request.Groups.DistinctBy(group => (group.GroupId, group.Topics is null)).Select(group => new OffsetFetchGroupResult
        {
            GroupId = group.GroupId,
            Topics = _offsets.Fetch(group.GroupId, group.Topics),
        })],
    };

    private void RemovePending(Group group)
    {
        foreach (string id in group.PendingMembers.Keys.ToList())
        {
            _rebalance.RemovePending(group, id);
        }
    }

    private void Expire()
    {
        _offsets.Expire();
        _timers.Set(_expiry, _config.OffsetsRetentionCheckIntervalMs);
    }
}
