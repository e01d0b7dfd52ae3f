using Engine.Wire;

namespace Harness.Targets;

/// <summary>What a broker says of its cluster.</summary>
/// <param name="ClusterId">Null from brokers that do not tell.</param>
public sealed record ClusterMetadata(
    string? ClusterId, int ControllerId, IReadOnlyList<BrokerNode> Brokers, IReadOnlyList<TopicDescription> Topics);

/// <summary>A broker with the address that it advertises to clients.</summary>
public sealed record BrokerNode(int Id, BrokerAddress Address);

public sealed record TopicDescription(string Name, bool IsInternal, IReadOnlyList<PartitionDescription> Partitions);

/// <param name="LeaderId">−1 while there is none; <paramref name="Error"/> then says why.</param>
public sealed record PartitionDescription(int Index, int LeaderId, IReadOnlyList<int> Replicas, ErrorCode Error);

/// <summary>One API with the versions that a broker offers.</summary>
public sealed record ApiSupport(short Key, short Min, short Max);

/// <summary>One configuration of a broker or topic as it is in effect.</summary>
/// <param name="Value">Null when it is not set, or not shown because it is sensitive.</param>
public sealed record ConfigEntry(string Name, string? Value, bool IsDefault, bool IsSensitive);
