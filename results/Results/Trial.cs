namespace Results;

/// <summary>One trial: one target under the scenario's load once, with warm-up, counted window, drain and verification.</summary>
public sealed record Trial
{
    /// <summary>Position in the order of running, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Block of the interleaved plan, from 0.</summary>
    public required int Block { get; init; }

    public required string Target { get; init; }

    /// <summary>The variant's name (<see cref="VariantInfo.Name"/>); null in documents from before there were any: then the target's.</summary>
    public string? Variant { get; init; }
    public required DateTimeOffset StartedUtc { get; init; }
    public required TrialStatus Status { get; init; }

    /// <summary>One line: why it did not complete.</summary>
    public string? Cause { get; init; }

    /// <summary>Seconds after the start of the trial at which it failed or was interrupted.</summary>
    public double? EndedAtSecond { get; init; }

    public required double WarmupSeconds { get; init; }

    /// <summary>Length of the counted window as measured. All totals below are of this window unless they say otherwise.</summary>
    public required double WindowSeconds { get; init; }

    /// <summary>Sent by producers in the counted window.</summary>
    public required FlowTotals Sent { get; init; }

    /// <summary>Acknowledged to producers in the counted window.</summary>
    public required FlowTotals Acknowledged { get; init; }

    /// <summary>Consumed (all groups together) in the counted window.</summary>
    public required FlowTotals Consumed { get; init; }

    /// <summary>One entry a second from the start of warm-up to the end of the drain.</summary>
    public required IReadOnlyList<SecondSample> Series { get; init; }

    public required LatencyInfo Latency { get; init; }

    /// <summary>Of a load with open phases; null for any other.</summary>
    public ScheduleInfo? Schedule { get; init; }

    /// <summary>Over the whole trial, warm-up and drain included.</summary>
    public required Verification Verification { get; init; }

    public required ProcessUsage Broker { get; init; }
    public required ProcessUsage Generator { get; init; }

    /// <summary>What the kernel saw of the broker; null where its process is not on this machine or not known, and in older documents.</summary>
    public KernelEvidence? Evidence { get; init; }
    public required GeneratorLimits GeneratorLimits { get; init; }

    /// <summary>Bytes that the threads of producers and consumers allocated in the window; null in documents from before it was counted.</summary>
    public long? WorkersAllocatedBytes { get; init; }
    public required StorageInfo Storage { get; init; }

    /// <summary>Machine-wide CPU time stolen by the hypervisor in the window, as a share of all CPU time.</summary>
    public required double StealShare { get; init; }

    /// <summary>The bare pipeline measured beside this trial, in wire bytes a second, and this trial's share of it; null without a consumer.</summary>
    public double? BarePipelineBytesPerSecond { get; init; }
    public double? BarePipelineShare { get; init; }

    /// <summary>The same of the checked pipeline (<see cref="CeilingKinds.CheckedPipeline"/>); null also in documents from before it was measured.</summary>
    public double? CheckedPipelineBytesPerSecond { get; init; }
    public double? CheckedPipelineShare { get; init; }

    /// <summary>
    /// Of a trial that only produced, or only read: which stage of the pipeline was measured beside it (a kind of <see cref="CeilingKinds"/>), its wire bytes a
    /// second, and this trial's share of it. Null for any other.
    /// </summary>
    public string? StageKind { get; init; }
    public double? StageBytesPerSecond { get; init; }
    public double? StageShare { get; init; }

    /// <summary>
    /// CPU time that the bare calls beside this trial, the whole pipeline or its stage, take in the broker's place for 10^9 wire bytes, and what the broker took as a
    /// share of it. Null where no calls were measured, where the load does not fill its batches (any but <c>saturate</c>) or these are smaller than the calls' pieces, and in documents from before their CPU time was.
    /// </summary>
    public double? BareBrokerCpuSecondsPerGigabyte { get; init; }
    public double? BrokerCpuOfBare { get; init; }

    /// <summary>
    /// Publish latency of the same producers by the same schedule, just before and after this trial, where a thread only receives and answers over loopback in the
    /// broker's place; and this trial's median as a share of it. Null for loads without an open phase, and in documents from before it was measured.
    /// </summary>
    public LatencyHistogram? BarePublish { get; init; }
    public double? PublishOfBare { get; init; }

    /// <summary>The same from when batches were due to be sealed.</summary>
    public LatencyHistogram? BareSealedPublish { get; init; }
    public double? SealedPublishOfBare { get; init; }

    /// <summary>Relative change of consumed throughput from the first to the second half of the window; null if shorter than four seconds.</summary>
    public double? Trend { get; init; }

    /// <summary>False when <see cref="Trend"/> says the counted window was not steady.</summary>
    public required bool Steady { get; init; }

    /// <summary>What limited the rate, named from evidence: "CPU of the machine", "generator", "dirty throttling", …</summary>
    public required string LimitedBy { get; init; }
}

public enum TrialStatus
{
    Completed,
    Interrupted,
    Failed,
}

/// <param name="ValueBytes">Bytes of values alone: what the claim counts.</param>
/// <param name="WireBytes">Bytes of record batches as they go over the wire and into the log.</param>
public sealed record FlowTotals(long Messages, long ValueBytes, long WireBytes, long Batches)
{
    public static readonly FlowTotals Zero = new(0, 0, 0, 0);
}

