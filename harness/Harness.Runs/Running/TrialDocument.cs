using Harness.Load;
using Harness.Measure;
using Harness.Verdicts.Trials;
using Results;

namespace Harness.Runs;

/// <summary>What a trial is part of, and what was measured beside it.</summary>
internal sealed record TrialContext
{
    public required int Index { get; init; }
    public required int Block { get; init; }
    public required string Variant { get; init; }
    public required MachineInfo Machine { get; init; }
    public double? NullSinkPerSecond { get; init; }
    public double? NullSourcePerSecond { get; init; }

    public double? MemoryCopyBytesPerSecond { get; init; }

    /// <summary>The pipelines, or the stage of them that the load is about, before and after this trial.</summary>
    public PipelinePass? Pipeline { get; init; }
}

/// <summary>Everything that a trial left behind.</summary>
internal sealed record TrialParts
{
    public required TrialContext Context { get; init; }
    public required string Target { get; init; }
    public required ScenarioInfo Scenario { get; init; }
    public required DateTimeOffset StartedUtc { get; init; }

    /// <summary>Null when it completed.</summary>
    public required TrialEnd? End { get; init; }
    public required TrialReadings Readings { get; init; }

    /// <summary>Null when the load never began.</summary>
    public required LoadOutcome? Outcome { get; init; }
    public required ManagedHeap? BrokerHeap { get; init; }
    public required ManagedHeap? GeneratorHeap { get; init; }
    public required KernelEvidence? Evidence { get; init; }
}

/// <summary>Turns what was measured into the document's form. Computes, decides nothing: what a figure means is Harness.Verdicts' matter.</summary>
internal static class TrialDocument
{
    /// <summary>Into the sender's socket, out of the broker's, and into the page cache.</summary>
    private const int CopiesOfSent = 3;

    private static readonly ProcessUsage Unused = new()
    {
        UserSeconds = 0,
        SystemSeconds = 0,
        CpuShare = 0,
        AnonymousPeakBytes = 0,
        ResidentPeakBytes = 0,
        VoluntarySwitches = 0,
        InvoluntarySwitches = 0,
        MinorFaults = 0,
        MajorFaults = 0,
    };

