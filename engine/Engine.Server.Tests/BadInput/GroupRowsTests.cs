using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Bad input to groups: the rows of the table in docs/protocol.md.</summary>
public sealed class GroupRowsTests(GroupEngineFixture engine) : IClassFixture<GroupEngineFixture>
{
    private readonly GroupEngineFixture _engine = engine;

    [Fact]
    public void Row_45_Empty_group_id_is_24_and_a_session_timeout_out_of_range_26()
    {
        using TestClient client = _engine.Connect();
        Assert.Equal(ErrorCode.InvalidGroupId, client.Join(GroupRequests.Join("")).Error);
        Assert.Equal(ErrorCode.InvalidGroupId, client.Sync("", "m", 1).Error);
        Assert.Equal(ErrorCode.InvalidGroupId, client.Heartbeat("", "m", 1));
        Assert.Equal(ErrorCode.InvalidGroupId, client.Ask<LeaveGroupRequest, LeaveGroupResponse>(
            ApiKey.LeaveGroup, 3, new LeaveGroupRequest { Members = [new LeavingMember { MemberId = "m" }] }).Error);
        string group = _engine.NewGroup();
        foreach (int timeoutMs in new[] { int.MinValue, 0, 5_999, 1_800_001, int.MaxValue })
        {
            JoinGroupRequest request = GroupRequests.Join(group);
            request.SessionTimeoutMs = timeoutMs;
            Assert.Equal(ErrorCode.InvalidSessionTimeout, client.Join(request).Error);
        }

        foreach (int timeoutMs in new[] { 6_000, 1_800_000 })
        {
            JoinGroupRequest request = GroupRequests.Join(group);
            request.SessionTimeoutMs = timeoutMs;
            Assert.Equal(ErrorCode.MemberIdRequired, client.Join(request).Error);
        }
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(9, true)]
    public void Row_46_A_new_member_without_id_is_79_from_JoinGroup_4_on(short version, bool required)
    {
        using TestClient client = _engine.Connect();
        JoinGroupResponse response = client.Join(GroupRequests.Join(_engine.NewGroup()), version);
        Assert.Equal(required ? ErrorCode.MemberIdRequired : ErrorCode.None, response.Error);
        Assert.StartsWith("test-", response.MemberId, StringComparison.Ordinal);
        Assert.Equal(required ? -1 : 1, response.Generation);
    }

