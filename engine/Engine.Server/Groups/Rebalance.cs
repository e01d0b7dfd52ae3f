using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Takes groups from one generation to the next: has everybody join again, waits for them, elects, chooses the protocol, waits for the
/// assignment; and drops who does not do its part in time. What Kafka's coordinator does, in its order
/// (group-coordinator/…/GroupMetadataManager.java, classic groups). Owned by the groups' thread: every method runs there, timers too.
/// </summary>
internal sealed class Rebalance(GroupTable table, GroupTimers timers, IGroupLog log, GroupConfig config, IGroupClock clock)
{
    /// <summary>Adds a member and parks its join.</summary>
    public void Add(Group group, GroupMember member, string protocolType, Action<JoinGroupResponse> answer)
    {
        if (group.State == GroupState.PreparingRebalance && group.PreviousState == GroupState.Empty)
        {
            group.NewMemberAdded = true;
        }

        RemovePending(group, member.Id);
        member.IsNew = true;
        group.Add(member, protocolType);
        table.MemberBytes += member.SizeBytes;
        group.SetAwaitingJoin(member, answer);
        Watch(group, member, GroupLimits.NewMemberJoinTimeoutMs);
        StartOrGoOn(group);
    }

    /// <summary>Takes over what a known member says of itself now, parks its join, and has the others join again.</summary>
    public void Rejoin(Group group, GroupMember member, JoinGroupRequest request, Action<JoinGroupResponse> answer)
    {
        Update(group, member, request, answer);
        StartOrGoOn(group);
    }

    public void Update(Group group, GroupMember member, JoinGroupRequest request, Action<JoinGroupResponse> answer)
    {
        // An older join of the same member is nobody's any more; it is answered so that no connection stays parked for it.
        AnswerJoin(group, member, new JoinGroupResponse { MemberId = member.Id, Error = ErrorCode.RebalanceInProgress });
        table.MemberBytes -= member.SizeBytes;
        group.Update(member, request);
        table.MemberBytes += member.SizeBytes;
        group.SetAwaitingJoin(member, answer);
    }

    /// <summary>Puts a static member's new id in the place of its old one, with its assignment.</summary>
    public GroupMember Replace(Group group, GroupMember old, string memberId)
    {
        timers.Cancel(old.Heartbeat!);
        GroupMember successor = new()
        {
            Id = memberId,
            InstanceId = old.InstanceId,
            Client = old.Client,
            RebalanceTimeoutMs = old.RebalanceTimeoutMs,
            SessionTimeoutMs = old.SessionTimeoutMs,
            Protocols = old.Protocols,
            Assignment = old.Assignment,
        };
        group.Replace(old, successor);
        return successor;
    }

    /// <summary>Takes a member out, whatever it waits for; what the others make of it is up to <see cref="AfterRemoval"/>.</summary>
    public void Remove(Group group, GroupMember member)
    {
        AnswerJoin(group, member, new JoinGroupResponse { Error = ErrorCode.UnknownMemberId });
        AnswerSync(member, new SyncGroupResponse { Error = ErrorCode.UnknownMemberId });
        timers.Cancel(member.Heartbeat!);
        table.MemberBytes -= member.SizeBytes;
        group.Remove(member);
    }

    /// <summary>Goes on without members, or ids given out, that have gone.</summary>
    public void AfterRemoval(Group group)
    {
        if (group.State is GroupState.Stable or GroupState.CompletingRebalance)
        {
            Start(group);
        }
        else
        {
            GoOn(group);
        }
    }

    /// <summary>Gives out an id with which to join, good for one session timeout.</summary>
    public void AddPending(Group group, string memberId, int sessionTimeoutMs)
    {
        GroupTimer lapse = new(() => OnPendingLapsed(group, memberId));
        group.PendingMembers.Add(memberId, lapse);
        table.MemberBytes += GroupLimits.EntryOverheadBytes;
        timers.Set(lapse, sessionTimeoutMs);
    }

    /// <summary>Takes an id back, if it was given out and not yet joined with.</summary>
    public void RemovePending(Group group, string memberId)
    {
        if (group.PendingMembers.Remove(memberId, out GroupTimer? lapse))
        {
            table.MemberBytes -= GroupLimits.EntryOverheadBytes;
            timers.Cancel(lapse);
        }
    }

    /// <summary>Has all members join again.</summary>
    public void Start(Group group)
    {
        if (group.State == GroupState.CompletingRebalance)
        {
            Propagate(group, ErrorCode.RebalanceInProgress, new Dictionary<string, byte[]>());
        }

        group.PendingSync.Clear();
        Cancel(group.SyncTimer);
        bool isFirst = group.State == GroupState.Empty;
        group.MoveTo(GroupState.PreparingRebalance, clock.WallMs);
        if (isFirst)
        {
            int remainingMs = Math.Max(group.RebalanceTimeoutMs - config.InitialRebalanceDelayMs, 0);
            SetJoinTimer(group, config.InitialRebalanceDelayMs, () => OnInitialDelay(group, config.InitialRebalanceDelayMs, remainingMs));
        }
        else if (group.HaveAllJoined)
        {
            Complete(group);
        }
        else
        {
            SetJoinTimer(group, group.RebalanceTimeoutMs, () => Complete(group));
        }
    }

    /// <summary>Gives everybody the assignment, or an error instead.</summary>
    public void Propagate(Group group, ErrorCode error, IReadOnlyDictionary<string, byte[]> assignments)
    {
        bool good = error == ErrorCode.None;
        foreach (GroupMember member in group.Members.Values)
        {
            table.MemberBytes -= member.Assignment.Length;
            member.Assignment = assignments.GetValueOrDefault(member.Id) ?? [];
            table.MemberBytes += member.Assignment.Length;
            bool answered = AnswerSync(member, new SyncGroupResponse
            {
                Error = error,
                ProtocolType = good ? group.ProtocolType : null,
                ProtocolName = good ? group.ProtocolName : null,
                Assignment = member.Assignment,
            });
            if (answered)
            {
                // It could not send heartbeats while it waited.
                Watch(group, member, member.SessionTimeoutMs);
            }
        }
    }

