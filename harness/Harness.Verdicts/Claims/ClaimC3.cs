using System.Globalization;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Claim C3: sequential I/O beats random I/O, several times on an SSD, tens of times on a disk with heads; a partition is appended to. Decided by the
/// engine's two layouts on the device (past the page cache), and by writes that were seen from outside to be appends.
/// </summary>
internal static class ClaimC3
{
    public const string Id = "C3";

    /// <summary>"Several times" begins here.</summary>
    public const double SeveralTimes = 2;

    /// <summary>Of the writes into log files, so many have to continue the last: a new segment begins at its own start.</summary>
    public const double AppendShareMin = 0.99;

    public static Verdict Judge(ClaimCase claim)
    {
        (VariantInfo With, VariantInfo Without)[] pairs = [.. claim.Pairs(t => t.Log, t => t with { Log = false })];
        List<string> evidence = [.. pairs.Select(pair => Line(claim, pair)), .. DiskAlone(claim), Appends(claim, out bool? appends), Heads];
        if (claim.Obstacle() is { } obstacle)
        {
            return claim.Answer(obstacle.Kind, obstacle.Cause, evidence);
        }

        if (!claim.CanSwitch)
        {
            evidence.Add(NotTested.Line("sequential against scattered", "a broker whose layout can be switched: --target engine"));
            return appends == false
                ? claim.Answer(VerdictKind.NotReproduced, "its writes into log files are not appends", evidence)
                : claim.Answer(
                    VerdictKind.NotTestedHere,
                    $"this broker knows no other layout to compare with; {(appends == true ? "its writes were seen to be appends" : "whether its writes are appends was not seen")}",
                    evidence);
        }

        if (pairs.FirstOrDefault(pair => !Techniques.Of(pair.With.Target).Cache) is not { With: not null } disk)
        {
            return claim.Answer(VerdictKind.Inconclusive, "the two layouts were not measured in turns on the disk", evidence);
        }

        PairRatio ratio = PairRatio.Of(claim.Run, Costs.Produced, disk.Without, disk.With);
        string figure = $"on this disk the sequential log takes {ratio.Text} what scattered slots take";
        if (pairs.FirstOrDefault(pair => Techniques.Of(pair.With.Target).Cache) is { With: not null } memory)
        {
            figure += $", through the page cache {PairRatio.Of(claim.Run, Costs.Produced, memory.Without, memory.With).Text}";
        }

        figure += $" (\"several times\" begins at {SeveralTimes.ToString(CultureInfo.InvariantCulture)})";
        return (ratio.Against(SeveralTimes), appends) switch
        {
            (_, false) => claim.Answer(VerdictKind.NotReproduced, $"the log's writes are not appends; {figure}", evidence),
            (Side.Below, _) => claim.Answer(VerdictKind.NotReproduced, figure, evidence),
            (Side.Above, true) => claim.Answer(VerdictKind.Reproduced, $"{figure}; its writes were seen from outside to be appends", evidence),
            (Side.Above, null) => claim.Answer(VerdictKind.Inconclusive, $"{figure}; that its writes are appends was not seen from outside", evidence),
            _ => claim.Answer(VerdictKind.Inconclusive, figure, evidence),
        };
    }

    /// <summary>What the disk makes of both orders with nothing but the kernel in the way.</summary>
    private static IEnumerable<string> DiskAlone(ClaimCase claim)
    {
        ProbeFigure? Find(string kind, int? block) => claim.Run.MachineFigures.FirstOrDefault(f => f.Kind == kind && f.BlockBytes == block);
        foreach ((string order, string words) in ((string, string)[])[("write-direct", "writes, direct"), ("read-direct", "reads, direct"), ("write-fsync", "writes, buffered + fsync")])
        {
            foreach (ProbeFigure random in claim.Run.MachineFigures.Where(f => f.Kind == $"disk-random-{order}"))
            {
                if (random.Median is > 0 and var slow && Find($"disk-sequential-{order}", random.BlockBytes)?.Median is { } fast)
                {
                    yield return $"this disk alone, {words} of {Figures.Bytes(random.BlockBytes!.Value)}: sequential {Figures.ByteRate(fast)}, random {Figures.ByteRate(slow)}: "
                        + $"{Figures.Ratio(fast / slow)} times (medians of {random.Passes.Count} passes)";
                }
            }
        }

        if (claim.Run.MachineFigures.Count == 0)
        {
            yield return NotTested.Line("what the disk alone makes of sequential and random access", "./run-bench.sh probe");
        }
    }

    private static string Heads => NotTested.Line("tens of times on a disk with heads", "such a disk under --out");

    private static string Line(ClaimCase claim, (VariantInfo With, VariantInfo Without) pair)
    {
        string where = Techniques.Of(pair.With.Target).Cache ? "through the page cache" : "on the disk, past the page cache";
        return $"{where}: sequential {Rate(claim, pair.With)}, scattered {Rate(claim, pair.Without)}; ratio {PairRatio.Of(claim.Run, Costs.Produced, pair.Without, pair.With).Text}";
    }

    private static string Rate(ClaimCase claim, VariantInfo variant) =>
        claim.MedianOf(variant, t => t.WindowSeconds > 0 ? t.Acknowledged.WireBytes / t.WindowSeconds : null) is { } rate ? Figures.ByteRate(rate) : "not measured";

    private static string Appends(ClaimCase claim, out bool? appends)
    {
        IEnumerable<Trial> sequential = claim.Variants.Where(v => Techniques.Of(v.Target) is { Log: true, Cache: true }).SelectMany(claim.Trials);
        double? share = claim.Proof(sequential).AppendShare;
        appends = share is { } known ? known >= AppendShareMin : null;
        return share is { } seen
            ? $"from outside: {Figures.Share(seen)} of the writes into log files continued where the last one into that file had ended"
            : NotTested.Line("that writes are appends, from outside", $"tracepoints of this process's user: {OutsideProof.Command}");
    }
}
