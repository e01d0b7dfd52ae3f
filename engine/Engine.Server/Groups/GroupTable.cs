namespace Engine.Server;

/// <summary>All groups by id, and how much they hold together. Owned by the groups' thread.</summary>
internal sealed class GroupTable(IGroupClock clock)
{
    private readonly Dictionary<string, Group> _groups = [];
    private int _count;

    public IReadOnlyCollection<Group> All => _groups.Values;

    /// <summary>How many there are. Any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Committed offsets of all groups.</summary>
    public long OffsetBytes { get; private set; }

    /// <summary>All members, and ids given out; kept by whoever changes them.</summary>
    public long MemberBytes { get; set; }

    public Group? Find(string id) => _groups.GetValueOrDefault(id);

    /// <summary>Makes a group; null when there are as many as allowed.</summary>
    public Group? TryCreate(string id) => _groups.Count < GroupLimits.GroupsMax ? Create(id) : null;

    public Group Create(string id)
    {
        Group group = new(id, clock.WallMs);
        _groups.Add(id, group);
        Volatile.Write(ref _count, _groups.Count);
        return group;
    }

    /// <summary>Takes a group without members out. Its timers are the caller's.</summary>
    public void Remove(Group group)
    {
        _groups.Remove(group.Id);
        Volatile.Write(ref _count, _groups.Count);
        OffsetBytes -= group.Offsets.Values.Sum(partitions => partitions.Values.Sum(offset => offset.SizeBytes));
        group.MoveTo(GroupState.Dead, clock.WallMs);
    }

    public void SetOffset(Group group, string topic, int partition, CommittedOffset offset)
    {
        if (!group.Offsets.TryGetValue(topic, out Dictionary<int, CommittedOffset>? partitions))
        {
            group.Offsets.Add(topic, partitions = []);
        }

        OffsetBytes += offset.SizeBytes - (partitions.GetValueOrDefault(partition)?.SizeBytes ?? 0);
        partitions[partition] = offset;
    }

    public void RemoveOffset(Group group, string topic, int partition)
    {
        if (group.Offsets.TryGetValue(topic, out Dictionary<int, CommittedOffset>? partitions)
            && partitions.Remove(partition, out CommittedOffset? offset))
        {
            OffsetBytes -= offset.SizeBytes;
            if (partitions.Count == 0)
            {
                group.Offsets.Remove(topic);
            }
        }
    }
}