    public static Trial Build(TrialParts parts)
    {
        IReadOnlyList<Reading> window = parts.Readings.Window;
        bool counted = window.Count >= 2;
        Reading? from = counted ? window[0] : null;
        Reading? to = counted ? window[^1] : null;
        double seconds = counted ? to!.AtSecond - from!.AtSecond : 0;
        FlowTotals consumed = Difference(from?.Load.Consumed, to?.Load.Consumed);
        FlowTotals sent = Difference(from?.Load.Sent, to?.Load.Sent);
        FlowTotals acknowledged = Difference(from?.Load.Acknowledged, to?.Load.Acknowledged);
        ProcessUsage broker = Usage([.. window.Select(reading => reading.Broker).OfType<ProcessSnapshot>()], parts.BrokerHeap);
        ProcessUsage generator = Usage([.. window.Select(reading => reading.Generator)], parts.GeneratorHeap);
        long dirtyPeak = window.Count == 0 ? 0 : window.Max(reading => reading.Machine.DirtyBytes + reading.Machine.WritebackBytes);
        double steal = counted ? MachineSnapshot.StealShare(from!.Machine, to!.Machine) : 0;
        DirtyLimits limits = DirtyLimits.Read();
        TrialEvidence evidence = new()
        {
            SentPerSecond = seconds > 0 ? sent.Messages / seconds : 0,
            ConsumedPerSecond = seconds > 0 ? consumed.Messages / seconds : 0,
            NullSinkPerSecond = parts.Context.NullSinkPerSecond,
            NullSourcePerSecond = parts.Context.NullSourcePerSecond,
            Saturates = parts.Scenario.Load.Any(phase => phase.Shape == "saturate"),
            Schedule = parts.Outcome?.Schedule,
            InFlightFullShare = parts.Outcome?.InFlightFullShare ?? 0,
            BrokerCpuShare = broker.CpuShare,
            GeneratorCpuShare = generator.CpuShare,
            CpuCount = parts.Context.Machine.Cpu.QuotaCpus ?? parts.Context.Machine.Cpu.Count,
            StealShare = steal,
            CopiedBytesPerSecond = seconds > 0 ? ((CopiesOfSent * sent.WireBytes) + consumed.WireBytes) / seconds : 0,
            MemoryCopyBytesPerSecond = parts.Context.MemoryCopyBytesPerSecond,
            DiskBusyShare = counted ? MachineSnapshot.DiskBusyShare(from!.Machine, to!.Machine) : null,
            IoWaitCpus = counted ? MachineSnapshot.IoWaitShare(from!.Machine, to!.Machine) * parts.Context.Machine.Cpu.Count : 0,
            DirtyPeakBytes = dirtyPeak,
            DirtyBackgroundBytes = limits.BackgroundBytes,
            DirtyLimitBytes = limits.LimitBytes,
        };
        GeneratorLimits limited = GeneratorLimit.Judge(evidence);
        Steadiness steadiness = Steadiness.Of(parts.Readings.Series);
        FlowTotals carried = parts.Scenario.Consumers.Mode == "none" ? acknowledged : consumed;
        PipelinePass? pipeline = parts.Context.Pipeline;
        return new Trial
        {
            Index = parts.Context.Index,
            Block = parts.Context.Block,
            Target = parts.Target,
            Variant = parts.Context.Variant,
            StartedUtc = parts.StartedUtc,
            Status = parts.End?.Status ?? TrialStatus.Completed,
            Cause = parts.End?.Cause,
            EndedAtSecond = parts.End?.AtSecond,
            WarmupSeconds = parts.Scenario.WarmupSeconds,
            WindowSeconds = seconds,
            Sent = sent,
            Acknowledged = acknowledged,
            Consumed = consumed,
            Series = parts.Readings.Series,
            Latency = parts.Outcome?.Latency ?? new LatencyInfo { ClosedLoop = true, StampResolutionMicros = 0 },
            Schedule = parts.Outcome?.Schedule,
            Verification = parts.Outcome?.Verification ?? NothingVerified(),
            Broker = broker,
            Generator = generator,
            Evidence = parts.Evidence is { } seen ? seen with { Techniques = TechniquesSeen.Of(seen, seen.Counted?.Acknowledged ?? acknowledged) } : null,
            GeneratorLimits = limited,
            WorkersAllocatedBytes = parts.Outcome?.AllocatedBytes.Values.Sum(),
            Storage = StorageRegimes.Classify(
                acknowledged.WireBytes,
                broker,
                counted ? to!.Machine.WrittenBackBytes - from!.Machine.WrittenBackBytes : null,
                dirtyPeak,
                limits.LimitBytes),
            StealShare = steal,
            BarePipelineBytesPerSecond = pipeline?.BareBytesPerSecond,
            BarePipelineShare = Share(pipeline?.BareBytesPerSecond),
            CheckedPipelineBytesPerSecond = pipeline?.CheckedBytesPerSecond,
            CheckedPipelineShare = Share(pipeline?.CheckedBytesPerSecond),
            StageKind = pipeline?.StageKind,
            StageBytesPerSecond = pipeline?.StageBytesPerSecond,
            StageShare = Share(pipeline?.StageBytesPerSecond),
            BareBrokerCpuSecondsPerGigabyte = pipeline?.BrokerCpuSecondsPerGigabyte,
            BrokerCpuOfBare = CpuOf(pipeline?.BrokerCpuSecondsPerGigabyte),
            BarePublish = pipeline?.Answer?.Publish.ToDocument(),
            PublishOfBare = OfBare(parts.Outcome?.Latency.Publish, pipeline?.Answer?.Publish),
            BareSealedPublish = pipeline?.Answer?.SealedPublish.ToDocument(),
            SealedPublishOfBare = OfBare(parts.Outcome?.Latency.SealedPublish, pipeline?.Answer?.SealedPublish),
            Trend = steadiness.Trend,
            Steady = steadiness.Steady,
            LimitedBy = LimitingResource.Of(evidence, limited),
        };

        double? CpuOf(double? bare) =>
            bare > 0 && carried.WireBytes > 0 && broker.UserSeconds + broker.SystemSeconds is > 0 and double cpu ? cpu / (carried.WireBytes / 1e9) / bare : null;

        double? Share(double? ceiling) => ceiling > 0 && seconds > 0 ? carried.WireBytes / seconds / ceiling : null;
    }

    /// <summary>Of medians: how long the slowest took is the machine's moment, and not the same one beside the trial.</summary>
    private static double? OfBare(LatencyHistogram? latency, LatencyRecorder? bare) =>
        latency is { Count: > 0 } && bare?.Percentile(50) is > 0 and long micros ? (double)latency.P50Micros / micros : null;

    /// <summary>What the load did while the broker's calls were counted.</summary>
    public static CountedMoment Counted(LoadSample from, LoadSample to) => new(
        (to.AtNanos - from.AtNanos) / 1e9,
        Difference(from.Acknowledged, to.Acknowledged),
        Difference(from.Consumed, to.Consumed));

    private static FlowTotals Difference(FlowTotals? from, FlowTotals? to) => from is null || to is null
        ? FlowTotals.Zero
        : new FlowTotals(
            to.Messages - from.Messages, to.ValueBytes - from.ValueBytes, to.WireBytes - from.WireBytes, to.Batches - from.Batches);

    private static ProcessUsage Usage(IReadOnlyList<ProcessSnapshot> samples, ManagedHeap? heap) =>
        samples.Count >= 2 && samples[^1].AtNanos > samples[0].AtNanos
            ? ProcessSnapshot.Usage(samples, heap?.AllocatedBytes, heap?.Collections) with
            {
                GcPauseSeconds = heap?.PauseSeconds,
                GcLongestPauseSeconds = heap?.LongestPauseSeconds,
            }
            : Unused;

    private static Verification NothingVerified() => new()
    {
        Depth = "nothing: the load never began",
        Sent = 0,
        Acknowledged = 0,
        Delivered = 0,
        Lost = 0,
        Duplicated = 0,
        Reordered = 0,
        Damaged = 0,
        Unacknowledged = 0,
        Complete = false,
        Violations = [],
    };
}
