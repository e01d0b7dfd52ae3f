using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Every version of every API of groups, over a socket; each answer is read to its last byte.</summary>
public sealed class GroupVersionTests(GroupEngineFixture engine) : IClassFixture<GroupEngineFixture>
{
    private readonly GroupEngineFixture _engine = engine;

    /// <summary>The APIs of which every version is walked here.</summary>
    public static readonly IReadOnlyList<ApiKey> Covered =
    [
        ApiKey.OffsetCommit, ApiKey.OffsetFetch, ApiKey.FindCoordinator, ApiKey.JoinGroup, ApiKey.Heartbeat, ApiKey.LeaveGroup, ApiKey.SyncGroup,
        ApiKey.DescribeGroups, ApiKey.ListGroups, ApiKey.DeleteGroups, ApiKey.OffsetDelete,
    ];

    public static TheoryData<short> JoinVersions => Versions(ApiKey.JoinGroup);

    public static TheoryData<short> CommitVersions => Versions(ApiKey.OffsetCommit);

    public static TheoryData<short> FetchVersions => Versions(ApiKey.OffsetFetch);

    public static TheoryData<short> FindVersions => Versions(ApiKey.FindCoordinator);

    public static TheoryData<short> LeaveVersions => Versions(ApiKey.LeaveGroup);

    public static TheoryData<short> DescribeVersions => Versions(ApiKey.DescribeGroups);

    public static TheoryData<short> ListVersions => Versions(ApiKey.ListGroups);

    public static TheoryData<short> DeleteVersions => Versions(ApiKey.DeleteGroups);

    [Theory]
    [MemberData(nameof(JoinVersions))]
    public void JoinGroup_SyncGroup_Heartbeat(short version)
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        JoinGroupResponse joined = client.Join(GroupRequests.Join(group), version);
        if (version >= 4)
        {
            joined = client.Join(GroupRequests.Join(group, joined.MemberId), version);
        }

        Assert.Equal(ErrorCode.None, joined.Error);
        Assert.Equal(1, joined.Generation);
        Assert.Equal(version >= 7 ? "consumer" : null, joined.ProtocolType);
        Assert.Equal("range", joined.ProtocolName);
        Assert.Equal(joined.MemberId, joined.Leader);
        Assert.Equal(GroupDriver.Subscription("t"), joined.Members.Single().Metadata);
        short sync = Math.Min(version, (short)5);
        SyncGroupResponse synced = client.Ask<SyncGroupRequest, SyncGroupResponse>(ApiKey.SyncGroup, sync, new SyncGroupRequest
        {
            GroupId = group,
            MemberId = joined.MemberId,
            Generation = 1,
            ProtocolType = "consumer",
            ProtocolName = "range",
            Assignments = [new SyncGroupAssignment { MemberId = joined.MemberId, Assignment = [1, 2, 3] }],
        });
        Assert.Equal(ErrorCode.None, synced.Error);
        Assert.Equal([1, 2, 3], synced.Assignment);
        Assert.Equal(sync >= 5 ? "range" : null, synced.ProtocolName);
        HeartbeatResponse alive = client.Ask<HeartbeatRequest, HeartbeatResponse>(
            ApiKey.Heartbeat, Math.Min(version, (short)4), new HeartbeatRequest { GroupId = group, MemberId = joined.MemberId, Generation = 1 });
        Assert.Equal(ErrorCode.None, alive.Error);