    [Fact]
    public void Row_47_An_unknown_member_is_25()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        Assert.Equal(ErrorCode.UnknownMemberId, client.Join(GroupRequests.Join(group, "stranger")).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, client.Heartbeat(group, "stranger", 1));
        Assert.Equal(ErrorCode.UnknownMemberId, client.Sync(group, "stranger", 1).Error);
        client.JoinAlone(group);
        Assert.Equal(ErrorCode.UnknownMemberId, client.Join(GroupRequests.Join(group, "stranger")).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, client.Heartbeat(group, "stranger", 1));
        Assert.Equal(ErrorCode.UnknownMemberId, client.Sync(group, "stranger", 1).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, client.Commit(GroupRequests.Commit(group, 1, "stranger", 1)));
        LeaveGroupResponse left = client.Ask<LeaveGroupRequest, LeaveGroupResponse>(
            ApiKey.LeaveGroup, 3, new LeaveGroupRequest { GroupId = group, Members = [new LeavingMember { MemberId = "stranger" }] });
        Assert.Equal(ErrorCode.None, left.Error);
        Assert.Equal(ErrorCode.UnknownMemberId, left.Members.Single().Error);
        Assert.Equal(ErrorCode.UnknownMemberId, client.Ask<LeaveGroupRequest, LeaveGroupResponse>(
            ApiKey.LeaveGroup, 2, new LeaveGroupRequest { GroupId = group, MemberId = "stranger" }).Error);
    }

    [Fact]
    public void Row_48_No_common_protocol_is_23()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        client.JoinAlone(group);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, client.Join(GroupRequests.Join(group, protocols: "sticky")).Error);
        JoinGroupRequest otherType = GroupRequests.Join(group);
        otherType.ProtocolType = "connect";
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, client.Join(otherType).Error);
        JoinGroupRequest none = GroupRequests.Join(_engine.NewGroup());
        none.Protocols.Clear();
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, client.Join(none).Error);
        JoinGroupRequest untyped = GroupRequests.Join(_engine.NewGroup());
        untyped.ProtocolType = "";
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, client.Join(untyped).Error);
    }

    [Fact]
    public void Row_49_A_wrong_generation_is_22()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        string member = client.JoinAlone(group);
        foreach (int generation in new[] { 0, 2, -1, int.MaxValue })
        {
            Assert.Equal(ErrorCode.IllegalGeneration, client.Heartbeat(group, member, generation));
            Assert.Equal(ErrorCode.IllegalGeneration, client.Sync(group, member, generation).Error);
            Assert.Equal(ErrorCode.IllegalGeneration, client.Commit(GroupRequests.Commit(group, 1, member, generation)));
        }

        Assert.Equal(-1, client.Committed(group).Offset);
    }

    [Fact]
    public void Row_50_A_heartbeat_during_a_rebalance_is_27()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        string member = client.JoinAlone(group);
        Assert.Equal(ErrorCode.None, client.Heartbeat(group, member, 1));
        using TestClient second = _engine.Connect();
        string secondId = second.Join(GroupRequests.Join(group)).MemberId;
        second.Send(ApiKey.JoinGroup, GroupRequests.JoinVersion, GroupRequests.Join(group, secondId));

        // The join is taken up at its own time.
        Assert.True(SpinWait.SpinUntil(() => client.Heartbeat(group, member, 1) == ErrorCode.RebalanceInProgress, TimeSpan.FromSeconds(30)));
        Assert.Equal(ErrorCode.RebalanceInProgress, client.Sync(group, member, 1).Error);
    }

    [Fact]
    public void Row_51_Offset_metadata_over_4096_is_12()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, client.Commit(GroupRequests.Commit(group, 1, metadata: new string('x', 4097))));
        Assert.Equal(-1, client.Committed(group).Offset);
        Assert.Equal(ErrorCode.None, client.Commit(GroupRequests.Commit(group, 1, metadata: new string('x', 4096))));
        Assert.Equal(4096, client.Committed(group).Metadata?.Length);
    }

    [Fact]
    public void Row_52_An_offset_fetch_for_an_unknown_group_is_minus_1_without_error()
    {
        using TestClient client = _engine.Connect();
        OffsetFetchPartitionResult result = client.Committed("no such group");
        Assert.Equal((-1, -1, "", ErrorCode.None), (result.Offset, result.LeaderEpoch, result.Metadata, result.Error));
        OffsetFetchResponse all = client.Ask<OffsetFetchRequest, OffsetFetchResponse>(
            ApiKey.OffsetFetch, 7, new OffsetFetchRequest { GroupId = "no such group", Topics = null });
        Assert.Equal(ErrorCode.None, all.Error);
        Assert.Empty(all.Topics);
        OffsetFetchResponse batched = client.Ask<OffsetFetchRequest, OffsetFetchResponse>(
            ApiKey.OffsetFetch, 9, new OffsetFetchRequest { Groups = [new OffsetFetchGroup { GroupId = "no such group", Topics = null }] });
        Assert.Equal(ErrorCode.None, batched.Groups.Single().Error);
    }

    [Fact]
    public void Row_53_Deleting_a_group_that_is_not_empty_is_68()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        string member = client.JoinAlone(group);
        Assert.Equal(ErrorCode.NonEmptyGroup, Delete(client, group));
        client.Ask<LeaveGroupRequest, LeaveGroupResponse>(ApiKey.LeaveGroup, 2, new LeaveGroupRequest { GroupId = group, MemberId = member });
        Assert.Equal(ErrorCode.None, Delete(client, group));
        Assert.Equal(ErrorCode.GroupIdNotFound, Delete(client, group));
    }

    private static ErrorCode Delete(TestClient client, string group) => client.Ask<DeleteGroupsRequest, DeleteGroupsResponse>(
        ApiKey.DeleteGroups, 1, new DeleteGroupsRequest { Groups = [group] }).Results.Single().Error;
}
