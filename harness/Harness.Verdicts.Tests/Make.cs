using Results;

namespace Harness.Verdicts.Tests;

/// <summary>Results to be judged: a good run, of which a test changes what it is about.</summary>
internal static class Make
{
    private const double WindowSeconds = 10;
    private const int FramingBytes = 8;

    /// <summary>A run of the headline's scenario with a trial for each given rate in messages a second.</summary>
    public static RunResult Run(params double[] rates) => new()
    {
        SchemaVersion = RunResult.CurrentSchemaVersion,
        Id = "20260101T000000Z-x",
        Name = "x",
        Command = "./run-bench.sh",
        StartedUtc = DateTimeOffset.UnixEpoch,
        EndedUtc = DateTimeOffset.UnixEpoch,
        Outcome = new RunOutcome(RunStatus.Completed, 0, null),
        Tool = new ToolInfo { Version = "0", Runtime = ".NET", Settings = new Dictionary<string, string>() },
        Scenario = Scenario(rates.Length),
        Machine = Machine(),
        Targets = [new TargetInfo { Name = "engine", Product = "engine", Version = "0", Configuration = new Dictionary<string, string>() }],
        Ceilings = [new Ceiling { Kind = CeilingKinds.NullSink, Description = "", BytesPerSecond = 2e9, MessagesPerSecond = 50e6, PassesBytesPerSecond = [2e9] }],
        Trials = [.. rates.Select((rate, index) => Trial(index, rate))],
        Verdicts = [],
        Notes = [],
    };

    /// <summary>
    /// Variants of one point in blocks A B … B A, all on the engine: of each the rate in each block, which both of its trials there had.
    /// </summary>
    public static RunResult Interleaved(params (string Name, double[] Rates)[] variants)
    {
        List<Trial> trials = [];
        for (int block = 0; block < variants[0].Rates.Length; block++)
        {
            (string Name, double[] Rates)[] thereAndBack = [.. variants, .. variants.Reverse()];
            foreach ((string name, double[] rates) in thereAndBack)
            {
                trials.Add(Trial(trials.Count, rates[block]) with { Block = block, Variant = name });
            }
        }

        RunResult run = Run() with { Trials = trials, Scenario = Scenario(variants[0].Rates.Length) };
        return run with { Variants = [.. variants.Select(v => Variant(v.Name) with { Target = "engine", Scenario = run.Scenario })] };
    }

    /// <summary>A variant that is a target and nothing else.</summary>
    public static VariantInfo Variant(string name) => new()
    {
        Name = name,
        Label = name,
        Target = name,
        Point = 0,
        Settings = new Dictionary<string, string>(),
        Scenario = Scenario(1),
    };

    /// <summary>The run with one of its variants changed.</summary>
    public static RunResult WithVariant(this RunResult run, int variant, Func<VariantInfo, VariantInfo> change) =>
        run with { Variants = [.. run.Variants.Select((v, i) => i == variant ? change(v) : v)] };

    public static RunResult With(this RunResult run, int trial, Func<Trial, Trial> change) =>
        run with { Trials = [.. run.Trials.Select((t, i) => i == trial ? change(t) : t)] };

    public static RunResult WithAll(this RunResult run, Func<Trial, Trial> change) => run with { Trials = [.. run.Trials.Select(change)] };

    public static Trial Limited(Trial trial) =>
        trial with { GeneratorLimits = trial.GeneratorLimits with { GeneratorLimited = true, Reason = "test" } };

