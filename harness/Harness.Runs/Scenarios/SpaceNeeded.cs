using System.Globalization;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios.Keys;
using Harness.Verdicts.Expressions;
using Results;

namespace Harness.Runs.Scenarios;

/// <summary>
/// The disk space that a run needs at any one moment: topics are deleted after each trial, so trials do not add up.
/// </summary>
/// <param name="BrokerBytes">The partitions of one trial: what retention keeps, and two segments of each that are being filled or deleted.</param>
/// <param name="ProbeBytes">The bare pipeline's ring, as large as a partition's, which lies beside the broker's data.</param>
public sealed record SpaceNeeded(long BrokerBytes, long ProbeBytes)
{
    public long TotalBytes => BrokerBytes + ProbeBytes;

    /// <summary>Of the variant that needs most: topics do not outlive their trial.</summary>
    public static SpaceNeeded Of(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Variants.Select(variant => Of(variant.Scenario)).MaxBy(needed => needed.TotalBytes)!;
    }

    /// <param name="ceilingBytesPerSecond">The most that the machine can write, where it has been measured: a short run fills less than its retention.</param>
    public static SpaceNeeded Of(ScenarioInfo scenario, double? ceilingBytesPerSecond = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        long ring = Config(scenario, TopicConfigNames.RetentionBytes) + (2 * Config(scenario, TopicConfigNames.SegmentBytes));
        long broker = ring * scenario.Topic.Partitions * scenario.Topic.Replication;
        if (ceilingBytesPerSecond is { } ceiling)
        {
            double seconds = (scenario.FirstWarmupSeconds ?? scenario.WarmupSeconds) + scenario.Load.Sum(phase => phase.DuringSeconds);
            broker = (long)Math.Min(broker, Math.Ceiling(ceiling * seconds * scenario.Topic.Replication));
        }

        return new SpaceNeeded(broker, ring);
    }

    /// <param name="where">Names the place in the message.</param>
    /// <exception cref="SpaceException">There is less; one line with both figures. The exit code is that of the environment.</exception>
    public void Check(long freeBytes, string where)
    {
        if (freeBytes < TotalBytes)
        {
            throw new SpaceException(
                $"{where} has {Gigabytes(freeBytes)} free and this run needs {Gigabytes(TotalBytes)} "
                + $"({Gigabytes(BrokerBytes)} for the broker's log, {Gigabytes(ProbeBytes)} for the bare pipeline): "
                + $"free some space, or lower {TopicConfigNames.RetentionBytes}");
        }
    }

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " GB";

    private static long Config(ScenarioInfo scenario, string name) =>
        scenario.Topic.Config.TryGetValue(name, out string? text) && long.TryParse(text, CultureInfo.InvariantCulture, out long bytes)
            ? bytes
            : throw new ArgumentException($"the scenario is not resolved: {name} is not a number of bytes ({Excerpt.Of(text ?? "missing")})", nameof(scenario));
}
