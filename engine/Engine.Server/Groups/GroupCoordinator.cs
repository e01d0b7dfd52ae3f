using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What members ask: join, sync, heartbeat, leave. Checks them against the group and hands what follows to <see cref="Rebalance"/>; the order of the
/// checks is Kafka's, because clients act on the first error. Owned by the groups' thread; an answer may come at once or later.
/// </summary>
internal sealed class GroupCoordinator(
    GroupTable table, Rebalance rebalance, IGroupLog log, GroupConfig config, IGroupClock clock)
{
    private const short FirstThatRequiresMemberId = 4;
    private const short FirstThatSkipsAssignment = 9;
    private const short FirstSyncWithProtocol = 5;

    public void Join(GroupClient client, JoinGroupRequest request, short version, Action<JoinGroupResponse> answer)
    {
        bool hasNoId = request.MemberId.Length == 0;
        if (CheckJoin(request) is { } refused)
        {
            answer(new JoinGroupResponse { MemberId = request.MemberId, Error = refused });
            return;
        }

        if (version == 0)
        {
            request.RebalanceTimeoutMs = request.SessionTimeoutMs;
        }

        // One protocol named twice would be counted as two members' that have it.
        request.Protocols = [.. request.Protocols.DistinctBy(protocol => protocol.Name)];
        Group? group = table.Find(request.GroupId);
        if (group is null && !hasNoId)
        {
            answer(new JoinGroupResponse { MemberId = request.MemberId, Error = ErrorCode.UnknownMemberId });
            return;
        }

        group ??= table.TryCreate(request.GroupId);
        if (group is null || !HasRoomFor(group, request))
        {
            if (group?.Find(request.MemberId) is { } tooMuch)
            {
                rebalance.Remove(group, tooMuch);
                rebalance.AfterRemoval(group);
            }

            answer(new JoinGroupResponse { Error = ErrorCode.GroupMaxSizeReached });
        }
        else if (!group.Supports(request.ProtocolType, request.Protocols))
        {
            answer(new JoinGroupResponse { MemberId = request.MemberId, Error = ErrorCode.InconsistentGroupProtocol });
        }
        else if (hasNoId)
        {
            JoinNew(group, client, request, version, answer);
        }
        else
        {
            JoinKnown(group, client, request, answer);
        }
    }

    public void Sync(SyncGroupRequest request, short version, Action<SyncGroupResponse> answer)
    {
        Group? group = table.Find(request.GroupId);
        if (CheckSync(group, request, version) is { } refused)
        {
            answer(new SyncGroupResponse { Error = refused });
            return;
        }

        GroupMember member = group!.Find(request.MemberId)!;
        switch (group.State)
        {
            case GroupState.PreparingRebalance:
                answer(new SyncGroupResponse { Error = ErrorCode.RebalanceInProgress });
                break;
            case GroupState.CompletingRebalance:
                Rebalance.AnswerSync(member, new SyncGroupResponse { Error = ErrorCode.RebalanceInProgress });
                member.AwaitingSync = answer;
                rebalance.NoteSync(group, member);
                if (group.IsLeader(member.Id))
                {
                    TakeAssignment(group, request);
                }

                break;
            default:
                rebalance.NoteSync(group, member);
                answer(new SyncGroupResponse
                {
                    ProtocolType = group.ProtocolType,
                    ProtocolName = group.ProtocolName,
                    Assignment = member.Assignment,
                });
                break;
        }
    }

    public ErrorCode Heartbeat(HeartbeatRequest request)
    {
        if (request.GroupId.Length == 0)
        {
            return ErrorCode.InvalidGroupId;
        }

        if (table.Find(request.GroupId) is not { } group)
        {
            return ErrorCode.UnknownMemberId;
        }

        if (group.Challenge(request.MemberId, request.GroupInstanceId) is { } refused)
        {
            return refused;
        }

        if (request.Generation != group.Generation)
        {
            return ErrorCode.IllegalGeneration;
        }

        GroupMember member = group.Find(request.MemberId)!;
        rebalance.Watch(group, member, member.SessionTimeoutMs);
        return group.State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    public LeaveGroupResponse Leave(LeaveGroupRequest request, short version)
    {
        if (request.GroupId.Length == 0)
        {
            return new LeaveGroupResponse { Error = ErrorCode.InvalidGroupId };
        }

        List<LeavingMember> leaving = version < 3 ? [new LeavingMember { MemberId = request.MemberId }] : request.Members;
        Group? group = table.Find(request.GroupId);
        LeaveGroupResponse response = new();
        foreach (LeavingMember member in leaving)
        {
            response.Members.Add(new LeavingMemberResult
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                Error = group is null ? ErrorCode.UnknownMemberId : Leave(group, member),
            });
        }

        if (group is not null && response.Members.Exists(member => member.Error == ErrorCode.None))
        {
            rebalance.AfterRemoval(group);
        }

        if (version < 3)
        {
            response.Error = response.Members[0].Error;
        }

        return response;
    }

    private ErrorCode? CheckJoin(JoinGroupRequest request)
    {
        if (request.GroupId.Length is 0 or > GroupLimits.GroupIdChars)
        {
            return ErrorCode.InvalidGroupId;
        }

        if (request.SessionTimeoutMs < config.MinSessionTimeoutMs || request.SessionTimeoutMs > config.MaxSessionTimeoutMs)
        {
            return ErrorCode.InvalidSessionTimeout;
        }

        return request.GroupInstanceId?.Length > GroupLimits.InstanceIdChars ? ErrorCode.InvalidRequest : null;
    }

    /// <summary>
    /// While members join, those that have are counted and not those that may not come back, so that the last to join again are left out of a
    /// group that has become too large. Ids given out count as well: else a client could have them for ever.
    /// </summary>
    private bool HasRoomFor(Group group, JoinGroupRequest request)
    {
        if (table.MemberBytes + GroupLimits.MemberOverheadBytes + GroupMember.SizeOf(request.Protocols) > GroupLimits.MemberBytesMax
            || (request.MemberId.Length == 0 && group.PendingMembers.Count >= config.MaxSize))
        {
            return false;
        }

        GroupMember? member = group.Find(request.MemberId);
        return group.State switch
        {
            GroupState.PreparingRebalance => member?.AwaitingJoin is not null || group.AwaitingJoin < config.MaxSize,
            GroupState.CompletingRebalance or GroupState.Stable => member is not null || group.Members.Count < config.MaxSize,
            _ => true,
        };
    }

    private void JoinNew(Group group, GroupClient client, JoinGroupRequest request, short version, Action<JoinGroupResponse> answer)
    {
        string memberId = $"{request.GroupInstanceId ?? client.Id}-{Guid.NewGuid()}";
        if (request.GroupInstanceId is { } instanceId)
        {
            if (group.MemberIdOfInstance(instanceId) is { } oldId)
            {
                ReplaceStatic(group, group.Find(oldId)!, memberId, request, version, answer);
            }
            else
            {
                rebalance.Add(group, NewMember(memberId, client, request), request.ProtocolType, answer);
            }
        }
        else if (version >= FirstThatRequiresMemberId)
        {
            rebalance.AddPending(group, memberId, request.SessionTimeoutMs);
            answer(new JoinGroupResponse { MemberId = memberId, Error = ErrorCode.MemberIdRequired });
        }
        else
        {
            rebalance.Add(group, NewMember(memberId, client, request), request.ProtocolType, answer);
        }
    }

    private void JoinKnown(Group group, GroupClient client, JoinGroupRequest request, Action<JoinGroupResponse> answer)
    {
        if (group.PendingMembers.ContainsKey(request.MemberId))
        {
            if (request.GroupInstanceId is not null)
            {
                // Such an id is never given to a static member.
                answer(new JoinGroupResponse { MemberId = request.MemberId, Error = ErrorCode.UnknownServerError });
                return;
            }

            rebalance.Add(group, NewMember(request.MemberId, client, request), request.ProtocolType, answer);
            return;
        }

        ErrorCode? refused = group.Challenge(request.MemberId, request.GroupInstanceId);
        if (refused is not null || group.State == GroupState.Empty)
        {
            answer(new JoinGroupResponse { MemberId = request.MemberId, Error = refused ?? ErrorCode.UnknownMemberId });
            return;
        }

        // The leader of a stable group joins again to have a new assignment made; others for nothing but new metadata are told what holds.
        GroupMember member = group.Find(request.MemberId)!;
        bool isNews = group.State == GroupState.PreparingRebalance
            || !member.HasProtocols(request.Protocols)
            || (group.State == GroupState.Stable && group.IsLeader(member.Id));
        if (isNews)
        {
            rebalance.Rejoin(group, member, request, answer);
        }
        else
        {
            answer(Rebalance.Generation(group, member.Id));
        }
    }

    /// <summary>A static member that has started anew takes its own place; in a stable group, without a rebalance if nothing else changes.</summary>
    private void ReplaceStatic(
        Group group, GroupMember old, string memberId, JoinGroupRequest request, short version, Action<JoinGroupResponse> answer)
    {
        string? leaderBefore = group.LeaderId;
        Rebalance.AnswerJoin(group, old, new JoinGroupResponse { MemberId = old.Id, Error = ErrorCode.FencedInstanceId });
        Rebalance.AnswerSync(old, new SyncGroupResponse { Error = ErrorCode.FencedInstanceId });
        GroupMember successor = rebalance.Replace(group, old, memberId);
        rebalance.Update(group, successor, request, answer);
        rebalance.Watch(group, successor, successor.SessionTimeoutMs);
        switch (group.State)
        {
            case GroupState.Stable when group.SelectProtocol() == group.ProtocolName:
                bool kept = log.TryAppend([GroupRecords.OfGroup(group)]);
                JoinGroupResponse response = Rebalance.Generation(group, memberId);
                bool skips = version >= FirstThatSkipsAssignment;
                response.Error = kept ? ErrorCode.None : ErrorCode.NotCoordinator;
                response.SkipAssignment = skips && group.IsLeader(memberId);
                if (!skips)
                {
                    // To one that cannot skip the assignment another is named as leader, its own old self if need be, so that it makes none.
                    response.Leader = leaderBefore ?? "";
                    response.Members = [];
                }

                Rebalance.AnswerJoin(group, successor, response);
                break;
            case GroupState.Stable or GroupState.CompletingRebalance:
                // The leader may be making an assignment for the old id.
                rebalance.Start(group);
                break;
            default:
                rebalance.GoOn(group);
                break;
        }
    }

    private static GroupMember NewMember(string id, GroupClient client, JoinGroupRequest request) => new()
    {
        Id = id,
        InstanceId = request.GroupInstanceId,
        Client = client,
        RebalanceTimeoutMs = request.RebalanceTimeoutMs,
        SessionTimeoutMs = request.SessionTimeoutMs,
        Protocols = request.Protocols,
    };

    private static ErrorCode? CheckSync(Group? group, SyncGroupRequest request, short version)
    {
        if (version >= FirstSyncWithProtocol && (request.ProtocolType is null || request.ProtocolName is null))
        {
            return ErrorCode.InconsistentGroupProtocol;
        }

        if (request.GroupId.Length == 0)
        {
            return ErrorCode.InvalidGroupId;
        }

        if (group is null || group.State == GroupState.Empty)
        {
            return ErrorCode.UnknownMemberId;
        }

        if (group.Challenge(request.MemberId, request.GroupInstanceId) is { } refused)
        {
            return refused;
        }

        if (request.Generation != group.Generation)
        {
            return ErrorCode.IllegalGeneration;
        }

        bool sameProtocol = (request.ProtocolType ?? group.ProtocolType) == group.ProtocolType
            && (request.ProtocolName ?? group.ProtocolName) == group.ProtocolName;
        return sameProtocol ? null : ErrorCode.InconsistentGroupProtocol;
    }

    /// <summary>Keeps the leader's assignment, then gives it out: a member that works by it finds it again after a restart.</summary>
    private void TakeAssignment(Group group, SyncGroupRequest request)
    {
        Dictionary<string, byte[]> assignments = [];
        foreach (SyncGroupAssignment each in request.Assignments)
        {
            assignments[each.MemberId] = each.Assignment;
        }

        long bytes = assignments.Where(each => group.Find(each.Key) is not null).Sum(each => (long)each.Value.Length);
        ErrorCode error = ErrorCode.UnknownServerError;
        if (table.MemberBytes + bytes <= GroupLimits.MemberBytesMax && GroupRecords.OfGroup(group, assignments) is { } record
            && record.SizeBytes <= GroupLimits.RecordBytesMax)
        {
            error = log.TryAppend([record]) ? ErrorCode.None : ErrorCode.NotCoordinator;
        }

        rebalance.Propagate(group, error, error == ErrorCode.None ? assignments : []);
        if (error == ErrorCode.None)
        {
            group.MoveTo(GroupState.Stable, clock.WallMs);
        }
        else
        {
            rebalance.Start(group);
        }
    }

    private ErrorCode Leave(Group group, LeavingMember leaving)
    {
        string memberId = leaving.MemberId;
        if (memberId.Length == 0)
        {
            // An administrator removes a static member by the id it was configured with.
            if (leaving.GroupInstanceId is null || group.MemberIdOfInstance(leaving.GroupInstanceId) is not { } current)
            {
                return ErrorCode.UnknownMemberId;
            }

            rebalance.Remove(group, group.Find(current)!);
            return ErrorCode.None;
        }

        if (group.PendingMembers.ContainsKey(memberId))
        {
            rebalance.RemovePending(group, memberId);
            return ErrorCode.None;
        }

        if (group.Challenge(memberId, leaving.GroupInstanceId) is { } refused)
        {
            return refused;
        }

        rebalance.Remove(group, group.Find(memberId)!);
        return ErrorCode.None;
    }
}
