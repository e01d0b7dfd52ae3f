namespace Harness.Interop.Tests.Clients;

/// <summary>A member of a group, in a process of its own.</summary>
internal interface IGroupMember : IAsyncDisposable
{
    /// <summary>What it has said so far.</summary>
    MemberLog Log { get; }

    /// <summary>Ends it in order: it commits, leaves the group, and its process ends.</summary>
    Task LeaveAsync(CancellationToken cancellation);

    /// <summary>Ends it without a word to the broker.</summary>
    Task KillAsync(CancellationToken cancellation);
}
