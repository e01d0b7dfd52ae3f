using Engine.Wire;
using Results;

namespace Harness.Load;

/// <summary>What a scenario of replayed batches asks of the generator. What it cannot do is refused here, before anything is started.</summary>
internal sealed record ReplayPlan
{
    public const string ProducerClient = "replay";
    public const string ConsumerClient = "raw";

    private const int FetchBytesDefault = 2 << 20;

    public required long Seed { get; init; }
    public required int ValueBytes { get; init; }
    public required int Partitions { get; init; }

    /// <summary>Threads that produce, each with so many connections.</summary>
    public required int Producers { get; init; }
    public required int ConnectionsPerProducer { get; init; }
    public required int BatchBytes { get; init; }

    /// <summary>Of each connection.</summary>
    public required int InFlight { get; init; }
    public required Acks Acks { get; init; }
    public required CompressionType Compression { get; init; }

    /// <summary>Consumers in each group; 0 when nothing is consumed.</summary>
    public required int ConsumersPerGroup { get; init; }
    public required int Groups { get; init; }
    public required int FetchBytes { get; init; }
    public required long BacklogBytes { get; init; }

    /// <summary>True for consumers that begin at the log's first message.</summary>
    public required bool FromBeginning { get; init; }

    /// <summary>True: the topic is filled first, and then only read, over and over.</summary>
    public required bool Rereads { get; init; }

    /// <summary>Bytes of batches that fill the topic, over all partitions; 0 where producers go on all the time.</summary>
    public required long PrefillBytes { get; init; }

    /// <exception cref="ArgumentException">The scenario asks for what the generator cannot do; one line says what.</exception>
    /// <exception cref="MissingCodecException">Its compression needs a library that is not installed.</exception>
    public static ReplayPlan From(ScenarioInfo scenario)
    {
        bool consuming = scenario.Consumers.Mode != "none";
        Require(!consuming || scenario.Consumers.Client == ConsumerClient, "consumers.client: the same batches over and over can be read by 'raw' alone");
        Require(scenario.Load.All(phase => phase.Shape == "saturate"), "load: batches are replayed by 'saturate' alone");
        Require(scenario.Consumers.Mode != "catch-up", "consumers.mode: replayed batches are read at the tail, or over and over (reread)");
        Require(scenario.Producers.Acks is "leader" or "all", "producers.acks: batches are replayed with leader or all");
        bool rereads = scenario.Consumers.Mode == "reread";
        long prefill = scenario.Topic.PrefillBytes ?? 0;
        Require(rereads == prefill > 0, "consumers.mode: reread and topic.prefill need each other");

        // The load's own plan has the rest of the rules: sizes, codecs, shares of consumers.
        LoadPlan plan = LoadPlan.From(scenario with
        {
            Producers = scenario.Producers with { Client = "native" },
            Consumers = scenario.Consumers with { Client = "native", Mode = rereads ? "catch-up" : scenario.Consumers.Mode },
        });
        return new ReplayPlan
        {
            Seed = plan.Seed,
            ValueBytes = plan.ValueBytes,
            Partitions = plan.Partitions,
            Producers = plan.Producers,
            ConnectionsPerProducer = Math.Max(1, scenario.Producers.Connections),
            BatchBytes = plan.BatchBytes,
            InFlight = plan.InFlight,
            Acks = plan.Acks,
            Compression = plan.Compression,
            ConsumersPerGroup = plan.ConsumersPerGroup,
            Groups = plan.Groups,
            FetchBytes = plan.FetchBytes ?? FetchBytesDefault,
            BacklogBytes = plan.BacklogBytes,
            FromBeginning = plan.CatchUp,
            Rereads = rereads,
            PrefillBytes = prefill,
        };
    }

    private static void Require(bool met, string problem)
    {
        if (!met)
        {
            throw new ArgumentException(problem);
        }
    }
}
