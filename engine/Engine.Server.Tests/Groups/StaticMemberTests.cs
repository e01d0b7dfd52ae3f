using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Members with an instance id, which come back to their own place.</summary>
public sealed class StaticMemberTests : IDisposable
{
    private readonly GroupDriver _groups = new();

    public void Dispose() => _groups.Dispose();

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    public void A_static_leader_comes_back_without_a_rebalance_and_its_old_self_is_fenced(short version)
    {
        (string old, string follower) = StableStatics();
        JoinGroupResponse back = _groups.Join(instance: "i1", version: version).Answer;
        Assert.Equal(ErrorCode.None, back.Error);
        Assert.Equal(1, back.Generation);
        Assert.NotEqual(old, back.MemberId);
        Assert.Equal(GroupState.Stable, _groups.Group.State);

        // Able to skip the assignment it is told that it leads; else that its old self does.
        Assert.Equal(version == 9, back.SkipAssignment);
        Assert.Equal(version == 9 ? back.MemberId : old, back.Leader);
        Assert.Equal(version == 9 ? 2 : 0, back.Members.Count);
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Heartbeat(old, 1, "i1"));
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Commit(1, old, 1, instance: "i1"));
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Sync(old, 1, "i1").Answer.Error);
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Join(old, "i1").Answer.Error);
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Leave(old, "i1").Members.Single().Error);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat(old, 1, "never seen"));
        Assert.Equal(ErrorCode.None, _groups.Heartbeat(back.MemberId, 1, "i1"));
        Assert.Equal(ErrorCode.None, _groups.Heartbeat(follower, 1, "i2"));
        Assert.Equal("of i1", System.Text.Encoding.UTF8.GetString(_groups.Sync(back.MemberId, 1, "i1").Answer.Assignment));
    }

    [Fact]
    public void A_place_left_alone_is_kept_until_the_session_ends()
    {
        (string old, string follower) = StableStatics();
        for (int ms = 0; ms < GroupDriver.SessionMs; ms += 5_000)
        {
            Assert.True(_groups.Group.Members.ContainsKey(old));
            Assert.Equal(ErrorCode.None, _groups.Heartbeat(follower, 1, "i2"));
            _groups.Advance(5_000);
        }

        Assert.False(_groups.Group.Members.ContainsKey(old));
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat(follower, 1, "i2"));
    }

    [Fact]
    public void The_waiting_duplicate_is_fenced_at_once()
    {
        StableStatics();
        _groups.JoinNew();
        string member = _groups.Group.MemberIdOfInstance("i1")!;
        Pending<JoinGroupResponse> first = _groups.Join(member, "i1");
        Pending<JoinGroupResponse> second = _groups.Join(instance: "i1");
        Assert.Equal(ErrorCode.FencedInstanceId, first.Answer.Error);
        Assert.False(second.IsAnswered);
    }

    [Fact]
    public void Coming_back_while_the_leader_assigns_starts_anew()
    {
        _groups.Join(instance: "i1");
        _groups.Join(instance: "i2");
        _groups.Advance(6_000);
        Assert.Equal(GroupState.CompletingRebalance, _groups.Group.State);
        _groups.Join(instance: "i2");
        Assert.Equal(GroupState.PreparingRebalance, _groups.Group.State);
    }

    [Fact]
    public void An_administrator_removes_one_by_its_instance_id()
    {
        StableStatics();
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Leave("", "i3").Members.Single().Error);
        LeavingMemberResult left = _groups.Leave("", "i2").Members.Single();
        Assert.Equal(ErrorCode.None, left.Error);
        Assert.Equal("i2", left.GroupInstanceId);
        Assert.Null(_groups.Group.MemberIdOfInstance("i2"));
        Assert.Equal(GroupState.PreparingRebalance, _groups.Group.State);
    }

    [Fact]
    public void An_instance_id_longer_than_a_clients_may_be_is_refused() =>
        Assert.Equal(ErrorCode.InvalidRequest, _groups.Join(instance: new string('i', 250)).Answer.Error);

    private (string Leader, string Follower) StableStatics()
    {
        Pending<JoinGroupResponse> first = _groups.Join(instance: "i1");
        Pending<JoinGroupResponse> second = _groups.Join(instance: "i2");
        _groups.Advance(6_000);
        (string a, string b) = (first.Answer.MemberId, second.Answer.MemberId);
        Assert.Equal(a, second.Answer.Leader);
        Assert.Equal("i2", first.Answer.Members[1].GroupInstanceId);
        _groups.Sync(a, 1, "i1", (a, "of i1"), (b, "of i2"));
        _groups.Sync(b, 1, "i2");
        return (a, b);
    }
}