    /// <summary>The member has asked for its assignment.</summary>
    public void NoteSync(Group group, GroupMember member)
    {
        group.PendingSync.Remove(member.Id);
        if (group.PendingSync.Count == 0)
        {
            Cancel(group.SyncTimer);
        }
    }

    /// <summary>The member lives: its session begins again.</summary>
    public void Watch(Group group, GroupMember member, int timeoutMs)
    {
        member.Heartbeat ??= new GroupTimer(() => OnSessionTimeout(group, member));
        timers.Set(member.Heartbeat, timeoutMs);
    }

    public static void AnswerJoin(Group group, GroupMember member, JoinGroupResponse response)
    {
        if (member.AwaitingJoin is { } answer)
        {
            group.SetAwaitingJoin(member, null);
            answer(response);
        }
    }

    public static bool AnswerSync(GroupMember member, SyncGroupResponse response)
    {
        if (member.AwaitingSync is not { } answer)
        {
            return false;
        }

        member.AwaitingSync = null;
        answer(response);
        return true;
    }

    /// <summary>What a member is told of the present generation; the leader also hears who is in it.</summary>
    public static JoinGroupResponse Generation(Group group, string memberId) => new()
    {
        MemberId = memberId,
        Generation = group.Generation,
        ProtocolType = group.ProtocolType,
        ProtocolName = group.ProtocolName,
        Leader = group.LeaderId ?? "",
        Members = group.IsLeader(memberId) ? MembersOf(group) : [],
    };

    public static List<JoinGroupMember> MembersOf(Group group) => [.. group.Members.Values.Select(member => new JoinGroupMember
    {
        MemberId = member.Id,
        GroupInstanceId = member.InstanceId,
        Metadata = member.MetadataFor(group.ProtocolName!),
    })];

    /// <summary>Starts a rebalance, or goes on with the one under way.</summary>
    private void StartOrGoOn(Group group)
    {
        if (group.CanRebalance)
        {
            Start(group);
        }
        else
        {
            GoOn(group);
        }
    }

    /// <summary>Completes the phase of joining if nobody is missing; the first one of a group waits for its delay all the same.</summary>
    public void GoOn(Group group)
    {
        if (group.State == GroupState.PreparingRebalance && group.PreviousState != GroupState.Empty)
        {
            CompleteIfAllJoined(group);
        }
    }

    private void Complete(Group group)
    {
        Cancel(group.JoinTimer);
        foreach (GroupMember missing in group.Members.Values.Where(m => m.AwaitingJoin is null && !m.IsStatic).ToList())
        {
            Remove(group, missing);
        }

        if (group.Members.Count > 0 && !group.ElectLeaderAmongJoined())
        {
            // Static members alone, none of them here: their sessions decide.
            SetJoinTimer(group, group.RebalanceTimeoutMs, () => Complete(group));
            return;
        }

        group.BeginGeneration(clock.WallMs);
        if (group.State == GroupState.Empty)
        {
            // Should this not be written, the generation before it comes back after a start, and times out.
            log.TryAppend([GroupRecords.OfGroup(group)]);
            return;
        }

        foreach (GroupMember member in group.Members.Values)
        {
            AnswerJoin(group, member, Generation(group, member.Id));
            Watch(group, member, member.SessionTimeoutMs);
            member.IsNew = false;
            group.PendingSync.Add(member.Id);
        }

        group.SyncTimer ??= new GroupTimer(() => OnSyncTimeout(group));
        timers.Set(group.SyncTimer, group.RebalanceTimeoutMs);
    }

    private void OnInitialDelay(Group group, int delayMs, int remainingMs)
    {
        if (!group.NewMemberAdded || remainingMs == 0)
        {
            Complete(group);
            return;
        }

        group.NewMemberAdded = false;
        int nextMs = Math.Min(config.InitialRebalanceDelayMs, remainingMs);
        SetJoinTimer(group, nextMs, () => OnInitialDelay(group, nextMs, Math.Max(remainingMs - delayMs, 0)));
    }

    private void OnSyncTimeout(Group group)
    {
        // Cancelled whenever a generation ends: so it is this one's.
        if (group.PendingSync.Count == 0)
        {
            return;
        }

        foreach (string missing in group.PendingSync.ToList())
        {
            Remove(group, group.Find(missing)!);
        }

        Start(group);
    }

    private void OnSessionTimeout(Group group, GroupMember member)
    {
        if (member.IsExcusedFromHeartbeats)
        {
            return;
        }

        Remove(group, member);
        if (group.State == GroupState.PreparingRebalance)
        {
            CompleteIfAllJoined(group);
        }
        else
        {
            Start(group);
        }
    }

    private void OnPendingLapsed(Group group, string memberId)
    {
        RemovePending(group, memberId);
        if (group.State == GroupState.PreparingRebalance)
        {
            CompleteIfAllJoined(group);
        }
    }

    private void CompleteIfAllJoined(Group group)
    {
        if (group.HaveAllJoined)
        {
            Complete(group);
        }
    }

    private void SetJoinTimer(Group group, int delayMs, Action due)
    {
        Cancel(group.JoinTimer);
        group.JoinTimer = new GroupTimer(due);
        timers.Set(group.JoinTimer, delayMs);
    }

    private void Cancel(GroupTimer? timer)
    {
        if (timer is not null)
        {
            timers.Cancel(timer);
        }
    }
}
