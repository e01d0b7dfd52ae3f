using System.Globalization;
using Results;

namespace Harness.Verdicts.Trials;

/// <summary>What the four techniques look like from outside, on any broker. A technique that the evidence does not reach is left out, never guessed.</summary>
public static class TechniquesSeen
{
    private const double NearlyAll = 0.9;
    private const double AppendShareMin = 0.99;
    private const double ScatteredShareMax = 0.5;

    /// <summary>Fewer writes, batches, or bytes read say nothing.</summary>
    private const int WritesMin = 20;

    /// <summary>Where more of the calls are in no record, what the records say is not what was done.</summary>
    private const double MissedShareMax = 0.1;
    private const long ReadBytesMin = 1 << 20;

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

    /// <summary>A write a batch, or a write a record: told apart where a batch holds many.</summary>
    private static TechniqueSeen? Batching(KernelEvidence evidence, FlowTotals acknowledged)
    {
        MovedBytes[] writes = [.. Moved(evidence, call => call.Contains("write", StringComparison.Ordinal), "file")];
        long calls = writes.Sum(w => w.Calls);
        if (calls < WritesMin || acknowledged.Batches == 0 || acknowledged.Messages < 2 * acknowledged.Batches)
        {
            return null;
        }

        double batchBytes = (double)acknowledged.WireBytes / acknowledged.Batches;
        double recordsPerWrite = writes.Sum(w => w.Bytes) / (double)calls / batchBytes * acknowledged.Messages / acknowledged.Batches;
        string because = $"{Figures.Bytes(writes.Sum(w => w.Bytes) / calls)} a write, {Figures.Bytes((long)batchBytes)} a batch of {(acknowledged.Messages / acknowledged.Batches).ToString(CultureInfo.InvariantCulture)} records";

        // A record stored alone has a batch's header of its own, and so counts for several of those that share one.
        double batchesPerWrite = recordsPerWrite * acknowledged.Batches / acknowledged.Messages;
        return new TechniqueSeen("batching", batchesPerWrite >= 0.5 ? "batch" : recordsPerWrite < 5 ? "record" : "mixed", because);
    }

    private static TechniqueSeen? Log(KernelEvidence evidence)
    {
        if (evidence.Recorded?.Writes is not { ContinuingShare: { } share } order || order.Writes < WritesMin)
        {
            return null;
        }

        string setting = share >= AppendShareMin ? "sequential" : share <= ScatteredShareMax ? "scattered" : "mixed";
        return new TechniqueSeen("log", setting, $"{Figures.Share(share)} of {Figures.Count(order.Writes)} writes to {order.Files} files go on where the last one ended");
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