    public static Trial Trial(int index, double rate)
    {
        FlowTotals flow = Flow((long)(rate * WindowSeconds), 30);
        return new Trial
        {
            Index = index,
            Block = index,
            Target = "engine",
            StartedUtc = DateTimeOffset.UnixEpoch,
            Status = TrialStatus.Completed,
            WarmupSeconds = 4,
            WindowSeconds = WindowSeconds,
            Sent = flow,
            Acknowledged = flow,
            Consumed = flow,
            Series = [],
            Latency = new LatencyInfo { ClosedLoop = true, StampResolutionMicros = 10, Publish = Histogram(1000), EndToEnd = Histogram(2000), SealedPublish = Histogram(100), SealedEndToEnd = Histogram(200) },
            Verification = Verified(flow.Messages),
            Broker = Usage(0.9, allocatedBytes: 0),
            Generator = Usage(1.05, allocatedBytes: flow.Messages / 100),
            GeneratorLimits = new GeneratorLimits { InFlightFullShare = 0.9, NullSinkShare = 0.4, GeneratorLimited = false },
            Storage = new StorageInfo
            {
                Regime = StorageRegime.RingInMemory,
                AcceptedBytes = 1,
                DirtyPeakBytes = 1,
                DirtyLimitBytes = 10,
                Sentence = "2 % reached the device",
            },
            StealShare = 0,
            BarePipelineBytesPerSecond = 1e9,
            BarePipelineShare = rate * (30 + FramingBytes) / 1e9,
            Trend = 0,
            Steady = true,
            LimitedBy = "CPU of the machine: both full",
        };
    }

    public static FlowTotals Flow(long messages, int valueBytes) => new(messages, messages * valueBytes, messages * (valueBytes + FramingBytes), messages / 1000);

    public static LatencyHistogram Histogram(long p99Micros) => new()
    {
        Count = 100,
        MeanMicros = p99Micros / 2.0,
        MinMicros = 1,
        P50Micros = p99Micros / 2,
        P90Micros = p99Micros,
        P99Micros = p99Micros,
        P999Micros = p99Micros * 2,
        P9999Micros = p99Micros * 2,
        MaxMicros = p99Micros * 3,
        HdrV2Base64 = "",
    };

    private static Verification Verified(long messages) => new()
    {
        Depth = "every byte of every value",
        Sent = messages,
        Acknowledged = messages,
        Delivered = messages,
        Lost = 0,
        Duplicated = 0,
        Reordered = 0,
        Damaged = 0,
        Unacknowledged = 0,
        Complete = true,
        Violations = [],
    };

    private static ProcessUsage Usage(double cpus, long allocatedBytes) => new()
    {
        UserSeconds = cpus * WindowSeconds / 2,
        SystemSeconds = cpus * WindowSeconds / 2,
        CpuShare = cpus,
        AnonymousPeakBytes = 64_000_000,
        ResidentPeakBytes = 0,
        VoluntarySwitches = 0,
        InvoluntarySwitches = 0,
        MinorFaults = 0,
        MajorFaults = 0,
        AllocatedBytes = allocatedBytes,
    };

    private static ScenarioInfo Scenario(int repeat) => new()
    {
        Name = "x",
        Claim = "C1",
        Targets = ["engine"],
        Seed = 42,
        Topic = new TopicInfo(1, 1, new Dictionary<string, string>()),
        Message = new MessageInfo(30, "none", "random"),
        Producers = new ProducersInfo(1, "native", 512 * 1024, 0.005, "leader", 5, "none"),
        Consumers = new ConsumersInfo(1, 1, "native", "tail", 32 << 20),
        Load = [new LoadPhaseInfo("saturate", WindowSeconds, null)],
        WarmupSeconds = 4,
        Repeat = repeat,
        Verify = new VerifyInfo(true, true, true, true),
        Expect = [],
    };

    private static MachineInfo Machine() => new()
    {
        Cpu = new CpuInfo { Model = "m", Count = 2 },
        Memory = new MemoryInfo
        {
            TotalBytes = 1,
            AvailableBytes = 1,
            SwapBytes = 0,
            DirtyBackgroundBytes = 1,
            DirtyLimitBytes = 2,
            DirtyExpireSeconds = 30,
        },
        Disk = new DiskInfo { Filesystem = "ext4", MountOptions = "", FreeBytes = 1 },
        Kernel = new KernelInfo { Release = "6", Architecture = "x64", LoadAverage = 0, OpenFilesLimit = 1 },
        Fingerprint = "f",
    };
}
