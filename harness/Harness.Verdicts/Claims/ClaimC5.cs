using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Claim C5: sendfile spares copies and frees the CPU. Decided by the broker's CPU time for a gigabyte served, in turns with reading and sending, in the
/// first point measured; the other points say where it holds and where copying wins. That the one sends by sendfile and the other does not
/// has to be seen from outside.
/// </summary>
internal static class ClaimC5
{
    public const string Id = "C5";

    public static Verdict Judge(ClaimCase claim)
    {
        (VariantInfo With, VariantInfo Without)[] pairs = [.. claim.Pairs(t => t.Transfer, t => t with { Transfer = false })];
        (VariantInfo Variant, PairRatio Copy)[] points = [.. pairs.Select(pair => (pair.With, PairRatio.Of(claim.Run, Costs.CpuPerGigabyteServed, pair.With, pair.Without)))];
        OutsideProof with = claim.Proof(claim.Variants.Where(v => Techniques.Of(v.Target).Transfer).SelectMany(claim.Trials));
        OutsideProof without = claim.Proof(claim.Variants.Where(v => !Techniques.Of(v.Target).Transfer).SelectMany(claim.Trials));
        bool? seen = with.SendfileCalls is { } calls && (pairs.Length == 0 || without.SendfileCalls is not null)
            ? calls > 0 && (pairs.Length == 0 || without.SendfileCalls == 0)
            : null;
        List<string> evidence = [Cost(claim), .. points.Select(Line), .. Wins(points), Calls(with, without, seen, pairs.Length > 0), Dma, Tls];
        if (claim.Obstacle() is { } obstacle)
        {
            return claim.Answer(obstacle.Kind, obstacle.Cause, evidence);
        }

        if (!claim.CanSwitch)
        {
            evidence.Add(NotTested.Line("what copying would cost this broker", "a broker whose transfer can be switched: --target engine"));
            string sends = seen switch { true => "it sends by sendfile", false => "it does not send by sendfile", null => "how it sends was not seen" };
            return claim.Answer(VerdictKind.NotTestedHere, $"this broker cannot be told to copy; {sends}", evidence);
        }

        if (points.Length == 0)
        {
            return claim.Answer(VerdictKind.Inconclusive, "sendfile and copying were not measured in turns", evidence);
        }

        PairRatio first = points[0].Copy;
        string figure = $"copying costs the broker {first.Text} the CPU of sendfile for a gigabyte served{Elsewhere(points)}";
        return (first.Against(1), seen) switch
        {
            (_, false) => claim.Answer(VerdictKind.Inconclusive, $"the setting did not do what it says, by its system calls; {figure}", evidence),
            (Side.Below, _) => claim.Answer(VerdictKind.NotReproduced, figure, evidence),
            (Side.Above, true) => claim.Answer(VerdictKind.Reproduced, $"{figure}; seen from outside: sendfile with it, none without", evidence),
            (Side.Above, null) => claim.Answer(VerdictKind.Inconclusive, $"{figure}; that it sends by sendfile was not seen from outside", evidence),
            _ => claim.Answer(VerdictKind.Inconclusive, figure, evidence),
        };
    }

    private static string Dma => NotTested.Line("copies by DMA without the CPU", "a network card between broker and reader; loopback has none");

    private static string Tls => NotTested.Line("connections with TLS, where sendfile cannot help", "a listener with TLS");

    private static string Cost(ClaimCase claim)
    {
        VariantInfo? first = claim.Variants.FirstOrDefault(v => Techniques.Of(v.Target).Transfer);
        return first is not null && claim.MedianOf(first, Costs.CpuPerGigabyteServed.Of) is { } cost
            ? $"{first.Target}: {Figures.CpuCost(cost)} of broker CPU for a GB served at {ClaimCase.Where(first)} (median)"
            : "broker CPU for a GB served: not measured";
    }

    private static string Line((VariantInfo Variant, PairRatio Copy) point)
    {
        string says = point.Copy.Against(1) switch
        {
            Side.Above => "sendfile wins",
            Side.Below => "copying wins",
            Side.Undecided => "undecided",
            _ => point.Copy.Ratio is > 1 ? "sendfile cheaper, not proved" : "copying cheaper, not proved",
        };
        return $"{ClaimCase.Where(point.Variant)}: copying costs {point.Copy.Text}: {says}";
    }

    private static IEnumerable<string> Wins((VariantInfo Variant, PairRatio Copy)[] points)
    {
        string[] copy = [.. points.Where(point => point.Copy.Against(1) == Side.Below).Select(point => ClaimCase.Where(point.Variant))];
        if (copy.Length > 0) yield return $"copying wins at {string.Join("; ", copy)}";
    }

    private static string Elsewhere((VariantInfo Variant, PairRatio Copy)[] points)
    {
        (VariantInfo Variant, PairRatio Copy)[] cheaper = [.. points.Skip(1).Where(point => point.Copy.Ratio < 1)];
        return points.Length == 1 ? ""
            : cheaper.Length == 0 ? $", and more than it in each of {points.Length - 1} other conditions"
            : $", less at {string.Join(" and at ", cheaper.Select(point => $"{ClaimCase.Where(point.Variant)}{(point.Copy.High is null ? " (not proved)" : "")}"))}";
    }

    private static string Calls(OutsideProof with, OutsideProof without, bool? seen, bool switched) => seen is null
        ? NotTested.Line("that it sends by sendfile, from outside", $"tracepoints of this process's user: {OutsideProof.Command}")
        : $"system calls from outside: {Figures.Count(with.SendfileCalls!.Value)} sendfile"
            + (switched ? $"; told to copy, {Figures.Count(without.SendfileCalls!.Value)} sendfile and {Figures.Count(without.CopyCalls ?? 0)} that read from files" : "");
}
