namespace Engine.Storage;

/// <summary>How often the logs of a data directory are looked after.</summary>
public sealed record MaintenanceIntervals
{
    /// <summary>Kafka's defaults.</summary>
    public static readonly MaintenanceIntervals Default = new();

    /// <summary>Between two looks for segments beyond retention, in milliseconds.</summary>
    public long RetentionCheckMs { get; init; } = 300_000;

    /// <summary>Between two writes of the recovery points, in milliseconds.</summary>
    public long CheckpointMs { get; init; } = 60_000;
}
