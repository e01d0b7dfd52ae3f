namespace Results.Samples;

/// <summary>Runs that compare: two variants of the engine in seven interleaved blocks, and a matrix of sizes over two targets.</summary>
internal static class SampleVariants
{
    private const int WindowSeconds = 10;

    /// <summary>How the machine's pace wanders from block to block, the same for whoever runs in it.</summary>
    private static readonly double[] Pace = [1.00, 0.97, 1.02, 0.99, 1.03, 0.98, 1.01];

    /// <summary>What the candidate's own luck adds to it.</summary>
    private static readonly double[] Luck = [1.004, 0.991, 1.012, 0.997, 1.002, 0.988, 1.006];

    private static readonly (string Metric, double Ratio)[] CopyAgainstSendfile =
    [
        ("produce.rate", 0.912), ("consume.rate", 0.912), ("publish.p50", 1.01), ("publish.p99", 1.01), ("e2e.p50", 1.01), ("e2e.p99", 1.01),
        ("broker.cpu-per-gb", 2.08), ("broker.memory", 1.00),
    ];

    /// <summary>sendfile and copy in seven blocks A B B A; the second compresses, and its latencies are of a closed loop.</summary>
    public static RunResult SevenBlocks()
    {
        RunResult run = SampleRun.Reproduced();
        VariantInfo sendfile = Variant(run, "sendfile", "engine", 7);
        VariantInfo copy = Variant(run, "copy", "engine+technique.transfer=copy", 7);
        copy = copy with { Scenario = copy.Scenario with { Producers = copy.Scenario.Producers with { Compression = "lz4" } } };
        List<Trial> trials = [];
        for (int block = 0; block < Pace.Length; block++)
        {
            foreach (VariantInfo variant in (VariantInfo[])[sendfile, copy, copy, sendfile])
            {
                double rate = 20.9e6 * Pace[block] * (variant == copy ? 0.912 * Luck[block] : 1);
                trials.Add(Trial(trials.Count, block, variant, rate, variant == copy ? 1.9 : 1));
            }
        }

        return run with
        {
            Title = "What sendfile is worth",
            Scenario = sendfile.Scenario,
            Variants = [sendfile, copy],
            Targets = [run.Targets[0], run.Targets[0] with { Name = copy.Target }],
            Trials = trials,
            Comparisons = [.. CopyAgainstSendfile.Select(c => Compare(c.Metric, sendfile, copy, c.Ratio, blocks: 7, "copy has compression lz4 instead of none"))],
            Verdicts =
            [
                Verdict(sendfile, VerdictKind.Passed, "passed (sendfile on engine): expected consume.rate >= 20M/s; consume.rate 20.7 M msg/s"),
                Verdict(copy, VerdictKind.Failed, "failed (copy on engine+technique.transfer=copy): expected consume.rate >= 20M/s; consume.rate 18.9 M msg/s"),
            ],
        };
    }

    /// <summary>Three message sizes, two targets each, in the quick form.</summary>
    public static RunResult Matrix()
    {
        RunResult run = SampleRun.Reproduced();
        List<VariantInfo> variants = [];
        List<Trial> trials = [];
        List<Comparison> comparisons = [];
        string[] sizes = ["30B", "100B", "1KiB"];
        for (int point = 0; point < sizes.Length; point++)
        {
            Dictionary<string, string> settings = new() { ["message.size"] = sizes[point] };
            VariantInfo engine = Variant(run, $"engine, message.size {sizes[point]}", "engine", 1) with { Label = "engine", Point = point, Settings = settings };
            VariantInfo kafka = Variant(run, $"kafka, message.size {sizes[point]}", "kafka", 1) with { Label = "kafka", Point = point, Settings = settings };
            variants.AddRange([engine, kafka]);
            comparisons.Add(Compare("consume.rate", engine, kafka, 0.185, blocks: 1, null));
            foreach (VariantInfo variant in (VariantInfo[])[engine, kafka, kafka, engine])
            {
                trials.Add(Trial(trials.Count, 0, variant, (variant == engine ? 20.9e6 : 3.87e6) / (point + 1), variant == engine ? 1 : 6));
            }
        }

        return run with
        {
            Quick = true,
            Title = "Message sizes",
            Scenario = variants[0].Scenario,
            Variants = variants,
            Trials = trials,
            Comparisons = comparisons,
            Verdicts = [],
        };
    }

    private static VariantInfo Variant(RunResult run, string name, string target, int repeat) => new()
    {
        Name = name,
        Label = name,
        Target = target,
        Point = 0,
        Settings = new Dictionary<string, string>(),
        Scenario = run.Scenario with { Targets = [target], Repeat = repeat, Claim = null, Load = [new LoadPhaseInfo("saturate", WindowSeconds, null)] },
    };

    private static Trial Trial(int index, int block, VariantInfo variant, double rate, double brokerCost)
    {
        // The histograms of one trial stand for all of its variant: to make them anew for each would take the tests seconds.
        LatencyInfo latency = SampleTrial.Build(0, variant.Target, brokerCost > 1 ? 19e6 : 20.9e6, WindowSeconds).Latency;
        Trial trial = SampleTrial.Build(index, variant.Target, rate, WindowSeconds, latency);
        return trial with
        {
            Block = block,
            Variant = variant.Name,
            Broker = trial.Broker with { UserSeconds = trial.Broker.UserSeconds * brokerCost, SystemSeconds = trial.Broker.SystemSeconds * brokerCost },
        };
    }

    private static Comparison Compare(string metric, VariantInfo baseline, VariantInfo candidate, double ratio, int blocks, string? differences)
    {
        double[] logs = [.. Luck.Take(blocks).Select(luck => Math.Log(ratio * luck))];
        bool interval = blocks >= 6;
        string? caution = metric.StartsWith("e2e", StringComparison.Ordinal) || metric.StartsWith("publish", StringComparison.Ordinal)
            ? "closed loop: a stall delays the next message unseen"
            : null;
        string certainty = interval ? FormattableString.Invariant($"95 % interval {ratio * 0.99:0.000} to {ratio * 1.01:0.000}, {blocks} blocks") : "quick: no interval; 1 block";
        string sentence = FormattableString.Invariant($"{metric} of {candidate.Name} is {ratio:0.000} times that of {baseline.Name} ({certainty})");
        return new Comparison
        {
            Metric = metric,
            Point = candidate.Point,
            Baseline = baseline.Name,
            Candidate = candidate.Name,
            LogRatios = logs,
            Ratio = ratio,
            RatioLow = interval ? ratio * 0.99 : null,
            RatioHigh = interval ? ratio * 1.01 : null,
            Caution = caution,
            Sentence = sentence + (caution is null ? "" : $"; {caution}") + (differences is null ? "" : $"; {differences}"),
        };
    }

    private static Verdict Verdict(VariantInfo variant, VerdictKind kind, string sentence) => new()
    {
        Id = "consume.rate >= 20M/s",
        Target = variant.Target,
        Variant = variant.Name,
        Kind = kind,
        Sentence = sentence,
        Evidence = ["95 % interval of the median: 18.4 M msg/s to 21.3 M msg/s"],
    };
}
