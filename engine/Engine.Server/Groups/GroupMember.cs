using Engine.Wire;

namespace Engine.Server;

/// <summary>Who asks: as clients are described to administrators.</summary>
internal sealed record GroupClient(string Id, string Host);

/// <summary>A member of a group. Owned by the groups' thread, and changed through its <see cref="Group"/>.</summary>
internal sealed class GroupMember
{
    public required string Id { get; init; }
    public required string? InstanceId { get; init; }
    public required GroupClient Client { get; init; }
    public int RebalanceTimeoutMs { get; set; }
    public int SessionTimeoutMs { get; set; }

    /// <summary>What it can do, most liked first.</summary>
    public List<JoinGroupProtocol> Protocols { get; set; } = [];
    public byte[] Assignment { get; set; } = [];

    /// <summary>Has joined, and has not yet seen a generation.</summary>
    public bool IsNew { get; set; }

    public Action<JoinGroupResponse>? AwaitingJoin { get; set; }
    public Action<SyncGroupResponse>? AwaitingSync { get; set; }
    public GroupTimer? Heartbeat { get; set; }

    public bool IsStatic => InstanceId is not null;

    /// <summary>
    /// Whoever waits for an answer cannot send heartbeats and need not; a new member that waits too long is dropped all the same, for
    /// nobody may be there any more.
    /// </summary>
    public bool IsExcusedFromHeartbeats => !IsNew && (AwaitingJoin is not null || AwaitingSync is not null);

    /// <summary>Bytes it holds, as they count against <see cref="GroupLimits.MemberBytesMax"/>.</summary>
    public long SizeBytes => GroupLimits.MemberOverheadBytes + SizeOf(Protocols) + Assignment.Length;

    public static long SizeOf(List<JoinGroupProtocol> protocols) =>
        protocols.Sum(p => GroupLimits.EntryOverheadBytes + (2L * p.Name.Length) + p.Metadata.Length);

    public string Vote(IReadOnlySet<string> candidates) => Protocols.First(p => candidates.Contains(p.Name)).Name;

    public byte[] MetadataFor(string protocol) => Protocols.First(p => p.Name == protocol).Metadata;

    public bool HasProtocols(List<JoinGroupProtocol> others) =>
        Protocols.Count == others.Count
        && Protocols.Zip(others).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));
}
