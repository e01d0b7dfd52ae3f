using Engine.Wire;

namespace Engine.Server;

/// <summary>A record of the log of offsets: a key, and a value or null for what is no more.</summary>
internal sealed record GroupRecord(byte[] Key, byte[]? Value)
{
    public long SizeBytes => Key.Length + (Value?.Length ?? 0);
}

/// <summary>Where records are applied at a start, in their order.</summary>
internal interface IGroupReplay
{
    /// <param name="offset">Null: it was removed.</param>
    void Offset(string group, string topic, int partition, CommittedOffset? offset);

    /// <param name="state">Null: the group was removed.</param>
    void Group(string group, GroupStateRecord? state);
}

/// <summary>What is kept of a group beside its offsets.</summary>
internal sealed record GroupStateRecord(
    string ProtocolType, int Generation, string? ProtocolName, string? LeaderId, long StateSinceMs, List<GroupMember> Members);

/// <summary>
/// Keys and values as Kafka writes them to __consumer_offsets, so that Kafka's tools read them: each begins with its version.
/// (Kafka: group-coordinator/src/main/resources/common/message: OffsetCommitKey, OffsetCommitValue, GroupMetadataKey, GroupMetadataValue.)
/// </summary>
internal static class GroupRecords
{
    private const short OffsetKeyMax = 1;
    private const short GroupKey = 2;
    private const short OffsetValue = 3;
    private const short OffsetValueWithExpiry = 1;
    private const short GroupValue = 3;
    private const short FirstFlexible = 4;

    public static GroupRecord OfOffset(string group, string topic, int partition, CommittedOffset? offset)
    {
        WireBuffer key = new();
        key.WriteInt16(OffsetKeyMax);
        key.WriteString(group);
        key.WriteString(topic);
        key.WriteInt32(partition);
        return new GroupRecord(key.Written.ToArray(), offset is null ? null : Value(offset));
    }

    /// <summary>A group as it is.</summary>
    public static GroupRecord OfGroup(Group group) =>
        OfGroup(group, group.Members.Values.ToDictionary(member => member.Id, member => member.Assignment));

    /// <summary>A group between two generations: what there is of it without its members, who will join again.</summary>
    public static GroupRecord OfGroupWithoutMembers(Group group)
    {
        WireBuffer value = BeginGroup(group, null, null);
        value.WriteArrayLength(0);
        return new GroupRecord(KeyOf(group.Id), value.Written.ToArray());
    }

    /// <summary>A group as it will be with these assignments.</summary>
    public static GroupRecord OfGroup(Group group, IReadOnlyDictionary<string, byte[]> assignments)
    {
        WireBuffer value = BeginGroup(group, group.ProtocolName, group.LeaderId);
        value.WriteArrayLength(group.Members.Count);
        foreach (GroupMember member in group.Members.Values)
        {
            value.WriteString(member.Id);
            value.WriteNullableString(member.InstanceId);
            value.WriteString(member.Client.Id);
            value.WriteString(member.Client.Host);
            value.WriteInt32(member.RebalanceTimeoutMs);
            value.WriteInt32(member.SessionTimeoutMs);
            value.WriteBytes(member.MetadataFor(group.ProtocolName!));
            value.WriteBytes(assignments.GetValueOrDefault(member.Id) ?? []);
        }

        return new GroupRecord(KeyOf(group.Id), value.Written.ToArray());
    }

    public static GroupRecord WithoutGroup(string group) => new(KeyOf(group), null);

    /// <summary>Applies one record; false when its key is of a kind that is not known here.</summary>
    /// <exception cref="WireFormatException">It is not what its version says.</exception>
    public static bool Replay(ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, IGroupReplay replay)
    {
        Fields keyFields = new(key);
        Fields valueFields = new(value);
        short kind = keyFields.Int16();
        string group = kind <= GroupKey ? keyFields.String() : "";
        switch (kind)
        {
            case <= OffsetKeyMax:
                string topic = keyFields.String();
                int partition = keyFields.Int32();
                replay.Offset(group, topic, partition, hasValue ? ReadOffset(ref valueFields) : null);
                return true;
            case GroupKey:
                replay.Group(group, hasValue ? ReadGroup(ref valueFields) : null);
                return true;
            default:
                return false;
        }
    }

