using Engine.Wire;
using Results;

namespace Harness.Load;

/// <summary>What a scenario asks of the generator, in the generator's terms. What it cannot do is refused here, before anything is started.</summary>
internal sealed record LoadPlan
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int DefaultStampsPerBatch = 256;
    private const double UnreachableRatePerProducer = 100e6;

    public required long Seed { get; init; }
    public required int ValueBytes { get; init; }
    public required int Partitions { get; init; }
    public required int Producers { get; init; }
    public required int BatchBytes { get; init; }
    public required int BatchRecords { get; init; }
    public required long LingerNanos { get; init; }
    public required Acks Acks { get; init; }
    public required int InFlight { get; init; }
    public required CompressionType Compression { get; init; }

    /// <summary>Warm-up, the phases that count, and the last one's shape going on: one after another.</summary>
    public required IReadOnlyList<LoadPhase> Phases { get; init; }

    /// <summary>How long the first phase is not counted.</summary>
    public required long WarmupNanos { get; init; }

    /// <summary>How long the phases are that count.</summary>
    public required long CountedNanos { get; init; }

    /// <summary>Consumers in each group; 0 when nothing is consumed.</summary>
    public required int ConsumersPerGroup { get; init; }
    public required int Groups { get; init; }
    public required long BacklogBytes { get; init; }

    /// <summary>The most that is asked of a partition at once; null for the consumer's default.</summary>
    public int? FetchBytes { get; init; }

    /// <summary>True for consumers that begin with the counted window, at the log's first message.</summary>
    public required bool CatchUp { get; init; }
    public required VerifyInfo Checks { get; init; }

    /// <summary>True when time decides what is sent, not only the broker: then the counted window is part of the schedule.</summary>
    public bool IsScheduled => Phases.Any(static phase => phase.Shape != PhaseShape.Saturate);

    public bool HasOpenPhase => Phases.Any(static phase => phase.IsOpen);

    /// <summary>True when messages of a counted phase have no intended time.</summary>
    public bool HasClosedPhase => Phases.Any(static phase => phase.IsClosed);

    /// <exception cref="ArgumentException">The scenario asks for what the generator cannot do; one line says what.</exception>
    /// <exception cref="MissingCodecException">Its compression needs a library that is not installed.</exception>
    public static LoadPlan From(ScenarioInfo scenario)
    {
        Require(scenario.Producers.Client == "native", "producers.client", scenario.Producers.Client, "native");
        Require(scenario.Consumers.Client == "native", "consumers.client", scenario.Consumers.Client, "native");
        Require(
            scenario.Consumers.Mode is "tail" or "catch-up" or "cold" or "none", "consumers.mode", scenario.Consumers.Mode, "tail, catch-up, cold or none");
        Require(scenario.Message.Key == "none", "message.key", scenario.Message.Key, "none");
        Require(scenario.Message.Payload == "random", "message.payload", scenario.Message.Payload, "random");
        bool consuming = scenario.Consumers.Mode != "none" && scenario.Consumers.Count > 0;
        LoadPhase[] counted = [.. scenario.Load.Select(LoadPhase.From)];
        long warmupNanos = LoadPhase.Nanos(scenario.WarmupSeconds);
        return new LoadPlan
        {
            Seed = scenario.Seed,
            ValueBytes = scenario.Message.SizeBytes,
            Partitions = scenario.Topic.Partitions,
            Producers = scenario.Producers.Count,
            BatchBytes = scenario.Producers.BatchBytes,
            BatchRecords = scenario.Producers.BatchRecords ?? int.MaxValue,
            LingerNanos = (long)(scenario.Producers.LingerSeconds * NanosPerSecond),
            Acks = ParseAcks(scenario.Producers.Acks),
            InFlight = scenario.Producers.InFlight,
            Compression = ParseCompression(scenario.Producers.Compression),
            Phases = WithEnds(counted, warmupNanos),
            WarmupNanos = warmupNanos,
            CountedNanos = counted.Sum(static phase => phase.LengthNanos),
            ConsumersPerGroup = consuming ? Math.Min(scenario.Consumers.Count, scenario.Topic.Partitions) : 0,
            Groups = consuming ? Math.Max(1, scenario.Consumers.Groups) : 0,
            CatchUp = scenario.Consumers.Mode is "catch-up" or "cold",
            BacklogBytes = scenario.Consumers.BacklogBytes,
            FetchBytes = scenario.Consumers.FetchBytes,
            Checks = scenario.Verify,
        };
    }

    /// <summary>
    /// The same with a load that shows what the producers can do: an open schedule beyond what any thread sends, a closed loop that
    /// never waits for an answer.
    /// </summary>
    public LoadPlan ForCeiling()
    {
        LoadPhase phase = HasOpenPhase
            ? new LoadPhase(PhaseShape.Inject, LoadPhase.ForEver, Math.Min(EvenDueTimes.RateMax, UnreachableRatePerProducer * Producers))
            : Phases.Any(static phase => phase.Shape == PhaseShape.KeepConstant)
                ? new LoadPhase(PhaseShape.KeepConstant, LoadPhase.ForEver, Copies: int.MaxValue)
                : new LoadPhase(PhaseShape.Saturate, LoadPhase.ForEver);
        return this with { Phases = [phase], WarmupNanos = 0 };
    }

    /// <summary>For sentences about batches: " compressed with gzip", or nothing.</summary>
    public string CompressedBy => Compression == CompressionType.None ? "" : $" compressed with {RecordCodec.NameOf(Compression)}";

    public VerifierOptions VerifierOptions(int groups) => new()
    {
        Seed = Seed,
        ValueBytes = ValueBytes,
        Partitions = Partitions,
        Producers = Producers,
        Groups = groups,
        Acks = Acks,
        Checks = Checks,
    };

    public ProducerOptions ProducerOptions(int producer, string topic) => new()
    {
        ProducerIndex = producer,
        Topic = topic,
        Partitions = Partitions,
        BatchBytes = BatchBytes,
        BatchRecords = BatchRecords,
        LingerNanos = LingerNanos,
        Acks = Acks,
        InFlight = InFlight,
        Compression = Compression,
        StampsPerBatch = StampsPerBatch,
    };

    /// <summary>The options of one consumer of a group: every n-th partition is its own.</summary>
    public ConsumerOptions ConsumerOptions(int consumer, string topic)
    {
        int[] partitions = [.. Enumerable.Range(0, Partitions).Where(partition => partition % ConsumersPerGroup == consumer)];
        ConsumerOptions options = new() { Topic = topic, Partitions = partitions, FromBeginning = CatchUp };
        return FetchBytes is { } bytes ? options with { PartitionMaxBytes = bytes, MaxBytes = Math.Max(options.MaxBytes, bytes) } : options;
    }

    /// <summary>An open schedule gives each message a stamp of its own; room for them is made before the load begins.</summary>
    private int StampsPerBatch => HasOpenPhase
        ? Math.Max(1, (BatchBytes - RecordBatch.HeaderBytes) / (RecordBatch.RecordBytesMin + ValueBytes))
        : DefaultStampsPerBatch;

    /// <summary>Warm-up comes with the shape of the first phase; the shape of the last goes on until it is stopped.</summary>
    private static LoadPhase[] WithEnds(LoadPhase[] counted, long warmupNanos)
    {
        if (counted is not [var first, ..])
        {
            throw new ArgumentException("load: there is nothing to do");
        }

        if (first.Shape == PhaseShape.Pause)
        {
            throw new ArgumentException("load: a pause cannot come first: nothing would have been sent before it");
        }

        LoadPhase last = counted[^1].Steady(LoadPhase.ForEver);
        return warmupNanos > 0 ? [first.Steady(warmupNanos), .. counted, last] : [.. counted, last];
    }

    /// <summary>A codec whose library is missing is found missing before anything is started.</summary>
    private static CompressionType ParseCompression(string name)
    {
        bool known = RecordCodec.TryParse(name, out CompressionType type);
        Require(known, "producers.compression", name, "none, gzip, snappy, lz4 and zstd");
        if (type != CompressionType.None)
        {
            using RecordCodec codec = RecordCodec.Create(type);
        }

        return type;
    }

    private static Acks ParseAcks(string acks) => acks switch
    {
        "none" => Acks.None,
        "leader" => Acks.Leader,
        "all" => Acks.All,
        _ => throw new ArgumentException($"producers.acks: '{acks}' is not none, leader or all"),
    };

    private static void Require(bool met, string key, string value, string possible)
    {
        if (!met)
        {
            throw new ArgumentException($"{key}: the load generator cannot do '{value}'; it can do {possible}");
        }
    }
}
