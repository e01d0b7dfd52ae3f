namespace Harness.Targets;

/// <summary>Patience of a <see cref="KafkaAdmin"/>.</summary>
public sealed record KafkaAdminOptions
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From sending a request to the last byte of its answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The name under which the broker sees us in its logs and quotas.</summary>
    public string ClientId { get; init; } = "harness-admin";
}
