using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Committed offsets: who may commit, what is kept, when it goes.</summary>
public sealed class OffsetTests : IDisposable
{
    private const long DayMs = 24 * 3600_000L;
    private const long RetentionMs = 7 * DayMs;
    private readonly GroupDriver _groups = new();

    public void Dispose() => _groups.Dispose();

    [Fact]
    public void Members_commit_in_their_generation_and_nobody_else_does()
    {
        string a = _groups.Stable(1).Single();
        Assert.Equal(ErrorCode.None, _groups.Commit(5, a, 1));
        Assert.Equal(5, _groups.Committed());
        Assert.Equal(ErrorCode.IllegalGeneration, _groups.Commit(6, a, 0));
        Assert.Equal(ErrorCode.IllegalGeneration, _groups.Commit(6, a, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Commit(6, "stranger", 1));
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Commit(6));
        Assert.Equal(5, _groups.Committed());
    }

    [Fact]
    public void A_commit_between_join_and_assignment_is_told_to_wait_and_one_before_the_join_is_taken()
    {
        (string a, _) = _groups.JoinNew();
        _groups.Advance(3_000);
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Commit(1, a, 1));
        _groups.Sync(a, 1, null, (a, ""));
        _groups.Join();
        _groups.Join(a);
        Assert.Equal(GroupState.PreparingRebalance, _groups.Group.State);
        Assert.Equal(ErrorCode.None, _groups.Commit(2, a, 1));
    }

    [Fact]
    public void Commits_keep_the_session_alive()
    {
        string a = _groups.Stable(1).Single();
        for (int i = 0; i < 10; i++)
        {
            _groups.Advance(GroupDriver.SessionMs - 1);
            Assert.Equal(ErrorCode.None, _groups.Commit(i, a, 1));
        }
    }

    [Fact]
    public void A_simple_consumer_commits_to_a_group_that_it_thereby_makes()
    {
        Assert.Equal(ErrorCode.None, _groups.Commit(7, partition: 3, metadata: "note"));
        OffsetFetchTopicResult all = _groups.Ask<OffsetFetchResponse>(new OffsetFetchRequest { GroupId = "g", Topics = null }).Answer.Topics.Single();
        Assert.Equal("t", all.Name);
        Assert.Equal((3, 7L, "note"), (all.Partitions.Single().Index, all.Partitions.Single().Offset, all.Partitions.Single().Metadata));
        Assert.Equal(ErrorCode.IllegalGeneration, _groups.Commit(1, "m", 1, group: "none", version: 8));
        Assert.Equal(ErrorCode.GroupIdNotFound, _groups.Commit(1, "m", 1, group: "none", version: 9));
        Assert.Null(_groups.Service.Table.Find("none"));
    }

    [Fact]
    public void Partitions_that_are_not_there_and_metadata_too_large_are_refused_one_by_one()
    {
        OffsetCommitResponse response = _groups.Ask<OffsetCommitResponse>(new OffsetCommitRequest
        {
            GroupId = "g",
            Topics =
            [
                new OffsetCommitTopic
                {
                    Name = "t",
                    Partitions =
                    [
                        new OffsetCommitPartition { Index = 0, Offset = 1, Metadata = new string('m', 4096) },
                        new OffsetCommitPartition { Index = 1, Offset = 1, Metadata = new string('m', 4097) },
                        new OffsetCommitPartition { Index = 4, Offset = 1 },
                        new OffsetCommitPartition { Index = -1, Offset = 1 },
                    ],
                },
                new OffsetCommitTopic { Name = "none", Partitions = [new OffsetCommitPartition { Offset = 1 }] },
            ],
        }).Answer;
        Assert.Equal(
            [ErrorCode.None, ErrorCode.OffsetMetadataTooLarge, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition],
            response.Topics[0].Partitions.Select(p => p.Error));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, response.Topics[1].Partitions.Single().Error);
        Assert.Equal(1, _groups.Committed());
        Assert.Equal(-1, _groups.Committed(partition: 1));
    }

    [Fact]
    public void What_cannot_be_written_is_neither_acknowledged_nor_there()
    {
        _groups.Log.IsFull = true;
        Assert.Equal(ErrorCode.NotCoordinator, _groups.Commit(7));
        Assert.Equal(-1, _groups.Committed());
        _groups.Log.IsFull = false;
        Assert.Equal(ErrorCode.None, _groups.Commit(8));
        _groups.Log.IsFull = true;
        Assert.Equal(ErrorCode.NotCoordinator, Delete("g").Error);
        Assert.Equal(8, _groups.Committed());
    }

    [Fact]
    public void A_simple_groups_offsets_expire_by_their_own_age_and_then_the_group()
    {
        _groups.Commit(1, partition: 0);
        _groups.Advance(DayMs);
        _groups.Commit(2, partition: 1);
        _groups.Advance(RetentionMs - DayMs);
        Assert.Equal(-1, _groups.Committed(partition: 0));
        Assert.Equal(2, _groups.Committed(partition: 1));
        _groups.Advance(DayMs);
        Assert.Null(_groups.Service.Table.Find("g"));
        Assert.Equal(0, _groups.Service.Table.OffsetBytes);
    }

    [Fact]
    public void A_groups_offsets_expire_by_how_long_it_has_been_empty()
    {
        string a = _groups.Stable(1).Single();
        _groups.Commit(1, a, 1);
        for (int i = 0; i < 3; i++)
        {
            Live(a, 4 * DayMs);
        }

        // Twelve days old and in use.
        Assert.Equal(1, _groups.Committed());
        _groups.Leave(a);
        _groups.Advance(RetentionMs - DayMs);
        Assert.Equal(1, _groups.Committed());
        _groups.Advance(DayMs + 3600_000);
        Assert.Equal(-1, _groups.Committed());
    }

    [Fact]
    public void In_a_living_group_only_offsets_of_topics_it_is_not_subscribed_to_expire()
    {
        string a = _groups.Stable(1).Single();
        _groups.Commit(1, a, 1, "t");
        _groups.Commit(2, a, 1, "u");
        Live(a, RetentionMs + 3600_000);
        Assert.Equal(1, _groups.Committed("t"));
        Assert.Equal(-1, _groups.Committed("u"));
    }

    [Fact]
    public void A_retention_that_the_client_named_goes_before_the_brokers()
    {
        _groups.Commit(1, retentionMs: 2 * 3600_000, version: 4);
        _groups.Advance(3600_000);
        Assert.Equal(1, _groups.Committed());
        _groups.Restart();
        Assert.Equal(1, _groups.Committed());
        _groups.Advance(2 * 3600_000);
        Assert.Equal(-1, _groups.Committed());
        Assert.Equal(ErrorCode.None, _groups.Commit(1, retentionMs: long.MaxValue, version: 4));
    }

    [Fact]
    public void Offsets_are_deleted_except_for_topics_that_members_are_subscribed_to()
    {
        string a = _groups.Stable(1).Single();
        _groups.Commit(1, a, 1, "t");
        _groups.Commit(2, a, 1, "u");
        OffsetDeleteResponse response = Delete("g", "t", "u", "none");
        Assert.Equal(ErrorCode.None, response.Error);
        Assert.Equal(
            [ErrorCode.GroupSubscribedToTopic, ErrorCode.None, ErrorCode.UnknownTopicOrPartition],
            response.Topics.Select(topic => topic.Partitions.Single().Error));
        Assert.Equal(1, _groups.Committed("t"));
        Assert.Equal(-1, _groups.Committed("u"));
        Assert.Equal(ErrorCode.GroupIdNotFound, Delete("none").Error);
        Assert.Equal(ErrorCode.InvalidGroupId, Delete("").Error);
    }

    [Fact]
    public void What_a_group_of_another_protocol_uses_cannot_be_known_so_nothing_is_deleted()
    {
        _groups.Ask<JoinGroupResponse>(GroupDriver.JoinRequest(type: "connect"), version: 3);
        Assert.Equal(ErrorCode.NonEmptyGroup, Delete("g").Error);
    }

    [Fact]
    public void Members_whose_metadata_is_no_subscription_are_taken_to_use_everything()
    {
        JoinGroupRequest odd = GroupDriver.JoinRequest();
        odd.Protocols[0].Metadata = [0, 0, 0x7F, 0xFF, 0xFF, 0xFF];
        Pending<JoinGroupResponse> join = _groups.Ask<JoinGroupResponse>(odd, version: 3);
        _groups.Advance(3_000);
        Assert.Equal(ErrorCode.None, join.Answer.Error);
        Assert.Equal(ErrorCode.GroupSubscribedToTopic, Delete("g", "u").Topics.Single().Partitions.Single().Error);
    }

    [Fact]
    public void A_deleted_topic_takes_its_offsets_with_it_also_when_only_the_next_start_can_see_it()
    {
        _groups.Commit(1, topic: "t");
        _groups.Commit(2, topic: "u", group: "h");
        _groups.Topics.Delete("t");
        _groups.Service.RemoveTopic("t");
        Assert.Equal(-1, _groups.Committed("t"));
        _groups.Topics.Delete("u");
        _groups.Restart();
        Assert.Equal(-1, _groups.Committed("u", group: "h"));
        _groups.Restart();
        Assert.Equal(0, _groups.Service.Table.OffsetBytes);
    }

    [Fact]
    public void Everything_asked_for_twice_is_answered_once()
    {
        _groups.Commit(1, metadata: "m");
        OffsetFetchTopic topic = new() { Name = "t", Partitions = [0, 0, 1] };
        OffsetFetchResponse response = _groups.Ask<OffsetFetchResponse>(new OffsetFetchRequest
        {
            GroupId = "g",
            Topics = [topic, topic],
            Groups = [new OffsetFetchGroup { GroupId = "g", Topics = null }, new OffsetFetchGroup { GroupId = "g", Topics = null }],
        }).Answer;
        Assert.Equal([0, 1], response.Topics.Single().Partitions.Select(p => p.Index));
        Assert.Single(response.Groups);
        Assert.Single(_groups.Ask<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = ["g", "g"] }).Answer.Groups);
    }

    [Fact]
    public void What_is_counted_against_the_limits_goes_back_to_nothing()
    {
        GroupTable table = _groups.Service.Table;
        string a = _groups.Stable(1).Single();
        _groups.Commit(1, a, 1, metadata: "one");
        _groups.Commit(2, a, 1, metadata: "another");
        _groups.Join();
        Assert.Equal(GroupLimits.EntryOverheadBytes + (2 * "another".Length), table.OffsetBytes);
        _groups.Leave(a);
        _groups.Advance(GroupDriver.SessionMs);
        Assert.Equal(GroupState.Empty, _groups.Group.State);
        Assert.Equal(0, table.MemberBytes);
        _groups.Join();
        Assert.Equal(GroupLimits.EntryOverheadBytes, table.MemberBytes);
        _groups.Ask<DeleteGroupsResponse>(new DeleteGroupsRequest { Groups = ["g"] });
        Assert.Equal(0, table.MemberBytes);
        Assert.Equal(0, table.OffsetBytes);
        Assert.Equal(0, table.Count);
        Assert.Equal(ErrorCode.InvalidGroupId, _groups.Commit(1, group: new string('g', GroupLimits.GroupIdChars + 1)));
    }

    /// <summary>Lets time pass with a member that lives.</summary>
    private void Live(string memberId, long ms)
    {
        for (long passed = 0; passed < ms; passed += GroupDriver.SessionMs - 1)
        {
            Assert.Equal(ErrorCode.None, _groups.Heartbeat(memberId, 1));
            _groups.Advance(GroupDriver.SessionMs - 1);
        }

        Assert.Equal(ErrorCode.None, _groups.Heartbeat(memberId, 1));
    }

    private OffsetDeleteResponse Delete(string group, params string[] topics) => _groups.Ask<OffsetDeleteResponse>(new OffsetDeleteRequest
    {
        GroupId = group,
        Topics = [.. (topics.Length == 0 ? ["t"] : topics).Select(name => new OffsetDeleteTopic
        {
            Name = name,
            Partitions = [new OffsetDeletePartition { Index = 0 }],
        })],
    }).Answer;
}
