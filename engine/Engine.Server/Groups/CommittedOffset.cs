namespace Engine.Server;

/// <summary>What a group committed for one partition.</summary>
/// <param name="ExpireMs">When it expires by the client's own word (OffsetCommit 2 to 4); null: by the broker's rule.</param>
internal sealed record CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommitMs, long? ExpireMs)
{
    /// <summary>As it counts against <see cref="GroupLimits.OffsetBytesMax"/>.</summary>
    public long SizeBytes => GroupLimits.EntryOverheadBytes + (2L * Metadata.Length);

    /// <param name="sinceMs">What the retention is counted from where the client said nothing.</param>
    public bool IsExpired(long nowMs, long sinceMs, long retentionMs) =>
        ExpireMs is { } expireMs ? nowMs >= expireMs : nowMs - sinceMs >= retentionMs;
}
