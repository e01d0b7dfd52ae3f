using Results;

namespace Harness.Verdicts.Judging;

/// <summary>A target's configuration as far as it is known: before a run from its text, after it from what the broker reported.</summary>
internal static class TargetSettings
{
    /// <summary>Kafka's "never" for an interval.</summary>
    public const string LongMax = "9223372036854775807";

    /// <summary>What was added to a target's name: <c>engine+log.segment.bytes=64MiB</c>.</summary>
    public static IReadOnlyDictionary<string, string> Of(string target)
    {
        Dictionary<string, string> settings = [];
        foreach (string added in target.Split('+').Skip(1))
        {
            int equals = added.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) settings[added[..equals]] = added[(equals + 1)..];
        }

        return settings;
    }

    public static IReadOnlyDictionary<string, string> Reported(IReadOnlyList<TargetInfo> targets, string target) =>
        targets.FirstOrDefault(info => info.Name == target)?.Configuration ?? new Dictionary<string, string>();
}
