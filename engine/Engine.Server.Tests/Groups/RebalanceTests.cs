using System.Text;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>From one generation to the next, on a clock that the test moves.</summary>
public sealed class RebalanceTests : IDisposable
{
    private readonly GroupDriver _groups = new();

    public void Dispose() => _groups.Dispose();

    [Fact]
    public void The_first_generation_waits_for_its_delay_and_the_leader_alone_hears_who_is_in_it()
    {
        (string a, Pending<JoinGroupResponse> joinA) = _groups.JoinNew();
        _groups.Advance(2_999);
        Assert.False(joinA.IsAnswered);
        _groups.Advance(1);
        JoinGroupResponse answer = joinA.Answer;
        Assert.Equal(ErrorCode.None, answer.Error);
        Assert.Equal(1, answer.Generation);
        Assert.Equal(a, answer.Leader);
        Assert.Equal("consumer", answer.ProtocolType);
        Assert.Equal("range", answer.ProtocolName);
        Assert.Equal([a], answer.Members.Select(m => m.MemberId));
        Assert.Equal(GroupState.CompletingRebalance, _groups.Group.State);
    }

    [Fact]
    public void The_first_delay_is_put_off_by_each_newcomer_but_not_beyond_the_rebalance_timeout()
    {
        Pending<JoinGroupResponse> first = _groups.JoinNew().Join;
        for (int waitedMs = 0; waitedMs < GroupDriver.RebalanceMs; waitedMs += 2_000)
        {
            Assert.False(first.IsAnswered);
            _groups.JoinNew();
            _groups.Advance(2_000);
        }

        Assert.True(first.IsAnswered);
        Assert.Equal(1, _groups.Group.Generation);
    }

    [Fact]
    public void Assignments_go_to_those_they_are_for_and_followers_wait_for_the_leader()
    {
        (string a, Pending<JoinGroupResponse> joinA) = _groups.JoinNew();
        (string b, Pending<JoinGroupResponse> joinB) = _groups.JoinNew();
        _groups.Advance(6_000);
        Assert.Equal(2, joinA.Answer.Members.Count);
        Assert.Empty(joinB.Answer.Members);
        Assert.Equal(a, joinB.Answer.Leader);
        Pending<SyncGroupResponse> syncB = _groups.Sync(b, 1);
        Assert.False(syncB.IsAnswered);
        Pending<SyncGroupResponse> syncA = _groups.Sync(a, 1, null, (a, "for a"), (b, "for b"), ("nobody", "lost"));
        Assert.Equal("for a", Encoding.UTF8.GetString(syncA.Answer.Assignment));
        Assert.Equal("for b", Encoding.UTF8.GetString(syncB.Answer.Assignment));
        Assert.Equal(GroupState.Stable, _groups.Group.State);

        // Asked again, as after a lost answer.
        Assert.Equal("for b", Encoding.UTF8.GetString(_groups.Sync(b, 1).Answer.Assignment));
    }

