using Engine.Wire;
using Results;

namespace Harness.Load;

/// <summary>What a scenario asks of the generator, in the generator's terms. What it cannot do is refused here, before anything is started.</summary>
internal sealed record LoadPlan
{
    private const long NanosPerSecond = 1_000_000_000;

    public required long Seed { get; init; }
    public required int ValueBytes { get; init; }
    public required int Partitions { get; init; }
    public required int Producers { get; init; }
    public required int BatchBytes { get; init; }
    public required long LingerNanos { get; init; }
    public required Acks Acks { get; init; }
    public required int InFlight { get; init; }

    /// <summary>Consumers in each group; 0 when nothing is consumed.</summary>
    public required int ConsumersPerGroup { get; init; }
    public required int Groups { get; init; }
    public required long BacklogBytes { get; init; }
    public required VerifyInfo Checks { get; init; }

    public static LoadPlan From(ScenarioInfo scenario)
    {
        Require(scenario.Producers.Client == "native", "producers.client", scenario.Producers.Client, "native");
        Require(scenario.Producers.Compression == "none", "producers.compression", scenario.Producers.Compression, "none");
        Require(scenario.Consumers.Client == "native", "consumers.client", scenario.Consumers.Client, "native");
        Require(scenario.Consumers.Mode is "tail" or "none", "consumers.mode", scenario.Consumers.Mode, "tail or none");
        Require(scenario.Message.Key == "none", "message.key", scenario.Message.Key, "none");
        Require(scenario.Message.Payload == "random", "message.payload", scenario.Message.Payload, "random");
        foreach (LoadPhaseInfo phase in scenario.Load)
        {
            Require(phase.Shape == "saturate", "load", phase.Shape, "saturate");
        }

        bool consuming = scenario.Consumers.Mode != "none" && scenario.Consumers.Count > 0;
        return new LoadPlan
        {
            Seed = scenario.Seed,
            ValueBytes = scenario.Message.SizeBytes,
            Partitions = scenario.Topic.Partitions,
            Producers = scenario.Producers.Count,
            BatchBytes = scenario.Producers.BatchBytes,
            LingerNanos = (long)(scenario.Producers.LingerSeconds * NanosPerSecond),
            Acks = ParseAcks(scenario.Producers.Acks),
            InFlight = scenario.Producers.InFlight,
            ConsumersPerGroup = consuming ? Math.Min(scenario.Consumers.Count, scenario.Topic.Partitions) : 0,
            Groups = consuming ? Math.Max(1, scenario.Consumers.Groups) : 0,
            BacklogBytes = scenario.Consumers.BacklogBytes,
            Checks = scenario.Verify,
        };
    }

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
        LingerNanos = LingerNanos,
        Acks = Acks,
        InFlight = InFlight,
    };

    /// <summary>The options of one consumer of a group: every n-th partition is its own.</summary>
    public ConsumerOptions ConsumerOptions(int consumer, string topic)
    {
        int[] partitions = [.. Enumerable.Range(0, Partitions).Where(partition => partition % ConsumersPerGroup == consumer)];
        return new ConsumerOptions { Topic = topic, Partitions = partitions };
    }

    public ILoadShape Shape(int producer, Backlog backlog) => new SaturateShape(Seed, producer, Partitions, ValueBytes, backlog);

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
