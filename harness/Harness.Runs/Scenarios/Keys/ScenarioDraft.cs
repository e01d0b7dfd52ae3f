using Results;

namespace Harness.Runs.Scenarios.Keys;

/// <summary>
/// A scenario while it is being read: the one mutable place that the rows of the key table write to. Owned by one reader.
/// </summary>
internal sealed class ScenarioDraft
{
    public string Name { get; set; } = "";
    public string? Title { get; set; }
    public string? Claim { get; set; }
    public List<string> Targets { get; } = [];
    public long Seed { get; set; }

    public int Partitions { get; set; }
    public int Replication { get; set; }
    public long? PrefillBytes { get; set; }
    public long RetentionBytes { get; set; }
    public long SegmentBytes { get; set; }
    public long? IndexIntervalBytes { get; set; }
    public long? MaxMessageBytes { get; set; }

    public int MessageBytes { get; set; }
    public string MessageKey { get; set; } = "";
    public string Payload { get; set; } = "";

    public int Producers { get; set; }
    public string ProducerClient { get; set; } = "";
    public int Connections { get; set; }
    public int BatchBytes { get; set; }
    public int? BatchRecords { get; set; }
    public double LingerSeconds { get; set; }
    public string Acks { get; set; } = "";
    public int InFlight { get; set; }
    public string Compression { get; set; } = "";

    public int Consumers { get; set; }
    public int Groups { get; set; }
    public string ConsumerClient { get; set; } = "";
    public string ConsumerMode { get; set; } = "";
    public int? FetchBytes { get; set; }
    public long BacklogBytes { get; set; }

    public List<LoadPhaseInfo> Load { get; } = [];

    /// <summary>The phase that is being read.</summary>
    public LoadPhaseDraft Phase { get; set; } = new("");
    public double WarmupSeconds { get; set; }
    public double? FirstWarmupSeconds { get; set; }
    public int Repeat { get; set; }
    public string Ceilings { get; set; } = "";
    public int? Starts { get; set; }

    public bool VerifyLoss { get; set; }
    public bool VerifyDuplicates { get; set; }
    public bool VerifyOrder { get; set; }
    public bool VerifyChecksum { get; set; }
    public HashSet<string> Allow { get; } = [];

    /// <summary>The target whose expectations are being read; null for each.</summary>
    public string? ExpectOf { get; set; }

    /// <summary>Expectations in the order of the file, with the target that they are for; null for each.</summary>
    public List<(string? Target, string Text)> Expect { get; } = [];

    public void EndPhase() => Load.Add(Phase.After(Load.LastOrDefault()));

    /// <summary>The scenario for one of its targets.</summary>
    public ScenarioInfo ToScenario(string? file, string target) => new()
    {
        File = file,
        Name = Name,
        Title = Title,
        Claim = Claim,
        Targets = [target],
        Seed = Seed,
        Topic = new TopicInfo(Partitions, Replication, TopicConfig()) { PrefillBytes = PrefillBytes },
        Message = new MessageInfo(MessageBytes, MessageKey, Payload),
        Producers = new ProducersInfo(Producers, ProducerClient, BatchBytes, LingerSeconds, Acks, InFlight, Compression)
        {
            BatchRecords = BatchRecords,
            Connections = Connections,
        },
        Consumers = new ConsumersInfo(Consumers, Groups, ConsumerClient, ConsumerMode, BacklogBytes) { FetchBytes = FetchBytes },
        Load = Load,
        WarmupSeconds = WarmupSeconds,
        FirstWarmupSeconds = FirstWarmupSeconds,
        Repeat = Repeat,
        Ceilings = Ceilings,
        Starts = Starts,
        Verify = new VerifyInfo(VerifyLoss, VerifyDuplicates, VerifyOrder, VerifyChecksum),
        Expect = [.. Expect.Where(expect => expect.Target is null || expect.Target == target).Select(expect => expect.Text)],
    };

    private SortedDictionary<string, string> TopicConfig()
    {
        SortedDictionary<string, string> config = new(StringComparer.Ordinal);
        Add(TopicConfigNames.RetentionBytes, RetentionBytes);
        Add(TopicConfigNames.SegmentBytes, SegmentBytes);
        Add(TopicConfigNames.IndexIntervalBytes, IndexIntervalBytes);
        Add(TopicConfigNames.MaxMessageBytes, MaxMessageBytes);
        return config;

        void Add(string name, long? bytes)
        {
            if (bytes is { } value)
            {
                config[name] = $"{value}";
            }
        }
    }
}