    [Fact]
    public void A_newcomer_has_everybody_join_again()
    {
        List<string> ids = _groups.Stable(2);
        (_, Pending<JoinGroupResponse> third) = _groups.JoinNew();
        Assert.All(ids, id => Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat(id, 1)));
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Sync(ids[0], 1).Answer.Error);
        List<Pending<JoinGroupResponse>> joins = [.. ids.Select(id => _groups.Join(id))];
        Assert.Equal(2, third.Answer.Generation);
        Assert.Equal(3, joins[0].Answer.Members.Count);
        Assert.Equal(ids[0], third.Answer.Leader);
        Assert.Equal(ErrorCode.IllegalGeneration, _groups.Heartbeat(ids[1], 1));
        Assert.Equal(ErrorCode.None, _groups.Heartbeat(ids[1], 2));
    }

    [Fact]
    public void Who_does_not_join_again_within_the_rebalance_timeout_is_dropped_and_another_leads()
    {
        List<string> ids = _groups.Stable(2);
        (string c, Pending<JoinGroupResponse> third) = _groups.JoinNew();
        Pending<JoinGroupResponse> second = _groups.Join(ids[1]);
        for (int i = 0; i < GroupDriver.RebalanceMs / 5_000; i++)
        {
            // The leader lives, it only does not join.
            Assert.False(third.IsAnswered);
            Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat(ids[0], 1));
            _groups.Advance(5_000);
        }

        Assert.Equal(2, third.Answer.Generation);
        Assert.Equal([ids[1], c], _groups.Group.Members.Keys);
        Assert.Equal(ids[1], second.Answer.Leader);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat(ids[0], 1));
    }

    [Fact]
    public void A_member_that_goes_silent_is_dropped_after_its_session_and_the_rest_join_again()
    {
        List<string> ids = _groups.Stable(2);
        _groups.Advance(GroupDriver.SessionMs - 1);
        Assert.Equal(ErrorCode.None, _groups.Heartbeat(ids[0], 1));
        _groups.Advance(1);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat(ids[1], 1));
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat(ids[0], 1));
        Assert.Equal(2, _groups.Join(ids[0]).Answer.Generation);
    }

    [Fact]
    public void The_last_one_gone_leaves_an_empty_group_of_the_next_generation()
    {
        string id = _groups.Stable(1).Single();
        _groups.Advance(GroupDriver.SessionMs);
        Assert.Equal(GroupState.Empty, _groups.Group.State);
        Assert.Equal(2, _groups.Group.Generation);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat(id, 2));
        Assert.Equal(0, _groups.Service.Table.MemberBytes);
    }

    [Fact]
    public void Leaving_starts_a_rebalance_at_once()
    {
        List<string> ids = _groups.Stable(2);
        Assert.Equal(ErrorCode.None, _groups.Leave(ids[0]).Members.Single().Error);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Leave(ids[0]).Members.Single().Error);
        JoinGroupResponse next = _groups.Join(ids[1]).Answer;
        Assert.Equal(ids[1], next.Leader);
        Assert.Equal(2, next.Generation);
    }

    [Fact]
    public void Who_does_not_ask_for_its_assignment_is_dropped()
    {
        (string a, _) = _groups.JoinNew();
        (string b, _) = _groups.JoinNew();
        _groups.Advance(6_000);
        Assert.Equal(GroupState.CompletingRebalance, _groups.Group.State);
        _groups.Sync(a, 1, null, (a, "x"), (b, "y"));
        for (int i = 0; i < GroupDriver.RebalanceMs / 5_000; i++)
        {
            _groups.Heartbeat(a, 1);
            _groups.Heartbeat(b, 1);
            _groups.Advance(5_000);
        }

        Assert.Equal([a], _groups.Group.Members.Keys);
        Assert.Equal(GroupState.PreparingRebalance, _groups.Group.State);
    }

    [Fact]
    public void A_rebalance_while_the_leader_assigns_sends_the_waiting_back_to_join()
    {
        (string a, _) = _groups.JoinNew();
        (string b, _) = _groups.JoinNew();
        _groups.Advance(6_000);
        Pending<SyncGroupResponse> waiting = _groups.Sync(b, 1);
        _groups.Leave(a);
        Assert.Equal(ErrorCode.RebalanceInProgress, waiting.Answer.Error);
        Assert.Equal(2, _groups.Join(b).Answer.Generation);
    }

    [Fact]
    public void A_parked_join_that_nobody_waits_for_any_more_ends_after_five_minutes()
    {
        _groups.Stable(1);
        (string b, Pending<JoinGroupResponse> parked) = _groups.JoinNew();
        string stays = _groups.Group.Members.Keys.First();
        Pending<JoinGroupResponse> rejoin = _groups.Join(stays);
        Assert.True(rejoin.IsAnswered && parked.IsAnswered);

        // b disconnected while parked: nothing more comes of it, so its session ends it.
        _groups.Advance(GroupDriver.SessionMs / 2);
        _groups.Heartbeat(stays, 2);
        _groups.Advance(GroupDriver.SessionMs / 2);
        Assert.Equal([stays], _groups.Group.Members.Keys);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat(b, 2));

        // And one whose first join is not answered for longer than that, because the leader takes its time to join again.
        using GroupDriver slow = new(new GroupConfig { InitialRebalanceDelayMs = 0 });
        JoinGroupRequest patient = GroupDriver.JoinRequest();
        patient.RebalanceTimeoutMs = 10 * 60_000;
        slow.Ask<JoinGroupResponse>(patient, version: 3);
        slow.Advance(0);
        string leader = slow.Group.LeaderId!;
        slow.Sync(leader, 1, null, (leader, ""));
        Pending<JoinGroupResponse> second = slow.Join(version: 3);
        for (int i = 0; i < 60; i++)
        {
            Assert.False(second.IsAnswered);
            Assert.Equal(ErrorCode.RebalanceInProgress, slow.Heartbeat(leader, 1));
            slow.Advance(5_000);
        }

        Assert.Equal(ErrorCode.UnknownMemberId, second.Answer.Error);
    }

    [Fact]
    public void An_id_given_out_holds_the_rebalance_up_until_it_lapses()
    {
        string a = _groups.Stable(1).Single();
        _groups.Join();
        Pending<JoinGroupResponse> rejoin = _groups.Join(a);
        Assert.False(rejoin.IsAnswered);
        Assert.Single(_groups.Group.PendingMembers);
        _groups.Advance(GroupDriver.SessionMs);
        Assert.Empty(_groups.Group.PendingMembers);
        Assert.Equal(2, rejoin.Answer.Generation);
    }

    [Fact]
    public void The_protocol_with_most_votes_among_those_all_have_is_chosen()
    {
        Pending<JoinGroupResponse> first = _groups.JoinNew("range", "sticky", "own").Join;
        _groups.JoinNew("sticky", "range");
        _groups.JoinNew("sticky", "other", "range");
        _groups.Advance(6_000);
        Assert.Equal("sticky", first.Answer.ProtocolName);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _groups.Join(protocols: "own").Answer.Error);
    }

    [Fact]
    public void In_a_stable_group_a_follower_with_nothing_new_is_told_what_holds_and_the_leader_starts_anew()
    {
        List<string> ids = _groups.Stable(2);
        JoinGroupResponse same = _groups.Join(ids[1]).Answer;
        Assert.Equal(1, same.Generation);
        Assert.Empty(same.Members);
        Assert.Equal(GroupState.Stable, _groups.Group.State);
        Pending<JoinGroupResponse> leader = _groups.Join(ids[0]);
        Assert.Equal(GroupState.PreparingRebalance, _groups.Group.State);
        _groups.Join(ids[1]);
        Assert.Equal(2, leader.Answer.Generation);
    }

    [Fact]
    public void A_follower_with_new_metadata_starts_a_rebalance()
    {
        List<string> ids = _groups.Stable(2);
        JoinGroupRequest changed = GroupDriver.JoinRequest(ids[1]);
        changed.Protocols[0].Metadata = GroupDriver.Subscription("t", "u");
        _groups.Ask<JoinGroupResponse>(changed);
        Assert.Equal(GroupState.PreparingRebalance, _groups.Group.State);
    }

    [Fact]
    public void A_join_sent_twice_leaves_no_connection_waiting()
    {
        List<string> ids = _groups.Stable(2);
        Pending<JoinGroupResponse> lost = _groups.Join(ids[0]);
        Pending<JoinGroupResponse> retried = _groups.Join(ids[0]);
        Assert.Equal(ErrorCode.RebalanceInProgress, lost.Answer.Error);
        Assert.False(retried.IsAnswered);
        _groups.Join(ids[1]);
        Assert.Equal(2, retried.Answer.Generation);
    }

    [Fact]
    public void A_group_takes_no_more_than_its_size_and_no_more_ids_than_that()
    {
        using GroupDriver small = new(new GroupConfig { MaxSize = 2 });
        List<string> ids = small.Stable(2);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, small.Join().Answer.Error);
        Assert.Equal(ErrorCode.None, small.Join(ids[1]).Answer.Error);
        using GroupDriver pending = new(new GroupConfig { MaxSize = 2 });
        Assert.Equal(ErrorCode.MemberIdRequired, pending.Join().Answer.Error);
        Assert.Equal(ErrorCode.MemberIdRequired, pending.Join().Answer.Error);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, pending.Join().Answer.Error);
    }

    [Fact]
    public void What_members_hold_together_is_limited()
    {
        JoinGroupRequest large = GroupDriver.JoinRequest();
        large.Protocols[0].Metadata = new byte[(GroupLimits.MemberBytesMax / 2) + 1];
        Pending<JoinGroupResponse> first = _groups.Ask<JoinGroupResponse>(large, version: 3);
        Assert.False(first.IsAnswered);
        JoinGroupRequest another = GroupDriver.JoinRequest();
        another.Protocols = large.Protocols;
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _groups.Ask<JoinGroupResponse>(another, version: 3).Answer.Error);
    }

    [Fact]
    public void An_assignment_that_could_not_be_kept_is_given_to_nobody()
    {
        (string a, _) = _groups.JoinNew();
        _groups.Advance(3_000);
        _groups.Log.IsFull = true;
        Assert.Equal(ErrorCode.NotCoordinator, _groups.Sync(a, 1, null, (a, "x")).Answer.Error);
        _groups.Log.IsFull = false;
        Assert.Equal(2, _groups.Join(a).Answer.Generation);
        Assert.Equal(ErrorCode.None, _groups.Sync(a, 2, null, (a, "x")).Answer.Error);
    }

    [Fact]
    public void Sync_with_another_protocol_is_refused()
    {
        string a = _groups.Stable(1).Single();
        SyncGroupRequest request = new()
        {
            GroupId = GroupDriver.GroupId,
            MemberId = a,
            Generation = 1,
            ProtocolType = "consumer",
            ProtocolName = "range",
        };
        Assert.Equal(ErrorCode.None, _groups.Ask<SyncGroupResponse>(request).Answer.Error);
        request.ProtocolName = "sticky";
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _groups.Ask<SyncGroupResponse>(request).Answer.Error);
        request.ProtocolName = null;
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _groups.Ask<SyncGroupResponse>(request).Answer.Error);
    }
}
