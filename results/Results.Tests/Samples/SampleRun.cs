using System.Globalization;

namespace Results.Samples;

/// <summary>
/// Result documents with the figures a real run has: 20 million messages a second for half a minute, with ripple, a stall,
/// and a latency tail. Deterministic, so that what is rendered from them can be compared byte by byte.
/// </summary>
internal static class SampleRun
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 15, 30, 0, TimeSpan.Zero);

    /// <summary>One target, one trial, the claim reached.</summary>
    public static RunResult Reproduced()
    {
        const string sentence =
            "Reproduced here: the engine carried 20.7 M msg/s at 621 MB/s of values, every message verified: 103 % of the claim, "
            + "53 % of what this machine's bare pipeline carries, limited by the CPU of the machine; ring in memory, acks leader, no fsync.";
        return Build([SampleTrial.Build(0, "engine", 20.9e6)], Verdict(VerdictKind.Reproduced, sentence));
    }

    /// <summary>What a small machine answers: the default run of one short trial.</summary>
    public static RunResult QuickNotReproduced()
    {
        const string sentence =
            "Not reproduced here: the engine carried 12.3 M msg/s at 369 MB/s of values: 61 % of the claim, "
            + "31 % of what this machine's bare pipeline carries, limited by the CPU of the machine.";
        return Build([SampleTrial.Build(0, "engine", 12.4e6)], Verdict(VerdictKind.NotReproduced, sentence)) with { Quick = true };
    }

    /// <summary>A broker that lost, doubled and damaged messages.</summary>
    public static RunResult Invalid()
    {
        Trial trial = SampleTrial.Build(0, "engine", 20.9e6);
        trial = trial with
        {
            Verification = trial.Verification with
            {
                Lost = 2,
                Duplicated = 1,
                Damaged = 1,
                Delivered = trial.Verification.Delivered - 1,
                Violations =
                [
                    new("lost", 0, 4_194_303, 1, 4_194_302, 2, "acknowledged, and never delivered"),
                    new("duplicated", 0, 9_000_001, 1, 9_000_000, 1, "delivered before at offset 8999999"),
                    new("damaged", 0, 12_345_678, 1, 12_345_677, 1, "byte 23 of 30 is 0x5b; 0x5a was sent (batch checksum intact)"),
                ],
            },
        };
        Verdict verdict = Verdict(
            VerdictKind.Invalid,
            "Invalid: the engine lost 2, doubled 1 and damaged 1 of 714,824,237 messages; no figure of this run stands.")[0];
        return Build([trial], [verdict with { Evidence = ["lost: 2, the first at offset 4194303 of partition 0", "damaged: 1, at offset 12345678 of partition 0"] }])
            with
        { Outcome = new RunOutcome(RunStatus.Completed, ExitCodes.Invalid, null) };
    }

    /// <summary>Ctrl-C in the counted window.</summary>
    public static RunResult Interrupted()
    {
        Trial trial = SampleTrial.Build(0, "engine", 18e6, windowSeconds: 8);
        trial = trial with
        {
            Status = TrialStatus.Interrupted,
            Cause = "interrupted by the user",
            EndedAtSecond = 13.2,
            Verification = trial.Verification with { Complete = false },
        };
        return Build([trial], []) with { Outcome = new RunOutcome(RunStatus.Interrupted, ExitCodes.Interrupted, "interrupted by the user (SIGINT)") };
    }

    /// <summary>Nothing was measured: the target did not start.</summary>
    public static RunResult WithoutTrials() => Build([], []) with
    {
        Ceilings = [],
        Targets = [],
        Outcome = new RunOutcome(RunStatus.Failed, ExitCodes.Environment, "the engine did not answer on 127.0.0.1:9092 within 10 s"),
    };

    /// <summary>The machine alone: a figure of each unit, and one that could not be measured.</summary>
    public static RunResult Probed() => WithoutTrials() with
    {
        Name = "probe",
        Title = "Ceilings of this machine",
        Outcome = new RunOutcome(RunStatus.Completed, ExitCodes.Passed, null),
        Probe = new ProbeInfo
        {
            Version = 1,
            MeasuredUtc = new DateTimeOffset(2026, 11, 22, 15, 0, 0, TimeSpan.Zero),
            Seconds = 36.5,
            Cached = true,
            Conditions = ["3 rounds", "recycled pages"],
            Figures =
            [
                new ProbeFigure
                {
                    Kind = "page-cache-to-socket-sendfile", Group = "sockets", Name = "page cache → socket: sendfile", BlockBytes = 524_288, Unit = ProbeUnit.BytesPerSecond,
                    Median = 3.7e9, Passes = [3.5e9, 3.7e9, 3.9e9], CpuSecondsPerGigabyte = 0.26, ServingCpuSecondsPerGigabyte = 0.06,
                },
                new ProbeFigure { Kind = "encode-records", Group = "memory", Name = "encode records", Unit = ProbeUnit.RecordsPerSecond, Median = 84e6, Passes = [84e6] },
                new ProbeFigure { Kind = "clock", Group = "memory", Name = "reading the clock", Unit = ProbeUnit.Nanoseconds, Median = 29.6, Passes = [29.6] },
                new ProbeFigure { Kind = "fsync-p50", Group = "disk", Name = "fdatasync, median", BlockBytes = 4096, Unit = ProbeUnit.Nanoseconds, Median = 124_000, Passes = [124_000] },
                new ProbeFigure
                {
                    Kind = "disk-random-read-direct", Group = "disk", Name = "random read, direct", BlockBytes = 4096, Unit = ProbeUnit.BytesPerSecond, Passes = [],
                    NotMeasurable = "tmpfs lies in memory",
                },
            ],
        },
    };

    /// <summary>Two brokers, interleaved A B B A.</summary>
    public static RunResult TwoTargets()
    {
        RunResult run = Build(
            [
                SampleTrial.Build(0, "engine", 20.9e6),
                SampleTrial.Build(1, "kafka", 3.9e6),
                SampleTrial.Build(2, "kafka", 3.8e6),
                SampleTrial.Build(3, "engine", 21.2e6),
            ],
            [
                .. Verdict(VerdictKind.Reproduced, "Reproduced here: the engine carried 20.9 M msg/s at 626 MB/s of values."),
                new Verdict
                {
                    Id = "C1", Target = "kafka", Kind = VerdictKind.NotReproduced, Evidence = ["19 % of the claim's 20 M msg/s"],
                    Sentence = "Not reproduced here: Apache Kafka 4.3.0 carried 3.82 M msg/s at 115 MB/s of values.",
                },
            ]);
        return run with
        {
            Targets =
            [
                .. run.Targets,
                new TargetInfo
                {
                    Name = "kafka",
                    Product = "Apache Kafka",
                    Version = "4.3.0",
                    Configuration = new Dictionary<string, string> { ["log.segment.bytes"] = "268435456" },
                },
            ],
            Scenario = run.Scenario with { Targets = ["engine", "kafka"], Repeat = 2 },
        };
    }

    private static IReadOnlyList<Verdict> Verdict(VerdictKind kind, string sentence) =>
    [
        new Verdict
        {
            Id = "C1",
            Target = "engine",
            Kind = kind,
            Sentence = sentence,
            Evidence =
            [
                "consumed and verified: 20.7 M msg/s, the claim says 20 M msg/s",
                "values: 621 MB/s, the claim says 600 MB/s",
                "verification: 714,824,237 acknowledged, every one delivered once, in order, every byte compared",
                "bare pipeline of this run: 1.49 GB/s on the wire; this run: 787 MB/s, 53 %",
                "generator: 49 % of the null sink, 31 % of the null source; in-flight window full 97 % of the time",
            ],
        },
    ];

    private static RunResult Build(IReadOnlyList<Trial> trials, IReadOnlyList<Verdict> verdicts) => new()
    {
        SchemaVersion = RunResult.CurrentSchemaVersion,
        Id = RunFolder.MakeId(Start, "kafka-20m"),
        Name = "kafka-20m",
        Title = "20 million messages a second at 600 MB/s on one node",
        Command = "./run-bench.sh run scenarios/claims/kafka-20m.yaml",
        StartedUtc = Start,
        EndedUtc = Start.AddSeconds(68),
        Outcome = new RunOutcome(RunStatus.Completed, ExitCodes.Passed, null),
        Tool = new ToolInfo
        {
            Version = "0.1.0",
            Commit = "4f1c2d9e8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d",
            Runtime = ".NET 10.0.1",
            Settings = new Dictionary<string, string> { ["gc.server"] = "false", ["gc.concurrent"] = "false", ["tiered.pgo"] = "true" },
        },
        Scenario = Scenario(),
        Machine = SampleMachine.Build(),
        Targets =
        [
            new TargetInfo
            {
                Name = "engine",
                Product = "Engine",
                Version = "0.1.0 (4f1c2d9)",
                Configuration = new Dictionary<string, string>
                {
                    ["log.segment.bytes"] = "268435456",
                    ["log.retention.bytes"] = "2147483648",
                    ["log.flush.interval.messages"] = long.MaxValue.ToString(CultureInfo.InvariantCulture),
                    ["num.network.threads"] = "1",
                    ["record.validation"] = "batch",
                    ["socket.request.max.bytes"] = "104857600",
                },
            },
        ],
        Ceilings = SampleMachine.Ceilings(),
        Trials = trials,
        Verdicts = verdicts,
        Notes =
        [
            "Generator and broker share the CPUs of this machine.",
            "Hardware counters are not measurable here: the virtual machine has none.",
        ],
    };

    private static ScenarioInfo Scenario() => new()
    {
        File = "scenarios/claims/kafka-20m.yaml",
        Name = "kafka-20m",
        Title = "20 million messages a second at 600 MB/s on one node",
        Claim = "C1",
        Targets = ["engine"],
        Seed = 42,
        Topic = new TopicInfo(1, 1, new Dictionary<string, string> { ["retention.bytes"] = "2147483648", ["segment.bytes"] = "268435456" }),
        Message = new MessageInfo(30, "none", "random"),
        Producers = new ProducersInfo(1, "native", 512 * 1024, 0.005, "leader", 5, "none"),
        Consumers = new ConsumersInfo(1, 1, "native", "tail", 32 << 20),
        Load = [new LoadPhaseInfo("saturate", 30, null)],
        WarmupSeconds = 5,
        Repeat = 1,
        Verify = new VerifyInfo(true, true, true, true),
        Expect = ["consume.rate >= 20M/s", "consume.bytes >= 600MB/s"],
    };
}
