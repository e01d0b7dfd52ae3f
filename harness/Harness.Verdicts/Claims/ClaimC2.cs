using System.Globalization;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Claim C2: messages are sent as a batch, which the broker treats as one unit and never unpacks; 30 messages in a batch cost it one message's
/// work. Decided by two things: batches come back, and lie in the broker's file, byte for byte as they were sent; and a batch of 30 costs the
/// broker about what a batch of one does.
/// </summary>
internal static class ClaimC2
{
    public const string Id = "C2";

    /// <summary>
    /// The work of so many batches of one message is still "one message's work": thirty messages are thirty times the bytes, which somebody has
    /// to receive and store, so the same to the microsecond cannot be; half as much again is nearer to one message than to two.
    /// </summary>
    public const double OneMessagesWork = 1.5;

    private const int Thirty = 30;

    public static Verdict Judge(ClaimCase claim)
    {
        List<string> evidence = [.. Checks(claim), .. PerRecords(claim), .. Validation(claim), Replication];
        if (claim.Obstacle() is { } obstacle)
        {
            return claim.Answer(obstacle.Kind, obstacle.Cause, evidence);
        }

        BatchCheck[] checks = [.. Own(claim)];
        if (checks.FirstOrDefault(check => check is { ServedEqual: false } or { StoredEqual: false }) is { } changed)
        {
            return claim.Answer(VerdictKind.NotReproduced, $"the broker does not keep batches as they were sent: {changed.Finding}", evidence);
        }

        (VariantInfo One, VariantInfo Many)? pair = claim.Points
            .Select(point => (One: Array.Find(point, v => v.Scenario.Producers.BatchRecords == 1), Many: Array.Find(point, v => v.Scenario.Producers.BatchRecords == Thirty)))
            .Where(found => found.One is not null && found.Many is not null)
            .Select(found => ((VariantInfo, VariantInfo)?)(found.One!, found.Many!))
            .FirstOrDefault();
        if (pair is not { } thirty)
        {
            return claim.Answer(VerdictKind.Inconclusive, "batches of one record and of thirty were not measured in turns", evidence);
        }

        PairRatio work = PairRatio.Of(claim.Run, Costs.CpuPerBatch, thirty.One, thirty.Many);
        PairRatio message = PairRatio.Of(claim.Run, Costs.CpuPerMessage, thirty.One, thirty.Many);
        string figure = $"a batch of {Thirty} messages costs the broker {work.Text} the CPU time of a batch of one, a message in it {message.Text} that of a message sent alone";
        evidence.Insert(0, $"30 to 1: {figure}");
        if (checks.Length == 0 || checks.All(check => check.ServedEqual is null))
        {
            return claim.Answer(VerdictKind.Inconclusive, $"{figure}; whether batches are kept as they were sent was not seen", evidence);
        }

        string kept = checks.Any(check => check.StoredEqual == true) ? "stored and served" : "served";
        string same = $"batches of {string.Join(", ", checks.Select(check => check.Records).Distinct())} records were {kept} byte for byte as sent";
        VerdictKind kind = work.Against(OneMessagesWork) switch
        {
            Side.Below => VerdictKind.Reproduced,
            Side.Above => VerdictKind.NotReproduced,
            _ => VerdictKind.Inconclusive,
        };
        return claim.Answer(kind, $"{same}; {figure} (one message's work: up to {OneMessagesWork.ToString(CultureInfo.InvariantCulture)} times)", evidence);
    }

    private static string Replication => NotTested.Line("the batch as one unit on replication", "a Kafka of three brokers at kafka://HOST:PORT, with topic.replication 3");

    private static IEnumerable<BatchCheck> Own(ClaimCase claim) => claim.Run.BatchChecks.Where(check => Techniques.BaseOf(check.Target) == claim.Target);

    private static IEnumerable<string> Checks(ClaimCase claim)
    {
        foreach (IGrouping<string, BatchCheck> target in Own(claim).GroupBy(check => check.Target))
        {
            yield return $"base offset and leader epoch aside, on {target.Key}: {string.Join("; ", target.Select(check => check.Finding))}";
        }
    }

    /// <summary>A line for each number of records in a batch.</summary>
    private static IEnumerable<string> PerRecords(ClaimCase claim)
    {
        foreach (VariantInfo variant in claim.Variants
            .Where(v => v.Scenario.Producers.BatchRecords is not null && !Techniques.FullValidation(v.Target))
            .GroupBy(v => v.Scenario.Producers.BatchRecords).Select(same => same.MaxBy(v => claim.Trials(v).Count)!)
            .OrderBy(v => v.Scenario.Producers.BatchRecords))
        {
            double? message = claim.MedianOf(variant, Costs.CpuPerMessage.Of);
            double? batch = claim.MedianOf(variant, Costs.CpuPerBatch.Of);
            double? allocated = claim.MedianOf(variant, Costs.AllocatedPerMessage);
            double? requests = claim.MedianOf(variant, Costs.RequestsPerMessage);
            string cpu = message is { } perMessage && batch is { } perBatch
                ? $"broker CPU {Figures.Duration(perBatch)} a batch, {Small(perMessage * 1e9)} ns a message"
                : "broker CPU not measured";
            yield return $"{variant.Scenario.Producers.BatchRecords} records a batch: {cpu}, "
                + $"{(requests is { } share ? Small(share * 1e6) : "no")} requests a million messages, "
                + $"{(allocated is { } bytes ? $"{bytes.ToString("0.0000", CultureInfo.InvariantCulture)} B allocated a message" : "allocation not measured")} "
                + $"(medians of {claim.Trials(variant).Count} trials)";
        }
    }

    /// <summary>What looking at every record adds, where the broker can be told to and not to.</summary>
    private static IEnumerable<string> Validation(ClaimCase claim)
    {
        foreach (VariantInfo[] point in claim.Points)
        {
            VariantInfo? full = Array.Find(point, v => Techniques.FullValidation(v.Target));
            VariantInfo? shut = Array.Find(point, v => !Techniques.FullValidation(v.Target));
            if (full is not null && shut is not null)
            {
                PairRatio cost = PairRatio.Of(claim.Run, Costs.CpuPerMessage, shut, full);
                yield return $"record.validation=full, Kafka's way of looking at every record: {cost.Text} the broker's CPU a message of batches that stay shut";
            }
        }

        if (!claim.CanSwitch)
        {
            yield return NotTested.Line("what looking at every record costs this broker", "a switch for it, which it has not: Apache Kafka always validates each record");
        }
    }

    private static string Small(double value) => value.ToString(value < 10 ? "0.##" : "#,0", CultureInfo.InvariantCulture);
}
