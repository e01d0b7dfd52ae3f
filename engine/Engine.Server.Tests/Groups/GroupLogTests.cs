using Engine.Storage;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>What is kept of groups, and what comes back of it.</summary>
public sealed class GroupLogTests : IDisposable
{
    private readonly GroupDriver _groups = new();
    private readonly TemporaryDirectory _data = new();

    public void Dispose()
    {
        _groups.Dispose();
        _data.Dispose();
    }

    [Fact]
    public void After_a_start_members_go_on_in_their_generation_with_their_assignments_and_offsets()
    {
        List<string> ids = _groups.Stable(2);
        _groups.Commit(5, ids[1], 1, metadata: "ünï");
        _groups.Restart();
        Assert.Equal(GroupState.Stable, _groups.Group.State);
        Assert.Equal(5, _groups.Committed());
        Assert.All(ids, id => Assert.Equal(ErrorCode.None, _groups.Heartbeat(id, 1)));
        Assert.Equal("of " + ids[1], System.Text.Encoding.UTF8.GetString(_groups.Sync(ids[1], 1).Answer.Assignment));
        Assert.True(_groups.Group.IsLeader(ids[0]));
        Assert.True(_groups.Group.IsSubscribedTo("t"));
        Assert.False(_groups.Group.IsSubscribedTo("u"));

        // Who does not come back is missed.
        _groups.Advance(GroupDriver.SessionMs - 1);
        _groups.Heartbeat(ids[0], 1);
        _groups.Advance(1);
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat(ids[0], 1));
        Assert.Equal(2, _groups.Join(ids[0]).Answer.Generation);
    }

    [Fact]
    public void Static_members_are_known_after_a_start()
    {
        Pending<JoinGroupResponse> join = _groups.Join(instance: "i");
        _groups.Advance(3_000);
        string id = join.Answer.MemberId;
        _groups.Sync(id, 1, "i", (id, "x"));
        _groups.Restart();
        Assert.Equal(ErrorCode.None, _groups.Heartbeat(id, 1, "i"));
        Assert.Equal(ErrorCode.None, _groups.Join(instance: "i", version: 9).Answer.Error);
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Heartbeat(id, 1, "i"));

        // The new id was kept too.
        string back = _groups.Group.MemberIdOfInstance("i")!;
        _groups.Restart();
        Assert.Equal(ErrorCode.None, _groups.Heartbeat(back, 1, "i"));
    }

    [Fact]
    public void A_group_that_emptied_and_one_that_was_deleted_stay_so()
    {
        string a = _groups.Stable(1).Single();
        _groups.Commit(1, a, 1);
        _groups.Leave(a);
        _groups.Restart();
        Assert.Equal(GroupState.Empty, _groups.Group.State);
        Assert.Equal(2, _groups.Group.Generation);
        Assert.Equal("consumer", _groups.Group.ProtocolType);
        Assert.Equal(1, _groups.Committed());
        DeleteGroupsResponse deleted = _groups.Ask<DeleteGroupsResponse>(new DeleteGroupsRequest { Groups = ["g", "none", "g"] }).Answer;
        Assert.Equal([ErrorCode.None, ErrorCode.GroupIdNotFound], deleted.Results.Select(r => r.Error));
        _groups.Restart();
        Assert.Empty(_groups.Service.Table.All);
    }

    [Fact]
    public void What_is_alive_written_once_more_brings_the_same_back_also_behind_all_that_was_before()
    {
        List<string> ids = _groups.Stable(2);
        _groups.Commit(5, ids[0], 1);
        _groups.Commit(6, ids[0], 1, "u", 3);
        _groups.Commit(9, group: "simple", partition: 2);
        Assert.Equal(ErrorCode.None, _groups.Ask<OffsetDeleteResponse>(new OffsetDeleteRequest
        {
            GroupId = "g",
            Topics = [new OffsetDeleteTopic { Name = "u", Partitions = [new OffsetDeletePartition { Index = 3 }] }],
        }).Answer.Error);
        List<GroupRecord> all = _groups.Log.Records;
        List<GroupRecord> alive = [.. _groups.Service.Alive];
        Assert.Equal(3, alive.Count);
        foreach (IEnumerable<GroupRecord> records in new[] { alive, [.. all, .. alive], [.. all, .. alive, .. alive], [.. all.Skip(2), .. alive] })
        {
            _groups.Restart(records);
            Assert.Equal(5, _groups.Committed());
            Assert.Equal(-1, _groups.Committed("u", 3));
            Assert.Equal(9, _groups.Committed(partition: 2, group: "simple"));
            Assert.All(ids, id => Assert.Equal(ErrorCode.None, _groups.Heartbeat(id, 1)));
        }
    }

    [Fact]
    public void A_group_between_generations_is_kept_without_members()
    {
        string a = _groups.Stable(1).Single();
        _groups.JoinNew();
        _groups.Restart([.. _groups.Service.Alive]);
        Assert.Equal(GroupState.Empty, _groups.Group.State);
        Assert.Equal(1, _groups.Group.Generation);
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat(a, 1));
    }

    [Fact]
    public void Batches_are_sound_split_by_size_and_hold_keys_and_nulls()
    {
        GroupRecord[] records =
        [
            .. Enumerable.Range(0, 300).Select(i => new GroupRecord([(byte)i, (byte)(i >> 8)], i % 3 == 0 ? null : new byte[i * 40])),
            new GroupRecord(new byte[70], new byte[3 * GroupRecordBatch.BatchBytes]),
            new GroupRecord([1], []),
        ];
        List<byte[]> batches = [.. GroupRecordBatch.Build(records, 77)];
        Assert.InRange(batches.Count, 3, 5);
        int next = 0;
        foreach (byte[] batch in batches)
        {
            Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
            Assert.Equal(77, RecordBatch.MaxTimestamp(batch));
            RecordReader reader = new(batch);
            while (reader.MoveNext(out Wire.Record record))
            {
                Assert.Equal(records[next].Key, record.Key.ToArray());
                Assert.Equal(records[next].Value is not null, record.HasValue);
                Assert.Equal(records[next].Value ?? [], record.Value.ToArray());
                next++;
            }

            Assert.False(reader.Malformed);
        }

        Assert.Equal(records.Length, next);
    }

    [Fact]
    public void The_log_is_compacted_when_it_has_outgrown_a_segment_and_nothing_is_lost_then()
    {
        GroupConfig config = new() { OffsetsTopicSegmentBytes = 1 << 20 };
        string folder = Path.Combine(_data.Path, "d");
        StringWriter lines = new();
        const int partitions = 50;
        using (LogManager logs = LogManager.Open(folder, LogConfig.Default with { RetentionBytes = 1 }, _ => { }))
        {
            TopicTable topics = new(logs);
            topics.Create("t", partitions, new Dictionary<string, string?>(), validateOnly: false);
            GroupLog log = new(topics, config, new ServerLog(lines), new ManualClock());
            GroupService service = new(topics, log, config, new ManualClock());
            int compactions = 0;
            for (int round = 1; round <= 40; round++)
            {
                Commit(service, round, partitions);
                if (log.WantsCompaction)
                {
                    log.Compact(service.Alive);
                    compactions++;
                }
            }

            Assert.InRange(compactions, 2, 30);
            PartitionLog partition = topics.Find(InternalTopics.ConsumerOffsets)!.Partitions[0].Log;
            Assert.InRange(partition.SizeBytes, 1, 2 * config.OffsetsTopicSegmentBytes);
            Assert.True(partition.StartOffset > 0);
            Assert.Contains("event=offsets-compacted", lines.ToString(), StringComparison.Ordinal);
        }

        using LogManager again = LogManager.Open(folder, LogConfig.Default, _ => { });
        TopicTable table = new(again);
        GroupLog kept = new(table, config, new ServerLog(lines), new ManualClock());
        GroupService reloaded = new(table, kept, config, new ManualClock());
        kept.Load(reloaded);
        reloaded.Start();
        Assert.Equal(partitions, reloaded.Table.Find("g")!.Offsets["t"].Count);
        Assert.All(reloaded.Table.Find("g")!.Offsets["t"].Values, offset => Assert.Equal(40, offset.Offset));
    }

    private static void Commit(GroupService service, int offset, int partitions)
    {
        string metadata = new('m', 4000);
        OffsetCommitRequest request = new()
        {
            GroupId = "g",
            Topics =
            [
                new OffsetCommitTopic
                {
                    Name = "t",
                    Partitions = [.. Enumerable.Range(0, partitions)
                        .Select(i => new OffsetCommitPartition { Index = i, Offset = offset, Metadata = metadata })],
                },
            ],
        };
        service.Handle(new GroupClient("c", "h"), request, 8, answer => Assert.All(
            ((OffsetCommitResponse)answer).Topics.Single().Partitions, result => Assert.Equal(ErrorCode.None, result.Error)));
    }
}