/// <summary>One second of a trial. Counts are of that second alone.</summary>
public sealed record SecondSample
{
    /// <summary>Seconds since the start of the trial at the end of this sample.</summary>
    public required double AtSecond { get; init; }
    public required double LengthSeconds { get; init; }
    public required TrialPhase Phase { get; init; }
    public required long SentMessages { get; init; }
    public required long AcknowledgedMessages { get; init; }
    public required long ConsumedMessages { get; init; }
    public required long ConsumedValueBytes { get; init; }

    /// <summary>CPU seconds used in this second by the broker and the generator.</summary>
    public required double BrokerCpuSeconds { get; init; }
    public required double GeneratorCpuSeconds { get; init; }

    /// <summary>Anonymous memory of the broker and the generator at the end of the second; null where it was not read, and in documents from before it was.</summary>
    public long? BrokerAnonymousBytes { get; init; }
    public long? GeneratorAnonymousBytes { get; init; }

    /// <summary>Dirty pages of the machine at the end of the second.</summary>
    public required long DirtyBytes { get; init; }

    /// <summary>99th percentile in microseconds of what was acknowledged in this second; null outside the counted window.</summary>
    public long? PublishP99Micros { get; init; }

    /// <summary>99th percentile in microseconds of what was delivered in this second; null outside the counted window.</summary>
    public long? EndToEndP99Micros { get; init; }

    /// <summary>Messages acknowledged and not yet consumed at the end of the second, over all groups; null without consumers.</summary>
    public long? BacklogMessages { get; init; }

    /// <summary>Violations that the verifier had found by the end of the second.</summary>
    public long Violations { get; init; }
}

public enum TrialPhase
{
    Warmup,
    Counted,
    Drain,
}

/// <summary>
/// Latency of the messages sent in the counted window, in microseconds, from the send stamp.
/// </summary>
public sealed record LatencyInfo
{
    /// <summary>True: the load was closed-loop, so the stamp is the time of Send and a stalled broker delays the next message unseen.</summary>
    public required bool ClosedLoop { get; init; }

    /// <summary>The stamp may be this much older than the message.</summary>
    public required double StampResolutionMicros { get; init; }

    /// <summary>From the stamp to the acknowledgement; null where there is none (acks none).</summary>
    public LatencyHistogram? Publish { get; init; }

    /// <summary>From the stamp to the consumer's hand; null without a tail consumer.</summary>
    public LatencyHistogram? EndToEnd { get; init; }

    /// <summary>
    /// <see cref="Publish"/> without the wait for the batch: from when the batch was due to be sealed, by size or linger, or from the message's own stamp
    /// where that is later. Null also in documents from before it was measured, and of clients that do not say when a batch is sealed.
    /// </summary>
    public LatencyHistogram? SealedPublish { get; init; }

    /// <summary>The same of <see cref="EndToEnd"/>; null also where a broker regrouped batches, so that it is not known when theirs were due.</summary>
    public LatencyHistogram? SealedEndToEnd { get; init; }
}

/// <summary>A latency distribution: the figures people quote, and the whole histogram to merge and re-read.</summary>
public sealed record LatencyHistogram
{
    public required long Count { get; init; }
    public required double MeanMicros { get; init; }
    public required long MinMicros { get; init; }
    public required long P50Micros { get; init; }
    public required long P90Micros { get; init; }
    public required long P99Micros { get; init; }
    public required long P999Micros { get; init; }
    public required long P9999Micros { get; init; }
    public required long MaxMicros { get; init; }

    /// <summary>The standard HdrHistogram V2 compressed encoding in base64: existing HdrHistogram tools read it.</summary>
    public required string HdrV2Base64 { get; init; }
}

/// <summary>Counts from inside the generator that say whether it, not the broker, set the pace.</summary>
public sealed record GeneratorLimits
{
    /// <summary>Share of the window in which the producers' in-flight window was full, averaged over producers.</summary>
    public required double InFlightFullShare { get; init; }

    /// <summary>Sent rate as a share of the null-sink ceiling.</summary>
    public double? NullSinkShare { get; init; }

    /// <summary>Consumed rate as a share of the null-source ceiling.</summary>
    public double? NullSourceShare { get; init; }

    public required bool GeneratorLimited { get; init; }

    /// <summary>The rule that applied, in a sentence; null when not limited.</summary>
    public string? Reason { get; init; }
}

/// <summary>Where the bytes went.</summary>
public sealed record StorageInfo
{
    public required StorageRegime Regime { get; init; }

    /// <summary>Bytes the broker accepted into its log in the window.</summary>
    public required long AcceptedBytes { get; init; }

    /// <summary>Bytes the broker caused to be written to the device in the window, cancelled ones taken off; null where not measurable.</summary>
    public long? DeviceWriteBytes { get; init; }
    public long? CancelledWriteBytes { get; init; }

    /// <summary>Bytes the broker read from the device in the window; null where not measurable.</summary>
    public long? DeviceReadBytes { get; init; }

    /// <summary>Largest amount of dirty pages seen on the machine.</summary>
    public required long DirtyPeakBytes { get; init; }
    public required long DirtyLimitBytes { get; init; }

    /// <summary>The sentence that goes beside every figure.</summary>
    public required string Sentence { get; init; }
}

public enum StorageRegime
{
    /// <summary>Segments are deleted or recycled before they are written back.</summary>
    RingInMemory,

    /// <summary>What was written fits in the dirty limits.</summary>
    Burst,

    /// <summary>Several times the dirty limit went to the device.</summary>
    Sustained,

    /// <summary>Between burst and sustained.</summary>
    Mixed,
}
