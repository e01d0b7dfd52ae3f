using Engine.Wire;

namespace Engine.Server;

/// <summary>Lists, describes and deletes groups. Owned by the groups' thread.</summary>
internal sealed class GroupAdmin(GroupTable table, IGroupLog log)
{
    private const string ClassicType = "classic";
    private const short FirstDescribeWithNotFound = 6;

    /// <summary>
    /// What may be done to a group, as bits: read, delete, describe, describe and alter configurations. Without an authorizer everybody may.
    /// (Kafka: AclOperation, AclEntry.supportedOperations.)
    /// </summary>
    private const int AllOperations = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);

    public ListGroupsResponse List(ListGroupsRequest request)
    {
        HashSet<string> states = new(request.States, StringComparer.OrdinalIgnoreCase);
        if (request.Types.Count > 0 && !request.Types.Contains(ClassicType, StringComparer.OrdinalIgnoreCase))
        {
            return new ListGroupsResponse();
        }

        return new ListGroupsResponse
        {
            Groups = [.. table.All.Where(group => states.Count == 0 || states.Contains(group.State.ToString())).Select(group => new ListedGroup
            {
                GroupId = group.Id,
                ProtocolType = group.ProtocolType ?? "",
                State = group.State.ToString(),
                Type = ClassicType,
            })],
        };
    }

    public DescribeGroupsResponse Describe(DescribeGroupsRequest request, short version) => new()
    {
        Groups = [.. request.Groups.Distinct().Select(id => table.Find(id) is { } group
            ? Describe(group, request.IncludeAuthorizedOperations)
            : NotFound(id, version, request.IncludeAuthorizedOperations))],
    };

    public DeleteGroupsResponse Delete(DeleteGroupsRequest request, Action<Group> removePending) => new()
    {
        Results = [.. request.Groups.Distinct().Select(id => new DeletedGroup { GroupId = id, Error = Delete(id, removePending) })],
    };

    private static DescribedGroup Describe(Group group, bool operations) => new()
    {
        GroupId = group.Id,
        State = group.State.ToString(),
        ProtocolType = group.ProtocolType ?? "",
        ProtocolName = group.State == GroupState.Stable ? group.ProtocolName ?? "" : "",
        AuthorizedOperations = operations ? AllOperations : MetadataResponse.OperationsNotRequested,
        Members = [.. group.Members.Values.Select(member => new DescribedGroupMember
        {
            MemberId = member.Id,
            GroupInstanceId = member.InstanceId,
            ClientId = member.Client.Id,
            ClientHost = member.Client.Host,
            Metadata = group.State == GroupState.Stable ? member.MetadataFor(group.ProtocolName!) : [],
            Assignment = member.Assignment,
        })],
    };

    private static DescribedGroup NotFound(string id, short version, bool operations)
    {
        DescribedGroup group = new() { GroupId = id, State = nameof(GroupState.Dead) };
        if (version >= FirstDescribeWithNotFound)
        {
            group.Error = ErrorCode.GroupIdNotFound;
            group.ErrorMessage = $"Group {id} not found.";
        }
        else if (operations)
        {
            group.AuthorizedOperations = AllOperations;
        }

        return group;
    }

    private ErrorCode Delete(string id, Action<Group> removePending)
    {
        if (table.Find(id) is not { } group)
        {
            return ErrorCode.GroupIdNotFound;
        }

        if (group.State != GroupState.Empty)
        {
            return ErrorCode.NonEmptyGroup;
        }

        IEnumerable<GroupRecord> records = from topic in @group.Offsets
                                           from partition in topic.Value.Keys
                                           select GroupRecords.OfOffset(id, topic.Key, partition, null);
        if (!log.TryAppend([.. records, GroupRecords.WithoutGroup(id)]))
        {
            return ErrorCode.NotCoordinator;
        }

        removePending(group);
        table.Remove(group);
        return ErrorCode.None;
    }
}
