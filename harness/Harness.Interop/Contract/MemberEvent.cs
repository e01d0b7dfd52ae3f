namespace Harness.Interop.Contract;

/// <summary>What a member of a group sees, a line each, in the order in which it sees it.</summary>
internal sealed record MemberEvent
{
    public const string Assigned = "assigned";
    public const string Received = "received";
    public const string Committed = "committed";
    public const string CommitFailed = "commitFailed";
    public const string Left = "left";

    public required string Event { get; init; }

    /// <summary>Of <see cref="Assigned"/>: all that the member now has.</summary>
    public IReadOnlyList<int>? Partitions { get; init; }

    public int? Partition { get; init; }

    /// <summary>Of a record its own, of a commit the one after the last record.</summary>
    public long? Offset { get; init; }

    public byte[]? Value { get; init; }

    /// <summary>Of <see cref="CommitFailed"/>.</summary>
    public string? Reason { get; init; }
}
