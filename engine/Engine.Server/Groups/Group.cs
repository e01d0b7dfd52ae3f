using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// One group: its members, its generation, its committed offsets. It keeps what must hold of them together (who leads, which protocols all
/// members have, how many wait) and decides nothing: that is the <see cref="GroupCoordinator"/>'s and the <see cref="Rebalance"/>'s. Owned by
/// the groups' thread.
/// </summary>
internal sealed class Group(string id, long nowMs)
{
    private readonly Dictionary<string, GroupMember> _members = [];
    private readonly Dictionary<string, string> _memberIdsByInstance = [];

    /// <summary>How many members have each protocol.</summary>
    private readonly Dictionary<string, int> _protocols = [];

    public string Id { get; } = id;
    public GroupState State { get; private set; } = GroupState.Empty;
    public GroupState PreviousState { get; private set; } = GroupState.Dead;

    /// <summary>Since when it is in its state, wall clock.</summary>
    public long StateSinceMs { get; private set; } = nowMs;

    /// <summary>Null of a group that only ever had offsets.</summary>
    public string? ProtocolType { get; private set; }
    public string? ProtocolName { get; private set; }
    public int Generation { get; private set; }
    public string? LeaderId { get; private set; }

    /// <summary>The topics of the members' subscriptions; null when they cannot be known.</summary>
    public IReadOnlySet<string>? SubscribedTopics { get; private set; }

    /// <summary>Members were added while the first generation waits for more.</summary>
    public bool NewMemberAdded { get; set; }

    public GroupTimer? JoinTimer { get; set; }
    public GroupTimer? SyncTimer { get; set; }

    public IReadOnlyDictionary<string, GroupMember> Members => _members;

    /// <summary>Ids that were given out and not yet joined with, and when they lapse.</summary>
    public Dictionary<string, GroupTimer> PendingMembers { get; } = [];

    /// <summary>Members of the present generation that have not asked for their assignment.</summary>
    public HashSet<string> PendingSync { get; } = [];

    /// <summary>By topic and partition.</summary>
    public Dictionary<string, Dictionary<int, CommittedOffset>> Offsets { get; } = [];

    /// <summary>Bytes of subscriptions and assignments.</summary>
    public long MemberBytes => _members.Values.Sum(member => member.SizeBytes);

    /// <summary>Members whose join is parked.</summary>
    public int AwaitingJoin { get; private set; }

    public bool HaveAllJoined => PendingMembers.Count == 0 && AwaitingJoin == _members.Count;

    public bool CanRebalance => State is GroupState.Empty or GroupState.Stable or GroupState.CompletingRebalance;

    public bool IsOfConsumers => ProtocolType == ConsumerSubscription.ProtocolType;

    public int RebalanceTimeoutMs => _members.Values.Select(member => member.RebalanceTimeoutMs).DefaultIfEmpty(0).Max();

    public GroupMember? Find(string memberId) => _members.GetValueOrDefault(memberId);

    public string? MemberIdOfInstance(string instanceId) => _memberIdsByInstance.GetValueOrDefault(instanceId);

    public bool IsLeader(string memberId) => LeaderId == memberId;

    public bool IsSubscribedTo(string topic) => SubscribedTopics?.Contains(topic) ?? IsOfConsumers;

    /// <summary>Whether a member of that kind could be in the group beside the others.</summary>
    public bool Supports(string protocolType, List<JoinGroupProtocol> protocols) => State == GroupState.Empty
        ? protocolType.Length > 0 && protocols.Count > 0
        : ProtocolType == protocolType && protocols.Any(p => _protocols.GetValueOrDefault(p.Name) == _members.Count);

    /// <summary>Null when the member is who it says it is.</summary>
    public ErrorCode? Challenge(string memberId, string? instanceId)
    {
        if (instanceId is not null && MemberIdOfInstance(instanceId) is var current && current != memberId)
        {
            return current is null ? ErrorCode.UnknownMemberId : ErrorCode.FencedInstanceId;
        }

        return _members.ContainsKey(memberId) ? null : ErrorCode.UnknownMemberId;
    }

    public void Add(GroupMember member, string protocolType)
    {
        if (_members.Count == 0)
        {
            ProtocolType = protocolType;
        }

        if (member.InstanceId is not null)
        {
            _memberIdsByInstance.Add(member.InstanceId, member.Id);
        }

        LeaderId ??= member.Id;
        _members.Add(member.Id, member);
        Count(member.Protocols, 1);
    }

