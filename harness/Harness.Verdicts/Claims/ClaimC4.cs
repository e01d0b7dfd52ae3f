using Harness.Verdicts.Expressions;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Claim C4: what was just written is nearly always read from memory, which leaves the disk to the writers; a read that misses blocks and is slow. Decided
/// by the bytes that the broker's process read from the device while readers were at the tail, and by a reader that catches up from the disk
/// against one that does from memory.
/// </summary>
internal static class ClaimC4
{
    public const string Id = "C4";

    /// <summary>"Nearly always": of what was served at the tail, so much may come from the device.</summary>
    public const double DeviceShareMax = 0.01;

    private static readonly Metric Consumed = Metric.Find("consume.rate")!;
    private static readonly Metric PublishTail = Metric.Find("publish.p99")!;

    public static Verdict Judge(ClaimCase claim)
    {
        Trial[] atTail = [.. claim.Variants.Where(v => v.Scenario.Consumers.Mode == "tail" && Techniques.Of(v.Target).Cache).SelectMany(claim.Trials)];
        double? share = DeviceShare(atTail);
        (VariantInfo Memory, VariantInfo Disk)? caught = Pair(claim, "catch-up", "cold");
        PairRatio? slower = caught is { } readers ? PairRatio.Of(claim.Run, Consumed, readers.Memory, readers.Disk) : null;
        double? coldShare = caught is { } cold ? DeviceShare(claim.Trials(cold.Disk)) : null;
        List<string> evidence = [.. atTail.Length == 0 ? [] : (string[])[Tail(share)], .. Past(claim), .. Cold(claim, caught, slower, coldShare), .. Writers(claim)];
        if (claim.Obstacle() is { } obstacle)
        {
            return claim.Answer(obstacle.Kind, obstacle.Cause, evidence);
        }

        string tail = share is { } device ? $"at the tail {Figures.Share(device)} of what was served came from the device" : "what the tail read from the device is not known";
        string behind = slower is null ? "reading from the disk was not measured" : $"from the disk a reader catches up at {slower.Text} the rate of one from memory";
        string figure = $"{tail}; {behind}";
        if (share > DeviceShareMax)
        {
            return claim.Answer(VerdictKind.NotReproduced, figure, evidence);
        }

        if (share is null || slower is null || coldShare is not > 0)
        {
            string why = coldShare is 0 ? $"{figure}; but nothing came from the device, so that it was out of memory is not proved" : figure;
            return claim.Answer(share is not null && slower is null && !CanBeCold(claim) ? VerdictKind.NotTestedHere : VerdictKind.Inconclusive, why, evidence);
        }

        return slower.Against(1) switch
        {
            Side.Below => claim.Answer(VerdictKind.Reproduced, figure, evidence),
            Side.Above => claim.Answer(VerdictKind.NotReproduced, figure, evidence),
            _ => claim.Answer(VerdictKind.Inconclusive, figure, evidence),
        };
    }

    /// <summary>Files of a broker that runs already are not ours to put out of memory.</summary>
    private static bool CanBeCold(ClaimCase claim) => !claim.Target.StartsWith("kafka://", StringComparison.Ordinal);

    /// <summary>Of what was served in the windows, the share that the broker's process read from the device; null where that cannot be read.</summary>
    private static double? DeviceShare(IReadOnlyList<Trial> trials)
    {
        long[] read = [.. trials.Select(trial => trial.Broker.DeviceReadBytes).OfType<long>()];
        long served = trials.Sum(trial => trial.Consumed.WireBytes);
        return read.Length < trials.Count || served == 0 ? null : (double)read.Sum() / served;
    }

    private static (VariantInfo First, VariantInfo Second)? Pair(ClaimCase claim, string first, string second)
    {
        foreach (VariantInfo[] point in claim.Points)
        {
            VariantInfo? one = Array.Find(point, v => v.Scenario.Consumers.Mode == first);
            VariantInfo? other = Array.Find(point, v => v.Scenario.Consumers.Mode == second);
            if (one is not null && other is not null) return (one, other);
        }

        return null;
    }

    private static string Tail(double? share) => share is { } device
        ? $"at the tail: {Figures.Share(device)} of the bytes served were read from the device (/proc/PID/io)"
        : NotTested.Line("that the tail is read from memory", "a broker whose process is this user's, on a filesystem with a device (not tmpfs, not overlay)");

    /// <summary>The same reader with the page cache left out.</summary>
    private static IEnumerable<string> Past(ClaimCase claim) => claim.Pairs(t => t.Cache, t => t with { Cache = false, Transfer = false })
        .Select(pair => $"past the page cache (O_DIRECT): {PairRatio.Of(claim.Run, Costs.Carried, pair.With, pair.Without).Text} as much goes from writers to a reader at the tail"
            + (DeviceShare(claim.Trials(pair.Without)) is { } device ? $", and {Figures.Share(device)} of it is read from the device" : ""));

    private static IEnumerable<string> Cold(ClaimCase claim, (VariantInfo Memory, VariantInfo Disk)? pair, PairRatio? slower, double? coldShare)
    {
        if (pair is { } readers)
        {
            yield return $"catching up: from memory {Rate(claim, readers.Memory)}, from the disk {Rate(claim, readers.Disk)}"
                + (coldShare is { } device ? $" ({Figures.Share(device)} of it read from the device)" : "") + $"; ratio {slower!.Text}";
        }
        else
        {
            yield return NotTested.Line("reading what is not in memory", "a broker that the harness starts itself, whose files it can put out of the page cache");
        }
    }

    private static IEnumerable<string> Writers(ClaimCase claim)
    {
        if (Pair(claim, "tail", "cold") is { } beside)
        {
            PairRatio ratio = PairRatio.Of(claim.Run, PublishTail, beside.First, beside.Second);
            yield return $"writers at a fixed rate: beside a reader from the disk the 99th percentile of their latency is {ratio.Text} that beside a reader at the tail "
                + $"({Latency(claim, beside.Second)} against {Latency(claim, beside.First)})";
        }
    }

    private static string Rate(ClaimCase claim, VariantInfo variant) =>
        claim.MedianOf(variant, t => t.WindowSeconds > 0 ? t.Consumed.WireBytes / t.WindowSeconds : null) is { } rate ? Figures.ByteRate(rate) : "not measured";

    private static string Latency(ClaimCase claim, VariantInfo variant) => claim.MedianOf(variant, PublishTail.Of) is { } seconds ? Figures.Duration(seconds) : "not measured";
}
