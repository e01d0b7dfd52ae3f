using Engine.Wire;

namespace Engine.Server;

/// <summary>Commits, fetches, deletes and expires offsets. Owned by the groups' thread.</summary>
internal sealed class GroupOffsets(
    GroupTable table, Rebalance rebalance, IGroupLog log, TopicTable topics, GroupConfig config, IGroupClock clock)
{
    private const short FirstCommitWithGroupNotFound = 9;

    public OffsetCommitResponse Commit(OffsetCommitRequest request, short version)
    {
        OffsetCommitResponse response = new();
        List<(OffsetCommitPartitionResult Result, string Topic, CommittedOffset Offset)> valid = [];
        long nowMs = clock.WallMs;
        long? expireMs = request.RetentionTimeMs < 0 ? null : nowMs + Math.Min(request.RetentionTimeMs, long.MaxValue - nowMs);
        foreach (OffsetCommitTopic topic in request.Topics)
        {
            OffsetCommitTopicResult topicResult = new() { Name = topic.Name };
            response.Topics.Add(topicResult);
            int partitions = topics.Find(topic.Name)?.Partitions.Count ?? 0;
            foreach (OffsetCommitPartition partition in topic.Partitions)
            {
                OffsetCommitPartitionResult result = new() { Index = partition.Index };
                topicResult.Partitions.Add(result);
                if ((uint)partition.Index < (uint)partitions)
                {
                    valid.Add((result, topic.Name, new CommittedOffset(
                        partition.Offset, partition.LeaderEpoch, partition.Metadata ?? "", nowMs, expireMs)));
                }
                else
                {
                    result.Error = ErrorCode.UnknownTopicOrPartition;
                }
            }
        }

        // A commit of nothing that exists is not put to the group: Kafka's order.
        if (valid.Count > 0)
        {
            ErrorCode refused = CheckCommit(request, version, out Group? group);
            ErrorCode error = refused == ErrorCode.None ? Keep(group!, valid) : refused;
            foreach ((OffsetCommitPartitionResult result, _, _) in valid.Where(each => each.Result.Error == ErrorCode.None))
            {
                result.Error = error;
            }
        }

        return response;
    }

    /// <param name="asked">Null: all there are.</param>
    public List<OffsetFetchTopicResult> Fetch(string groupId, List<OffsetFetchTopic>? asked)
    {
        Group? group = table.Find(groupId);
        if (asked is null)
        {
            return group is null ? [] : [.. group.Offsets.Select(topic => new OffsetFetchTopicResult
            {
                Name = topic.Key,
                Partitions = [.. topic.Value.Select(partition => Result(partition.Key, partition.Value))],
            })];
        }

        // Each partition once: an offset's metadata may be a thousand times as long as the question.
        return [.. asked.DistinctBy(topic => topic.Name).Select(topic =>
        {
            Dictionary<int, CommittedOffset>? offsets = group?.Offsets.GetValueOrDefault(topic.Name);
            return new OffsetFetchTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Distinct().Select(index => Result(index, offsets?.GetValueOrDefault(index)))],
            };
        })];
    }

    public OffsetDeleteResponse Delete(OffsetDeleteRequest request)
    {
        if (CheckDelete(request.GroupId, out Group? group) is { } refused)
        {
            return new OffsetDeleteResponse { Error = refused };
        }

        OffsetDeleteResponse response = new();
        List<(string Topic, int Partition)> gone = [];
        foreach (OffsetDeleteTopic topic in request.Topics)
        {
            int partitions = topics.Find(topic.Name)?.Partitions.Count ?? 0;
            OffsetDeleteTopicResult result = new() { Name = topic.Name };
            response.Topics.Add(result);
            foreach (int index in topic.Partitions.Select(partition => partition.Index))
            {
                ErrorCode error = (uint)index >= (uint)partitions ? ErrorCode.UnknownTopicOrPartition
                    : group!.IsSubscribedTo(topic.Name) ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None;
                result.Partitions.Add(new OffsetDeletePartitionResult { Index = index, Error = error });
                if (error == ErrorCode.None && group!.Offsets.GetValueOrDefault(topic.Name)?.ContainsKey(index) == true)
                {
                    gone.Add((topic.Name, index));
                }
            }
        }

        return TryRemove(group!, gone) ? response : new OffsetDeleteResponse { Error = ErrorCode.NotCoordinator };
    }

    /// <summary>A topic is no more, and with it what was committed for it.</summary>
    public void RemoveTopic(string topic)
    {
        foreach (Group group in table.All)
        {
            if (group.Offsets.TryGetValue(topic, out Dictionary<int, CommittedOffset>? partitions))
            {
                RemoveEvenUnwritten(group, [.. partitions.Keys.Select(index => (topic, index))]);
            }
        }
    }

    /// <summary>Offsets of topics that went in the moment before the last end, when nobody wrote it down any more.</summary>
    public void RemoveLostTopics()
    {
        foreach (string lost in table.All.SelectMany(group => group.Offsets.Keys).Distinct().Where(name => topics.Find(name) is null).ToList())
        {
            RemoveTopic(lost);
        }
    }

    /// <summary>Lets go of offsets that nobody has used for the retention time, and of groups that have neither members nor offsets.</summary>
    public void Expire()
    {
        foreach (Group group in table.All.ToList())
        {
            if (SinceOf(group) is { } since)
            {
                long nowMs = clock.WallMs;
                TryRemove(group, [.. from topic in @group.Offsets
                                     where !@group.IsSubscribedTo(topic.Key)
                                     from partition in topic.Value
                                     where partition.Value.IsExpired(nowMs, since(partition.Value), config.OffsetsRetentionMs)
                                     select (topic.Key, partition.Key)]);
            }

            if (group.State == GroupState.Empty && group.Offsets.Count == 0 && group.PendingMembers.Count == 0
                && log.TryAppend([GroupRecords.WithoutGroup(group.Id)]))
            {
                table.Remove(group);
            }
        }
    }

    private static OffsetFetchPartitionResult Result(int index, CommittedOffset? offset) => offset is null
        ? new OffsetFetchPartitionResult { Index = index }
        : new OffsetFetchPartitionResult
        {
            Index = index,
            Offset = offset.Offset,
            LeaderEpoch = offset.LeaderEpoch,
            Metadata = offset.Metadata,
        };

    /// <summary>What retention is counted from: Kafka's rules (ClassicGroup.offsetExpirationCondition). Null: nothing expires now.</summary>
    private static Func<CommittedOffset, long>? SinceOf(Group group)
    {
        if (group.ProtocolType is null)
        {
            return offset => offset.CommitMs;
        }

        if (group.State == GroupState.Empty)
        {
            long emptySinceMs = group.StateSinceMs;
            return offset => emptySinceMs < 0 ? offset.CommitMs : emptySinceMs;
        }

        bool known = group.IsOfConsumers && group.SubscribedTopics is not null && group.State == GroupState.Stable;
        return known ? offset => offset.CommitMs : null;
    }

    /// <summary>Null group only together with an error.</summary>
    private ErrorCode CheckCommit(OffsetCommitRequest request, short version, out Group? group)
    {
        group = table.Find(request.GroupId);
        if (group is null)
        {
            if (request.Generation >= 0)
            {
                return version >= FirstCommitWithGroupNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
            }

            if (request.GroupId.Length > GroupLimits.GroupIdChars)
            {
                return ErrorCode.InvalidGroupId;
            }

            group = table.TryCreate(request.GroupId);
            return group is null ? ErrorCode.PolicyViolation : ErrorCode.None;
        }

        if (request.Generation < 0 && group.State == GroupState.Empty)
        {
            return ErrorCode.None;
        }

        if (request.Generation < 0 && request.MemberId.Length == 0 && request.GroupInstanceId is null)
        {
            // Only its members may commit while it has any.
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

        if (group.State == GroupState.CompletingRebalance)
        {
            return ErrorCode.RebalanceInProgress;
        }

        GroupMember member = group.Find(request.MemberId)!;
        rebalance.Watch(group, member, member.SessionTimeoutMs);
        return ErrorCode.None;
    }

    /// <summary>Writes what is not too large, then takes it over. An error of one alone is set in its result.</summary>
    private ErrorCode Keep(Group group, List<(OffsetCommitPartitionResult Result, string Topic, CommittedOffset Offset)> commits)
    {
        foreach ((OffsetCommitPartitionResult result, _, CommittedOffset offset) in commits)
        {
            result.Error = offset.Metadata.Length > config.OffsetMetadataMaxBytes ? ErrorCode.OffsetMetadataTooLarge : ErrorCode.None;
        }

        var sound = commits.Where(each => each.Result.Error == ErrorCode.None).ToList();
        if (table.OffsetBytes + sound.Sum(each => each.Offset.SizeBytes) > GroupLimits.OffsetBytesMax)
        {
            return ErrorCode.PolicyViolation;
        }

        if (sound.Count > 0 && !log.TryAppend(
            [.. sound.Select(each => GroupRecords.OfOffset(group.Id, each.Topic, each.Result.Index, each.Offset))]))
        {
            return ErrorCode.NotCoordinator;
        }

        foreach ((OffsetCommitPartitionResult result, string topic, CommittedOffset offset) in sound)
        {
            table.SetOffset(group, topic, result.Index, offset);
        }

        return ErrorCode.None;
    }

    private ErrorCode? CheckDelete(string groupId, out Group? group)
    {
        group = table.Find(groupId);
        if (groupId.Length == 0)
        {
            return ErrorCode.InvalidGroupId;
        }

        if (group is null)
        {
            return ErrorCode.GroupIdNotFound;
        }

        // What members of another kind of protocol are subscribed to cannot be known.
        return group.State != GroupState.Empty && !group.IsOfConsumers ? ErrorCode.NonEmptyGroup : null;
    }

    private bool TryRemove(Group group, List<(string Topic, int Partition)> gone)
    {
        if (gone.Count == 0)
        {
            return true;
        }

        if (!log.TryAppend([.. gone.Select(each => GroupRecords.OfOffset(group.Id, each.Topic, each.Partition, null))]))
        {
            return false;
        }

        gone.ForEach(each => table.RemoveOffset(group, each.Topic, each.Partition));
        return true;
    }

    /// <summary>
    /// What could not be written down is found again at the next start by <see cref="RemoveLostTopics"/>, unless a topic has the name by then.
    /// </summary>
    private void RemoveEvenUnwritten(Group group, List<(string Topic, int Partition)> gone)
    {
        if (!TryRemove(group, gone))
        {
            gone.ForEach(each => table.RemoveOffset(group, each.Topic, each.Partition));
        }
    }
}