    private static WireBuffer BeginGroup(Group group, string? protocolName, string? leaderId)
    {
        WireBuffer value = new();
        value.WriteInt16(GroupValue);
        value.WriteString(group.ProtocolType ?? "");
        value.WriteInt32(group.Generation);
        value.WriteNullableString(protocolName);
        value.WriteNullableString(leaderId);
        value.WriteInt64(group.StateSinceMs);
        return value;
    }

    private static byte[] KeyOf(string group)
    {
        WireBuffer key = new();
        key.WriteInt16(GroupKey);
        key.WriteString(group);
        return key.Written.ToArray();
    }

    private static byte[] Value(CommittedOffset offset)
    {
        // Version 1 is the only one that has an expiry, and has no leader epoch: Kafka writes it for such offsets too.
        WireBuffer value = new();
        value.WriteInt16(offset.ExpireMs is null ? OffsetValue : OffsetValueWithExpiry);
        value.WriteInt64(offset.Offset);
        if (offset.ExpireMs is null)
        {
            value.WriteInt32(offset.LeaderEpoch);
        }

        value.WriteString(offset.Metadata);
        value.WriteInt64(offset.CommitMs);
        if (offset.ExpireMs is { } expireMs)
        {
            value.WriteInt64(expireMs);
        }

        return value.Written.ToArray();
    }

    private static CommittedOffset ReadOffset(ref Fields value)
    {
        short version = value.Int16();
        value.SetFlexible(version >= FirstFlexible);
        long offset = value.Int64();
        int leaderEpoch = version >= 3 ? value.Int32() : -1;
        string metadata = value.String();
        long commitMs = value.Int64();
        long expireMs = version == OffsetValueWithExpiry ? value.Int64() : -1;
        return new CommittedOffset(offset, leaderEpoch, metadata, commitMs, expireMs < 0 ? null : expireMs);
    }

    private static GroupStateRecord ReadGroup(ref Fields value)
    {
        short version = value.Int16();
        value.SetFlexible(version >= FirstFlexible);
        string protocolType = value.String();
        int generation = value.Int32();
        string? protocolName = value.NullableString();
        string? leader = value.NullableString();
        long sinceMs = version >= 2 ? value.Int64() : -1;
        List<GroupMember> members = [];
        for (int count = value.ArrayLength(); count > 0; count--)
        {
            string id = value.String();
            string? instanceId = version >= 3 ? value.NullableString() : null;
            GroupClient client = new(value.String(), value.String());
            int rebalanceTimeoutMs = version >= 1 ? value.Int32() : -1;
            int sessionTimeoutMs = value.Int32();
            byte[] subscription = value.Bytes();
            byte[] assignment = value.Bytes();
            value.Tags();
            members.Add(new GroupMember
            {
                Id = id,
                InstanceId = instanceId,
                Client = client,
                RebalanceTimeoutMs = rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
                SessionTimeoutMs = sessionTimeoutMs,
                Protocols = protocolName is null ? [] : [new JoinGroupProtocol { Name = protocolName, Metadata = subscription }],
                Assignment = assignment,
            });
        }

        return new GroupStateRecord(protocolType, generation, protocolName, leader, sinceMs, members);
    }

    /// <summary>The reader's fields one by one, as values.</summary>
    private ref struct Fields(ReadOnlySpan<byte> bytes)
    {
        private WireReader _reader = new(bytes);

        public void SetFlexible(bool flexible) => _reader.Flexible = flexible;

        public short Int16() => _reader.ReadInt16();

        public int Int32() => _reader.ReadInt32();

        public long Int64() => _reader.ReadInt64();

        public int ArrayLength() => _reader.ReadArrayLength(1);

        public string String() => NullableString() ?? throw new WireFormatException("null where a string is required");

        public string? NullableString()
        {
            ReadOnlySpan<byte> text = _reader.ReadStringBytes(out bool isNull);
            return isNull ? null : System.Text.Encoding.UTF8.GetString(text);
        }

        public byte[] Bytes() => _reader.ReadBytes(out _).ToArray();

        public void Tags() => _reader.SkipTags();
    }
}
