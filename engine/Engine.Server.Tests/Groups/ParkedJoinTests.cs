using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Requests that wait for others must not make others wait: everything here happens on one loop.</summary>
public sealed class ParkedJoinTests(GroupEngineFixture engine) : IClassFixture<GroupEngineFixture>
{
    private readonly GroupEngineFixture _engine = engine;

    [Fact]
    public void While_joins_and_syncs_wait_the_loop_serves_everybody_else_and_every_answer_comes_in_order()
    {
        string group = _engine.NewGroup();
        using TestClient leader = _engine.Connect();
        using TestClient follower = _engine.Connect();
        string leaderId = leader.JoinAlone(group);
        string followerId = follower.Join(GroupRequests.Join(group)).MemberId;

        // Parked: the leader has not joined again. Behind it, on the same connection, another request.
        int join = follower.Send(ApiKey.JoinGroup, GroupRequests.JoinVersion, GroupRequests.Join(group, followerId));
        int versions = follower.Send(ApiKey.ApiVersions, 0, new ApiVersionsRequest());
        Serves();
        JoinGroupResponse led = leader.Join(GroupRequests.Join(group, leaderId));
        Assert.Equal(2, led.Generation);
        Assert.Equal([leaderId, followerId], led.Members.Select(m => m.MemberId).Order().OrderBy(id => id != leaderId));
        Assert.Equal(leaderId, follower.Receive<JoinGroupResponse>(ApiKey.JoinGroup, GroupRequests.JoinVersion, join).Leader);
        follower.Receive<ApiVersionsResponse>(ApiKey.ApiVersions, 0, versions);

        // Parked: the leader has not assigned.
        SyncGroupRequest empty = new() { GroupId = group, MemberId = followerId, Generation = 2 };
        int sync = follower.Send(ApiKey.SyncGroup, 3, empty);
        Serves();
        Assert.Equal(ErrorCode.None, leader.Ask<SyncGroupRequest, SyncGroupResponse>(ApiKey.SyncGroup, 3, new SyncGroupRequest
        {
            GroupId = group,
            MemberId = leaderId,
            Generation = 2,
            Assignments = [new SyncGroupAssignment { MemberId = followerId, Assignment = [42] }],
        }).Error);
        Assert.Equal([42], follower.Receive<SyncGroupResponse>(ApiKey.SyncGroup, 3, sync).Assignment);
        Assert.DoesNotContain("event=fault", _engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void More_bytes_of_the_next_request_do_not_disturb_one_that_is_parked()
    {
        string group = _engine.NewGroup();
        using TestClient leader = _engine.Connect();
        using TestClient follower = _engine.Connect();
        string leaderId = leader.JoinAlone(group);
        string followerId = follower.Join(GroupRequests.Join(group)).MemberId;
        int join = follower.Send(ApiKey.JoinGroup, GroupRequests.JoinVersion, GroupRequests.Join(group, followerId));
        WireBuffer next = new();
        int start = Frames.BeginRequest(next, ApiKey.Heartbeat, 3, 99, "test");
        WireBuffer io = next;
        HeartbeatRequest.Describe(ref io, new HeartbeatRequest { GroupId = group, MemberId = followerId, Generation = 2 }, 3);
        Frames.End(next, start);
        foreach (byte one in next.Written.ToArray())
        {
            follower.SendRaw([one]);
            Serves();
        }

        Assert.Equal(2, leader.Join(GroupRequests.Join(group, leaderId)).Generation);
        Assert.Equal(ErrorCode.None, follower.Receive<JoinGroupResponse>(ApiKey.JoinGroup, GroupRequests.JoinVersion, join).Error);
        Assert.Equal(ErrorCode.None, follower.Receive<HeartbeatResponse>(ApiKey.Heartbeat, 3, 99).Error);
    }

    [Fact]
    public void A_member_that_disconnects_while_its_join_is_parked_is_missed_only_when_its_session_ends()
    {
        string group = _engine.NewGroup();
        using TestClient leader = _engine.Connect();
        string leaderId = leader.JoinAlone(group);
        string goneId;
        using (TestClient gone = _engine.Connect())
        {
            goneId = gone.Join(GroupRequests.Join(group)).MemberId;
            gone.Send(ApiKey.JoinGroup, GroupRequests.JoinVersion, GroupRequests.Join(group, goneId));
            Assert.True(SpinWait.SpinUntil(() => leader.Heartbeat(group, leaderId, 1) == ErrorCode.RebalanceInProgress, TimeSpan.FromSeconds(30)));
        }

        JoinGroupResponse second = leader.Join(GroupRequests.Join(group, leaderId));
        Assert.Equal(2, second.Members.Count);
        Assert.Equal(ErrorCode.None, leader.Sync(group, leaderId, 2, [1]).Error);
        Assert.True(SpinWait.SpinUntil(() => leader.Heartbeat(group, leaderId, 2) == ErrorCode.RebalanceInProgress, TimeSpan.FromSeconds(60)));
        Assert.Single(leader.Join(GroupRequests.Join(group, leaderId)).Members);
        Assert.DoesNotContain("event=fault", _engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Bodies_cut_short_close_the_connection_and_nothing_else()
    {
        foreach (ApiRange range in Apis.Served.Where(
            r => r.Key is (>= ApiKey.OffsetCommit and <= ApiKey.ListGroups) or ApiKey.DeleteGroups or ApiKey.OffsetDelete))
        {
            for (short version = range.Min; version <= range.Max; version++)
            {
                using TestClient client = _engine.Connect();
                WireBuffer buffer = new();
                int start = Frames.BeginRequest(buffer, range.Key, version, 1, "test");
                buffer.WriteInt8(0x7F);
                Frames.End(buffer, start);
                client.SendRaw(buffer.Written);
                Assert.Null(client.ReceiveFrame());
            }
        }

        Serves();
        Assert.DoesNotContain("event=fault", _engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_longer_than_groups_need_closes_the_connection()
    {
        using TestClient client = _engine.Connect();
        JoinGroupRequest large = GroupRequests.Join(_engine.NewGroup());
        large.Protocols[0].Metadata = new byte[GroupLimits.RequestBytesMax];
        client.Send(ApiKey.JoinGroup, GroupRequests.JoinVersion, large);
        Assert.Null(client.ReceiveFrame());
        Serves();
    }

    [Fact]
    public void The_topic_of_offsets_is_the_brokers_own()
    {
        using TestClient client = _engine.Connect();
        client.Commit(GroupRequests.Commit(_engine.NewGroup(), 1));
        MetadataResponse metadata = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 8, new MetadataRequest { Topics = null });
        Assert.True(metadata.Topics.Single(topic => topic.Name == InternalTopics.ConsumerOffsets).IsInternal);
        Assert.False(metadata.Topics.Single(topic => topic.Name == GroupEngineFixture.Topic).IsInternal);
        Assert.Equal(ErrorCode.InvalidTopic, client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, 3, new DeleteTopicsRequest { Topics = [new DeletableTopic { Name = InternalTopics.ConsumerOffsets }] }).Topics.Single().Error);
        Assert.Equal(ErrorCode.InvalidTopic, client.Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 4, new CreateTopicsRequest
        {
            Topics = [new CreatableTopic { Name = InternalTopics.ConsumerOffsets, PartitionCount = 1, ReplicationFactor = 1 }],
        }).Topics.Single().Error);
    }

    [Fact]
    public void Offsets_go_with_their_topic_and_do_not_come_back_with_its_name()
    {
        using TestClient client = _engine.Connect();
        string group = _engine.NewGroup();
        string topic = $"of-{group}";
        client.CreateTopic(topic);
        OffsetCommitRequest commit = GroupRequests.Commit(group, 5);
        commit.Topics[0].Name = topic;
        Assert.Equal(ErrorCode.None, client.Commit(commit));
        client.Ask<DeleteTopicsRequest, DeleteTopicsResponse>(ApiKey.DeleteTopics, 3, new DeleteTopicsRequest { Topics = [new DeletableTopic { Name = topic }] });
        client.CreateTopic(topic);
        OffsetFetchResponse all = client.Ask<OffsetFetchRequest, OffsetFetchResponse>(
            ApiKey.OffsetFetch, 7, new OffsetFetchRequest { GroupId = group, Topics = null });
        Assert.Empty(all.Topics);
    }

    private void Serves()
    {
        using TestClient other = _engine.Connect();
        byte[] batch = TestClient.Batch([1, 2, 3]);
        long offset = other.Produce(GroupEngineFixture.Topic, batch).BaseOffset;
        Assert.Equal(batch.Length, other.Fetch(GroupEngineFixture.Topic, offset).Records.Length);
        Assert.Equal(ErrorCode.UnknownMemberId, other.Heartbeat("nobody's", "m", 1));
    }
}
