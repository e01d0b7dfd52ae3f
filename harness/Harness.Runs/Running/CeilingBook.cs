using System.Globalization;
using Harness.Load;
using Harness.Measure;
using Results;

namespace Harness.Runs;

/// <summary>
/// The ceilings that the variants of a run are held against. Variants that ask the same of generator or machine share a measurement; the
/// pipelines, bare and checked, are measured before and after every trial, because the machine changes under the run.
/// </summary>
internal sealed class CeilingBook(string workDirectory, RunRecord record, IRunProgress progress)
{
    private const double BarePassSeconds = 1.5;
    private const double BareWarmupSeconds = 1;
    private static readonly TimeSpan AnswerWarmup = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan AnswerLength = TimeSpan.FromSeconds(1.5);

    /// <summary>Batches of one record are no measure of what the machine carries: nobody receives or writes so little at a time.</summary>
    private const int SmallestPieceBytes = 16 << 10;

    /// <summary>Pages are recycled, or not, in a ring of any size that the caches do not hold; a smaller one is warm sooner.</summary>
    private const long StageRingBytes = 512 << 20;
    private const int StageSegments = 4;
    private const int MemoryBytes = 64 << 20;
    private const int MemoryPasses = 3;
    private const double MemoryPassSeconds = 0.15;

    /// <summary>Values of the scenario's <c>ceilings</c>.</summary>
    private const string None = "none";
    private const string Once = "once";

    private readonly Dictionary<string, PipelinePass> _once = [];
    private readonly Dictionary<string, GeneratorCeilings> _generator = [];
    private readonly Dictionary<string, BarePipelineProbe> _bare = [];
    private readonly Dictionary<string, StageProbe> _stages = [];
    private (string Key, PipelinePass Pass)? _lastBare;
    private double? _memoryCopy;

    /// <summary>Null sink and null source of a variant's load, measured when it first comes up.</summary>
    public GeneratorCeilings Generator(VariantInfo variant, CancellationToken cancellation)
    {
        ScenarioInfo scenario = variant.Scenario;
        if (scenario.Ceilings == None)
        {
            return new GeneratorCeilings(null, null);
        }

        string key = $"{LoadKey(scenario)} {scenario.Consumers}";
        if (_generator.TryGetValue(key, out GeneratorCeilings? known))
        {
            return known;
        }

        if (scenario.Producers.Client == "replay")
        {
            // Nothing is encoded or unpacked: what such clients do at most is what their connections take.
            return _generator[key] = new GeneratorCeilings(null, null);
        }

        CeilingOptions options = new();
        progress.Phase("ceilings of the generator", 2 * (options.WarmUp + (options.Passes * options.PassLength)));
        Ceiling sink = NullSinkProbe.Run(scenario, options, cancellation);
        record.Add(sink);
        Ceiling? source = scenario.Consumers.Mode == "none" ? null : NullSourceProbe.Run(scenario, options, cancellation);
        if (source is not null)
        {
            record.Add(source);
        }

        return _generator[key] = new GeneratorCeilings(sink.MessagesPerSecond, source?.MessagesPerSecond);
    }

    /// <summary>What all processors together copy in memory, measured when it is first asked for: once a run, as nothing in it changes what memory carries. Null for a variant without ceilings.</summary>
    public double? MemoryCopy(VariantInfo variant, CancellationToken cancellation)
    {
        if (variant.Scenario.Ceilings == None)
        {
            return null;
        }

        if (_memoryCopy is { } known)
        {
            return known;
        }

        progress.Phase("memory copy of the machine", TimeSpan.FromSeconds(MemoryPasses * MemoryPassSeconds));

        MemoryCopyProbe probe = new(MemoryBytes);
        probe.Together(MemoryPassSeconds, cancellation);
        ProbeBook book = new();
        for (int pass = 0; pass < MemoryPasses; pass++)
        {
            book.Add(MemoryCopyProbe.AllThreads, probe.Together(MemoryPassSeconds, cancellation));
        }

        ProbeFigure figure = book.Figures()[0];
        record.Add(new Ceiling
        {
            Kind = CeilingKinds.MemoryCopy,
            Description = $"copying memory, a thread on each CPU, recycled pages and more of them than the caches hold; median of {MemoryPasses}",
            BytesPerSecond = figure.Median!.Value,
            PassesBytesPerSecond = figure.Passes,
        });
        _memoryCopy = figure.Median;
        return figure.Median.Value;
    }