        // An error has no protocol; before version 7 it cannot say so with null.
        JoinGroupResponse refused = client.Join(GroupRequests.Join(group, "stranger"), version);
        Assert.Equal(ErrorCode.UnknownMemberId, refused.Error);
        Assert.Equal(version >= 7 ? null : "", refused.ProtocolName);
    }

    [Theory]
    [MemberData(nameof(CommitVersions))]
    public void OffsetCommit(short version)
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        OffsetCommitRequest request = GroupRequests.Commit(group, 100 + version, metadata: "m");
        request.Topics[0].Partitions[0].LeaderEpoch = 0;
        Assert.Equal(ErrorCode.None, client.Commit(request, version));
        OffsetFetchPartitionResult result = client.Committed(group);
        Assert.Equal((100 + version, version >= 6 ? 0 : -1, "m"), (result.Offset, result.LeaderEpoch, result.Metadata));
        Assert.Equal(
            version >= 9 ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration,
            client.Commit(GroupRequests.Commit(_engine.NewGroup(), 1, "m", 1), version));
    }

    [Theory]
    [MemberData(nameof(FetchVersions))]
    public void OffsetFetch(short version)
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit(group, 11)));
        List<OffsetFetchTopic> topics = [new OffsetFetchTopic { Name = "t", Partitions = [0, 1] }];
        OffsetFetchResponse response = client.Ask<OffsetFetchRequest, OffsetFetchResponse>(ApiKey.OffsetFetch, version, new OffsetFetchRequest
        {
            GroupId = group,
            Topics = topics,
            RequireStable = true,
            Groups = [new OffsetFetchGroup { GroupId = group, Topics = topics }, new OffsetFetchGroup { GroupId = group, Topics = null }],
        });
        List<OffsetFetchTopicResult> asked = version >= 8 ? response.Groups[0].Topics : response.Topics;
        Assert.Equal([11L, -1L], asked.Single().Partitions.Select(p => p.Offset));
        if (version >= 8)
        {
            Assert.Equal([group, group], response.Groups.Select(g => g.GroupId));
            Assert.Equal([11L], response.Groups[1].Topics.Single().Partitions.Select(p => p.Offset));
        }
        else if (version >= 2)
        {
            OffsetFetchResponse all = client.Ask<OffsetFetchRequest, OffsetFetchResponse>(
                ApiKey.OffsetFetch, version, new OffsetFetchRequest { GroupId = group, Topics = null });
            Assert.Equal([11L], all.Topics.Single().Partitions.Select(p => p.Offset));
        }
    }

    [Theory]
    [MemberData(nameof(FindVersions))]
    public void FindCoordinator(short version)
    {
        using TestClient client = _engine.Connect();
        FindCoordinatorResponse response = client.Ask<FindCoordinatorRequest, FindCoordinatorResponse>(
            ApiKey.FindCoordinator, version, new FindCoordinatorRequest { Key = "g", Keys = ["g", "h"] });
        if (version >= 4)
        {
            Assert.Equal(["g", "h"], response.Coordinators.Select(c => c.Key));
            Assert.All(
                response.Coordinators,
                c => Assert.Equal((ErrorCode.None, ServerHost.NodeId, _engine.EndPoint.Port), (c.Error, c.NodeId, c.Port)));
        }
        else
        {
            Assert.Equal((ErrorCode.None, ServerHost.NodeId, _engine.EndPoint.Port), (response.Error, response.NodeId, response.Port));
        }

        if (version >= 1)
        {
            Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, ErrorOf(client, version, keyType: 1));
            Assert.Equal(ErrorCode.InvalidRequest, ErrorOf(client, version, keyType: 9));
        }
    }

    [Theory]
    [MemberData(nameof(LeaveVersions))]
    public void LeaveGroup(short version)
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        string member = client.JoinAlone(group);
        LeaveGroupResponse response = client.Ask<LeaveGroupRequest, LeaveGroupResponse>(ApiKey.LeaveGroup, version, new LeaveGroupRequest
        {
            GroupId = group,
            MemberId = member,
            Members = [new LeavingMember { MemberId = member }, new LeavingMember { GroupInstanceId = "none", MemberId = "" }],
        });
        Assert.Equal(ErrorCode.None, response.Error);
        Assert.Equal(version >= 3 ? [ErrorCode.None, ErrorCode.UnknownMemberId] : [], response.Members.Select(m => m.Error));
        Assert.Equal(ErrorCode.UnknownMemberId, client.Heartbeat(group, member, 1));
    }

    [Theory]
    [MemberData(nameof(DescribeVersions))]
    public void DescribeGroups(short version)
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        string member = client.JoinAlone(group);
        string simple = _engine.NewGroup();
        client.Commit(GroupRequests.Commit(simple, 1));
        DescribeGroupsResponse response = client.Ask<DescribeGroupsRequest, DescribeGroupsResponse>(
            ApiKey.DescribeGroups, version, new DescribeGroupsRequest { Groups = [group, simple, "none"], IncludeAuthorizedOperations = true });
        DescribedGroup stable = response.Groups[0];
        Assert.Equal(
            (ErrorCode.None, group, "Stable", "consumer", "range"),
            (stable.Error, stable.GroupId, stable.State, stable.ProtocolType, stable.ProtocolName));
        Assert.Equal(version >= 3 ? 3400 : MetadataResponse.OperationsNotRequested, stable.AuthorizedOperations);
        DescribedGroupMember described = stable.Members.Single();
        Assert.Equal((member, "test", "/127.0.0.1"), (described.MemberId, described.ClientId, described.ClientHost));
        Assert.Equal([7, 7], described.Assignment);
        Assert.Equal(GroupDriver.Subscription("t"), described.Metadata);
        Assert.Equal(("Empty", ""), (response.Groups[1].State, response.Groups[1].ProtocolType));
        Assert.Equal("Dead", response.Groups[2].State);
        Assert.Equal(version >= 6 ? ErrorCode.GroupIdNotFound : ErrorCode.None, response.Groups[2].Error);
    }

    [Theory]
    [MemberData(nameof(ListVersions))]
    public void ListGroups(short version)
    {
        using TestClient client = _engine.Connect();
        string stable = _engine.NewGroup();
        client.JoinAlone(stable);
        string simple = _engine.NewGroup();
        client.Commit(GroupRequests.Commit(simple, 1));
        List<ListedGroup> List(string[] states, string[] types) => client.Ask<ListGroupsRequest, ListGroupsResponse>(
            ApiKey.ListGroups, version, new ListGroupsRequest { States = [.. states], Types = [.. types] }).Groups;
        ListedGroup listed = List([], []).Single(g => g.GroupId == stable);
        Assert.Equal("consumer", listed.ProtocolType);
        Assert.Equal(version >= 4 ? "Stable" : "", listed.State);
        Assert.Equal(version >= 5 ? "classic" : "", listed.Type);
        if (version >= 4)
        {
            List<string> empty = [.. List(["empty"], []).Select(g => g.GroupId)];
            Assert.Contains(simple, empty);
            Assert.DoesNotContain(stable, empty);
        }

        if (version >= 5)
        {
            Assert.Contains(stable, List([], ["Classic"]).Select(g => g.GroupId));
            Assert.Empty(List([], ["consumer"]));
        }
    }

    [Theory]
    [MemberData(nameof(DeleteVersions))]
    public void DeleteGroups(short version)
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        client.Commit(GroupRequests.Commit(group, 1));
        DeleteGroupsResponse response = client.Ask<DeleteGroupsRequest, DeleteGroupsResponse>(
            ApiKey.DeleteGroups, version, new DeleteGroupsRequest { Groups = [group, "none"] });
        Assert.Equal([(group, ErrorCode.None), ("none", ErrorCode.GroupIdNotFound)], response.Results.Select(r => (r.GroupId, r.Error)));
        Assert.Equal(-1, client.Committed(group).Offset);
    }

    [Fact]
    public void OffsetDelete()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        client.Commit(GroupRequests.Commit(group, 1));
        OffsetDeleteResponse response = client.Ask<OffsetDeleteRequest, OffsetDeleteResponse>(ApiKey.OffsetDelete, 0, new OffsetDeleteRequest
        {
            GroupId = group,
            Topics =
            [
                new OffsetDeleteTopic
                {
                    Name = "t",
                    Partitions = [new OffsetDeletePartition { Index = 0 }, new OffsetDeletePartition { Index = 9 }],
                },
            ],
        });
        Assert.Equal(ErrorCode.None, response.Error);
        Assert.Equal(
            [(0, ErrorCode.None), (9, ErrorCode.UnknownTopicOrPartition)],
            response.Topics.Single().Partitions.OrderBy(p => p.Index).Select(p => (p.Index, p.Error)));
        Assert.Equal(-1, client.Committed(group).Offset);
    }

    private static TheoryData<short> Versions(ApiKey key)
    {
        ApiRange range = Apis.Find((short)key)!.Value;
        return [.. Enumerable.Range(range.Min, range.Max - range.Min + 1).Select(version => (short)version)];
    }

    private static ErrorCode ErrorOf(TestClient client, short version, sbyte keyType)
    {
        FindCoordinatorResponse response = client.Ask<FindCoordinatorRequest, FindCoordinatorResponse>(
            ApiKey.FindCoordinator, version, new FindCoordinatorRequest { Key = "x", Keys = ["x"], KeyType = keyType });
        return version >= 4 ? response.Coordinators.Single().Error : response.Error;
    }
}
