namespace Engine.Server;

/// <summary>States of a group; their names are the protocol's.</summary>
internal enum GroupState
{
    /// <summary>No members; perhaps offsets.</summary>
    Empty,

    /// <summary>Members are to join, or join again.</summary>
    PreparingRebalance,

    /// <summary>All have joined; the leader's assignment is awaited.</summary>
    CompletingRebalance,

    /// <summary>Everybody has an assignment.</summary>
    Stable,

    /// <summary>Deleted: what still refers to it must not use it.</summary>
    Dead,
}