    /// <summary>What the machine carries just before a trial: measured anew unless it just was.</summary>
    public PipelinePass? Before(VariantInfo variant, CancellationToken cancellation) => variant.Scenario.Ceilings switch
    {
        None => null,
        Once when _once.TryGetValue(BareKey(variant.Scenario), out PipelinePass? known) => known,
        Once => _once[BareKey(variant.Scenario)] = Now(variant, cancellation),
        _ => _lastBare is { } last && last.Key == BareKey(variant.Scenario) ? last.Pass : Now(variant, cancellation),
    };

    /// <summary>What the machine carries just behind a trial; where it is measured once, what was measured then.</summary>
    public PipelinePass? After(VariantInfo variant, CancellationToken cancellation) =>
        variant.Scenario.Ceilings is None or Once ? Before(variant, cancellation) : Now(variant, cancellation);

    private PipelinePass Now(VariantInfo variant, CancellationToken cancellation)
    {
        string key = BareKey(variant.Scenario);
        PipelinePass pass = variant.Scenario.Consumers.Mode is "none" or "reread"
            ? Stage(key, variant.Scenario, cancellation)
            : Whole(key, variant.Scenario, cancellation);
        if (AnswerProbe.IsFor(variant.Scenario))
        {
            progress.Phase("bare answers of the machine", AnswerWarmup + AnswerLength);
            pass = pass with { Answer = AnswerProbe.Run(variant.Scenario, AnswerWarmup, AnswerLength, cancellation) };
        }

        _lastBare = (key, pass);
        record.SetPipelines(
        [
            .. _bare.Values.SelectMany(measured => (Ceiling[])[measured.ToCeiling(), measured.ToCheckedCeiling()!]),
            .. _stages.Values.Select(measured => measured.ToCeiling()),
        ]);
        return pass;
    }

    /// <summary>What only takes, or only serves, is held against that stage alone.</summary>
    private PipelinePass Stage(string key, ScenarioInfo scenario, CancellationToken cancellation)
    {
        bool serves = scenario.Consumers.Mode == "reread";
        if (!_stages.TryGetValue(key, out StageProbe? probe))
        {
            BarePipelineOptions options = Options(scenario);
            long ringBytes = Math.Min(options.RingBytes, StageRingBytes);
            options = options with
            {
                RingBytes = ringBytes,
                SegmentBytes = Math.Min(options.SegmentBytes, Math.Max(options.BatchBytes, ringBytes / StageSegments)),
                Connections = serves ? Readers(scenario) : 1,
            };
            probe = serves ? StageProbe.BySendfile(options) : StageProbe.ToPageCache(options);
            _stages.Add(key, probe);
        }

        progress.Phase(serves ? "bare sendfile of the machine" : "bare receive and write of the machine", TimeSpan.FromSeconds(BareWarmupSeconds + BarePassSeconds));
        double carried = probe.Pass(cancellation);
        return new PipelinePass(
            null, null, CpuOf(probe.Passes[^1], scenario), serves ? CeilingKinds.PageCacheToSocket : CeilingKinds.SocketToPageCache, carried);
    }