    /// <summary>Parks a member's join, or with null notes that it was answered.</summary>
    public void SetAwaitingJoin(GroupMember member, Action<JoinGroupResponse>? answer)
    {
        AwaitingJoin += (answer is null ? 0 : 1) - (member.AwaitingJoin is null ? 0 : 1);
        member.AwaitingJoin = answer;
    }

    public void Update(GroupMember member, JoinGroupRequest request)
    {
        Count(member.Protocols, -1);
        member.Protocols = request.Protocols;
        Count(member.Protocols, 1);
        member.RebalanceTimeoutMs = request.RebalanceTimeoutMs;
        member.SessionTimeoutMs = request.SessionTimeoutMs;
    }

    public void Remove(GroupMember member)
    {
        _members.Remove(member.Id);
        SetAwaitingJoin(member, null);
        Count(member.Protocols, -1);
        PendingSync.Remove(member.Id);
        if (member.InstanceId is not null)
        {
            _memberIdsByInstance.Remove(member.InstanceId);
        }

        if (IsLeader(member.Id))
        {
            LeaderId = _members.Keys.FirstOrDefault();
        }
    }

    /// <summary>Puts a static member that came back under a new id in its own place, leadership included.</summary>
    public void Replace(GroupMember old, GroupMember successor)
    {
        _members.Remove(old.Id);
        SetAwaitingJoin(old, null);
        PendingSync.Remove(old.Id);
        _members.Add(successor.Id, successor);
        _memberIdsByInstance[successor.InstanceId!] = successor.Id;
        if (IsLeader(old.Id))
        {
            LeaderId = successor.Id;
        }
    }

    /// <summary>Sees to it that the leader is among those who have joined; false when nobody has.</summary>
    public bool ElectLeaderAmongJoined()
    {
        if (LeaderId is null)
        {
            return false;
        }

        if (_members[LeaderId].AwaitingJoin is null)
        {
            if (_members.Values.FirstOrDefault(member => member.AwaitingJoin is not null) is not { } joined)
            {
                return false;
            }

            LeaderId = joined.Id;
        }

        return true;
    }

    /// <summary>The protocol that most members like best among those that all have.</summary>
    public string SelectProtocol()
    {
        HashSet<string> candidates = [.. _protocols.Where(p => p.Value == _members.Count).Select(p => p.Key)];
        return _members.Values.GroupBy(member => member.Vote(candidates)).MaxBy(votes => votes.Count())!.Key;
    }

    public void BeginGeneration(long nowMs)
    {
        Generation++;
        PendingSync.Clear();
        ProtocolName = _members.Count > 0 ? SelectProtocol() : null;
        SubscribedTopics = FindSubscribedTopics();
        MoveTo(_members.Count > 0 ? GroupState.CompletingRebalance : GroupState.Empty, nowMs);
    }

    public void MoveTo(GroupState state, long nowMs)
    {
        PreviousState = State;
        State = state;
        StateSinceMs = nowMs;
    }

    /// <summary>Takes over what was kept of the group from before a start. Members go in first.</summary>
    public void Restore(string? protocolType, string? protocolName, int generation, string? leaderId, long stateSinceMs)
    {
        ProtocolType = protocolType;
        ProtocolName = protocolName;
        Generation = generation;
        LeaderId = leaderId is not null && _members.ContainsKey(leaderId) ? leaderId : _members.Keys.FirstOrDefault();
        SubscribedTopics = FindSubscribedTopics();
        PreviousState = GroupState.Dead;
        State = _members.Count > 0 ? GroupState.Stable : GroupState.Empty;
        StateSinceMs = stateSinceMs;
    }

    private void Count(List<JoinGroupProtocol> protocols, int change)
    {
        foreach (JoinGroupProtocol protocol in protocols)
        {
            int count = _protocols.GetValueOrDefault(protocol.Name) + change;
            if (count == 0)
            {
                _protocols.Remove(protocol.Name);
            }
            else
            {
                _protocols[protocol.Name] = count;
            }
        }
    }

    private HashSet<string>? FindSubscribedTopics()
    {
        if (!IsOfConsumers)
        {
            return null;
        }

        HashSet<string> topics = [];
        return _members.Values.All(member => ConsumerSubscription.TryAddTopics(member.MetadataFor(ProtocolName!), topics)) ? topics : null;
    }
}
