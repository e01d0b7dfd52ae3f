using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>Words for the enumerations and standing statements of a result, the same in every kind of report.</summary>
internal static class Wording
{
    public static string Of(VerdictKind kind) => kind switch
    {
        VerdictKind.Reproduced => "reproduced",
        VerdictKind.NotReproduced => "not reproduced",
        VerdictKind.Inconclusive => "inconclusive",
        VerdictKind.NotTestedHere => "not tested here",
        VerdictKind.Invalid => "invalid",
        VerdictKind.Passed => "passed",
        VerdictKind.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static string Of(StorageRegime regime) => regime switch
    {
        StorageRegime.RingInMemory => "ring in memory",
        StorageRegime.Burst => "burst",
        StorageRegime.Sustained => "sustained",
        StorageRegime.Mixed => "mixed",
        _ => throw new ArgumentOutOfRangeException(nameof(regime), regime, null),
    };

    public static string Of(TrialStatus status) => status switch
    {
        TrialStatus.Completed => "completed",
        TrialStatus.Interrupted => "interrupted",
        TrialStatus.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    public static string Of(CpuCategory kind) => kind switch
    {
        CpuCategory.KernelCopying => "kernel copying",
        CpuCategory.KernelOther => "kernel other",
        CpuCategory.KernelUnnamed => "kernel, no names",
        CpuCategory.Checksum => "CRC",
        CpuCategory.OwnCode => "own code",
        CpuCategory.Runtime => "runtime",
        CpuCategory.UserCode => "user code",
        CpuCategory.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static string Ceiling(string kind) => kind switch
    {
        CeilingKinds.NullSink => "Null sink",
        CeilingKinds.NullSource => "Null source",
        CeilingKinds.MemoryCopy => "Memory copy",
        CeilingKinds.BarePipeline => "Bare pipeline",
        CeilingKinds.SocketToPageCache => "Bare receive and write",
        CeilingKinds.PageCacheToSocket => "Bare sendfile",
        CeilingKinds.CheckedPipeline => "Checked pipeline",
        _ => PlainText.OneLine(kind),
    };

    /// <summary>What the latency behind the seal leaves out.</summary>
    public const string SealedLatency = "Latency behind the seal: from when the batch was due to be sealed, by size or linger, or from the message's own stamp where that is later.";

    /// <summary>What the bare answers are.</summary>
    public const string BareAnswers = "Bare answers: the same producers by the same schedule, just before and after each trial, with a thread in the broker's place that only receives and answers over loopback. "
        + "What is left is the machine's: calls, loopback, and the waking of a thread on either side.";

    /// <summary>What a latency of this run means, in a sentence or two.</summary>
    public static string Latency(LatencyInfo latency)
    {
        string resolution = latency.StampResolutionMicros == 0 ? "" : $" A stamp may be up to {Format.Micros(latency.StampResolutionMicros)} older than its message.";
        return latency.ClosedLoop
            ? "Closed-loop time: the clock starts when Send is called, so while the broker stalls the next message is not sent and its waiting "
                + $"is not seen.{resolution}"
            : $"From the intended send time: the schedule goes on while the broker stalls, and the waiting counts.{resolution}";
    }
}