    private PipelinePass Whole(string key, ScenarioInfo scenario, CancellationToken cancellation)
    {
        if (!_bare.TryGetValue(key, out BarePipelineProbe? probe))
        {
            probe = new BarePipelineProbe(Options(scenario), CheckedPipeline.Checksum);
            _bare.Add(key, probe);
        }

        progress.Phase("pipeline of the machine, bare and checked", TimeSpan.FromSeconds(BareWarmupSeconds + (2 * BarePassSeconds)));
        return new PipelinePass(probe.Pass(cancellation), probe.CheckedPasses[^1].BytesPerSecond, CpuOf(probe.Passes[^1], scenario));
    }

    /// <summary>Null where batches are not as large as the bare calls' pieces: what a broker takes for a gigabyte is then the number of its requests.</summary>
    private static double? CpuOf(BarePipelinePass pass, ScenarioInfo scenario) =>
        scenario.Producers.BatchBytes >= SmallestPieceBytes && scenario.Load.All(phase => phase.Shape == "saturate") ? pass.BrokerCpuSecondsPerGigabyte : null;

    private BarePipelineOptions Options(ScenarioInfo scenario) => new(
        workDirectory,
        Math.Max(SmallestPieceBytes, scenario.Producers.BatchBytes),
        TopicBytes(scenario, "retention.bytes"),
        TopicBytes(scenario, "segment.bytes"),
        BareWarmupSeconds,
        BarePassSeconds);

    /// <summary>More connections than CPUs carry no more, and those of the readers are what the trial has.</summary>
    private static int Readers(ScenarioInfo scenario) => Math.Min(Environment.ProcessorCount, scenario.Consumers.Groups * scenario.Consumers.Count);

    /// <summary>What producers do, and how fast.</summary>
    private static string LoadKey(ScenarioInfo scenario) =>
        $"{scenario.Message} {scenario.Producers} {scenario.Topic.Partitions} {string.Join(' ', scenario.Load)}";

    private static string BareKey(ScenarioInfo scenario) =>
        $"{(AnswerProbe.IsFor(scenario) ? LoadKey(scenario) : "")} {scenario.Consumers.Mode is "none" or "reread"} {(scenario.Consumers.Mode == "reread" ? Readers(scenario) : 0)} {scenario.Producers.BatchBytes} {scenario.Topic.Config["retention.bytes"]} {scenario.Topic.Config["segment.bytes"]}";

    private static long TopicBytes(ScenarioInfo scenario, string name) => long.Parse(scenario.Topic.Config[name], CultureInfo.InvariantCulture);
}

/// <summary>Messages a second that the generator reaches with nothing behind it; the second null without a consumer.</summary>
internal sealed record GeneratorCeilings(double? NullSinkPerSecond, double? NullSourcePerSecond);

/// <summary>What the machine carried at one moment, in wire bytes a second.</summary>
/// <param name="BrokerCpuSecondsPerGigabyte">CPU time in the broker's place for 10^9 of these bytes, of the bare pipeline or the stage; null where the load's batches are not what it carries.</param>
/// <param name="StageKind">The stage that was measured in place of the whole; null where that was.</param>
internal sealed record PipelinePass(double? BareBytesPerSecond, double? CheckedBytesPerSecond, double? BrokerCpuSecondsPerGigabyte, string? StageKind = null, double? StageBytesPerSecond = null)
{
    /// <summary>Of an open load, what publishing took where nothing but an answer was in its way.</summary>
    public AnswerPass? Answer { get; init; }

    public static PipelinePass Mean(PipelinePass one, PipelinePass other) => new(
        (one.BareBytesPerSecond + other.BareBytesPerSecond) / 2,
        (one.CheckedBytesPerSecond + other.CheckedBytesPerSecond) / 2,
        (one.BrokerCpuSecondsPerGigabyte + other.BrokerCpuSecondsPerGigabyte) / 2,
        one.StageKind,
        (one.StageBytesPerSecond + other.StageBytesPerSecond) / 2)
    {
        Answer = one.Answer is null || other.Answer is null ? null : AnswerPass.Merge(one.Answer, other.Answer),
    };
}
