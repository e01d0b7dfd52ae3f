using System.Globalization;
using Results;

namespace Harness.Verdicts.Trials;

/// <summary>What the four techniques look like from outside, on any broker. A technique that the evidence does not reach is left out, never guessed.</summary>
public static class TechniquesSeen
{
    private const double NearlyAll = 0.9;
    private const double AppendShareMin = 0.99;
    private const double ScatteredShareMax = 0.5;

    private const double WriteABatchMax = 0.25;
    private const double WriteARecordMin = 0.75;

    /// <summary>Fewer records in a batch, writes, or bytes read say nothing.</summary>
    private const int RecordsMin = 8;
    private const int WritesMin = 20;

    /// <summary>Where more of the calls are in no record, what the records say is not what was done.</summary>
    private const double MissedShareMax = 0.1;
    private const long ReadBytesMin = 1 << 20;

    /// <param name="acknowledged">In the time in which calls were counted.</param>
    public static IReadOnlyList<TechniqueSeen> Of(KernelEvidence evidence, FlowTotals acknowledged)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(acknowledged);
        if (evidence.Recorded is { } recorded && !Suffices(recorded))
        {
            evidence = evidence with { Recorded = null };
        }

        return [.. new[] { Batching(evidence, acknowledged), Log(evidence), Cache(evidence), Transfer(evidence) }.OfType<TechniqueSeen>()];
    }

    /// <summary>Records that were lost for want of room are left out of the count: they were lost time by time, and not by kind.</summary>
    internal static bool Suffices(RecordedCalls recorded) =>
        recorded.Missed <= MissedShareMax * (recorded.Moved.Sum(m => m.Calls) + recorded.Missed);

    /// <summary>A write a batch, or a write a record: told apart where a batch holds several.</summary>
    private static TechniqueSeen? Batching(KernelEvidence evidence, FlowTotals acknowledged)
    {
        if (FileWrites(evidence) is not { } writes || writes < WritesMin || acknowledged.Messages < RecordsMin * acknowledged.Batches || acknowledged.Batches == 0)
        {
            return null;
        }

        double records = (double)acknowledged.Messages / acknowledged.Batches;
        double writesPerBatch = writes / acknowledged.Batches;
        string setting = writesPerBatch <= WriteABatchMax * records ? "batch" : writesPerBatch >= WriteARecordMin * records ? "record" : "mixed";
        return new TechniqueSeen(
            "batching", setting, string.Create(CultureInfo.InvariantCulture, $"{writesPerBatch:0.##} writes to files a batch, of {records:0.#} records"));
    }

    /// <summary>
    /// Writes to files while calls were counted. A call that writes to other descriptors too counts by the share that files had of it in the recorded moment.
    /// </summary>
    private static double? FileWrites(KernelEvidence evidence) => evidence.Calls is null || evidence.Recorded is null
        ? null
        : evidence.Recorded.Moved.Where(m => IsWrite(m.Call)).GroupBy(m => m.Call)
            .Sum(call => (double)evidence.CountOf(call.Key)!.Value * call.Where(m => m.Kind == "file").Sum(m => m.Calls) / call.Sum(m => m.Calls));

    private static bool IsWrite(string call) => call.Contains("write", StringComparison.Ordinal);

    private static TechniqueSeen? Log(KernelEvidence evidence)
    {
        if (evidence.Recorded?.Writes is not { ContinuingShare: { } share } order || order.Writes < WritesMin)
        {
            return null;
        }

        string setting = share >= AppendShareMin ? "sequential" : share <= ScatteredShareMax ? "scattered" : "mixed";
        return new TechniqueSeen("log", setting, $"{Figures.Share(share)} of the bytes of {Figures.Count(order.Writes)} writes to {order.Files} files go on where the last one ended");
    }

    private static TechniqueSeen? Cache(KernelEvidence evidence) => evidence is { OpenedDirect: { } direct, Segments: { Files: > 0 } segments }
        ? new TechniqueSeen(
            "cache",
            direct ? "direct" : "page",
            $"{segments.Files} segment files open {(direct ? "with" : "without")} O_DIRECT, {Figures.Bytes(segments.ResidentBytes)} of {Figures.Bytes(segments.Bytes)} in the page cache")
        : null;

    private static TechniqueSeen? Transfer(KernelEvidence evidence)
    {
        long sent = Moved(evidence, call => call is "sendfile64" or "splice", "socket").Sum(m => m.Bytes);
        long read = Moved(evidence, call => call.Contains("read", StringComparison.Ordinal), "file").Sum(m => m.Bytes);
        if (sent + read < ReadBytesMin)
        {
            return null;
        }

        double share = (double)sent / (sent + read);
        string setting = share >= NearlyAll ? "sendfile" : share <= 1 - NearlyAll ? "copy" : "mixed";
        return new TechniqueSeen("transfer", setting, $"{Figures.Bytes(sent)} sent by sendfile, {Figures.Bytes(read)} read from files into memory");
    }

    private static IEnumerable<MovedBytes> Moved(KernelEvidence evidence, Func<string, bool> call, string kind) =>
        (evidence.Recorded?.Moved ?? []).Where(m => m.Kind == kind && call(m.Call));
}
