using Engine.Wire;

namespace Harness.Targets;

/// <summary>
/// The control plane of a Kafka broker: its versions, metadata, topics, configuration and offsets. Written on the project's
/// own messages and not on a client library, which would keep its own threads and connections beside the load being measured.
/// <para>
/// Speaks to the one broker at its address. Each request goes in the highest version that both sides know. One request at a
/// time: calls from several threads queue. After a failure of the connection the next call makes a new one.
/// </para>
/// Failures are <see cref="TargetException"/>s that name the API, the broker's error and the address.
/// </summary>
public sealed class KafkaAdmin : IDisposable
{
    /// <summary>Before this version asking for a topic creates it.</summary>
    private const short FirstMetadataWithoutCreation = 4;

    /// <summary>From this version −1 partitions or replicas stand for the broker's default.</summary>
    private const short FirstCreateTopicsWithDefaults = 4;

    private static readonly TimeSpan ServedPollInterval = TimeSpan.FromMilliseconds(20);

    private readonly KafkaAdminOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private KafkaConnection? _connection;
    private List<ApiVersionEntry> _offered = [];

    private KafkaAdmin(BrokerAddress address, KafkaAdminOptions options)
    {
        Address = address;
        _options = options;
    }

    public BrokerAddress Address { get; }

    /// <summary>The APIs that the broker offers, as it said when it was connected to last.</summary>
    public IReadOnlyList<ApiSupport> OfferedApis => [.. _offered.Select(api => new ApiSupport(api.Key, api.Min, api.Max))];

    /// <summary>Connects and learns which versions the broker offers.</summary>
    public static async Task<KafkaAdmin> ConnectAsync(
        BrokerAddress address, KafkaAdminOptions? options = null, CancellationToken cancellation = default)
    {
        KafkaAdmin admin = new(address, options ?? new KafkaAdminOptions());
        try
        {
            await admin.ConnectionAsync(cancellation);
            return admin;
        }
        catch
        {
            admin.Dispose();
            throw;
        }
    }

    /// <param name="topics">The topics wanted; null for all. They are never created by asking.</param>
    public async Task<ClusterMetadata> GetMetadataAsync(
        IReadOnlyList<string>? topics, CancellationToken cancellation = default)
    {
        MetadataRequest request = new()
        {
            Topics = topics is null ? null : [.. topics.Select(name => new MetadataTopicName { Name = name })],
            AllowAutoTopicCreation = false,
        };
        MetadataResponse response = await CallAsync<MetadataRequest, MetadataResponse>(
            ApiKey.Metadata, request, cancellation, FirstMetadataWithoutCreation);
        foreach (MetadataTopic topic in response.Topics)
        {
            Check(ApiKey.Metadata, topic.Error, $"topic {topic.Name}");
        }

        return new ClusterMetadata(
            response.ClusterId,
            response.ControllerId,
            [.. response.Brokers.Select(broker => new BrokerNode(broker.NodeId, new BrokerAddress(broker.Host, broker.Port)))],
            [.. response.Topics.Select(Description)]);
    }

    /// <summary>Creates a topic; one that exists already is an error (<see cref="ErrorCode.TopicAlreadyExists"/>).</summary>
    /// <param name="partitions">−1 for the broker's default, as for <paramref name="replication"/>.</param>
    public async Task CreateTopicAsync(
        string name,
        int partitions,
        short replication,
        IReadOnlyDictionary<string, string>? configuration = null,
        CancellationToken cancellation = default)
    {
        CreatableTopic topic = new() { Name = name, PartitionCount = partitions, ReplicationFactor = replication };
        foreach ((string key, string value) in configuration ?? new Dictionary<string, string>())
        {
            topic.Configs.Add(new CreatableTopicConfig { Name = key, Value = value });
        }

        CreateTopicsRequest request = new() { Topics = [topic], TimeoutMs = BrokerTimeoutMs };
        CreateTopicsResponse response = await CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            ApiKey.CreateTopics, request, cancellation, partitions < 0 || replication < 0 ? FirstCreateTopicsWithDefaults : (short)0);
        CreatableTopicResult result = Only(ApiKey.CreateTopics, response.Topics, result => result.Name == name, $"topic {name}");
        Check(ApiKey.CreateTopics, result.Error, $"topic {name}", result.ErrorMessage);
    }

    /// <summary>
    /// Waits until a topic that was just created can be used: Kafka answers the creation before its partitions have a leader that knows of it.
    /// </summary>
    /// <exception cref="TargetException">It still cannot after the timeout; the broker's last error is named.</exception>
    public async Task WaitUntilServedAsync(string topic, int partitions, TimeSpan timeout, CancellationToken cancellation = default)
    {
        long deadline = System.Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                await GetEarliestOffsetsAsync(topic, [.. Enumerable.Range(0, partitions)], cancellation);
                return;
            }
            catch (TargetException notYet) when (
                notYet.Error is ErrorCode.NotLeaderOrFollower or ErrorCode.LeaderNotAvailable or ErrorCode.UnknownTopicOrPartition
                && System.Environment.TickCount64 < deadline)
            {
                await Task.Delay(ServedPollInterval, cancellation);
            }
        }
    }

    /// <summary>Deletes a topic; one that is not there is an error (<see cref="ErrorCode.UnknownTopicOrPartition"/>).</summary>
    public async Task DeleteTopicAsync(string name, CancellationToken cancellation = default)
    {
        DeleteTopicsRequest request = new() { Topics = [new DeletableTopic { Name = name }], TimeoutMs = BrokerTimeoutMs };
        DeleteTopicsResponse response = await CallAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
            ApiKey.DeleteTopics, request, cancellation);
        DeletableTopicResult result = Only(ApiKey.DeleteTopics, response.Topics, result => result.Name == name, $"topic {name}");
        Check(ApiKey.DeleteTopics, result.Error, $"topic {name}");
    }

    /// <summary>The configuration of a broker as it is in effect, defaults included.</summary>
    public Task<IReadOnlyList<ConfigEntry>> DescribeBrokerConfigsAsync(int brokerId, CancellationToken cancellation = default) =>
        DescribeConfigsAsync(ConfigResourceType.Broker, $"{brokerId}", cancellation);

    /// <summary>The configuration of a topic as it is in effect, the broker's defaults included.</summary>
    public Task<IReadOnlyList<ConfigEntry>> DescribeTopicConfigsAsync(string topic, CancellationToken cancellation = default) =>
        DescribeConfigsAsync(ConfigResourceType.Topic, topic, cancellation);

    /// <summary>The first offset still there, of each partition asked for.</summary>
    public Task<IReadOnlyDictionary<int, long>> GetEarliestOffsetsAsync(
        string topic, IReadOnlyList<int> partitions, CancellationToken cancellation = default) =>
        ListOffsetsAsync(topic, partitions, ListOffsetsRequest.Earliest, cancellation);

    /// <summary>The offset that the next message will have, of each partition asked for.</summary>
    public Task<IReadOnlyDictionary<int, long>> GetLatestOffsetsAsync(
        string topic, IReadOnlyList<int> partitions, CancellationToken cancellation = default) =>
        ListOffsetsAsync(topic, partitions, ListOffsetsRequest.Latest, cancellation);

    public void Dispose()
    {
        _connection?.Dispose();
        _turn.Dispose();
    }

    /// <summary>What the broker is told to keep to: it gives up before we do, so that its own error reaches us.</summary>
    private int BrokerTimeoutMs => (int)(_options.RequestTimeout.TotalMilliseconds * 0.75);

    /// <summary>Topics are asked for by name here, and a broker that answers without one breaks the protocol.</summary>
    private static TopicDescription Description(MetadataTopic topic) => new(
        topic.Name ?? throw new TargetException("the broker describes a topic without a name"),
        topic.IsInternal,
        [.. topic.Partitions.OrderBy(p => p.Index).Select(p => new PartitionDescription(p.Index, p.LeaderId, p.Replicas, p.Error))]);

    private async Task<IReadOnlyList<ConfigEntry>> DescribeConfigsAsync(
        ConfigResourceType type, string name, CancellationToken cancellation)
    {
        DescribeConfigsRequest request = new()
        {
            Resources = [new DescribeConfigsResource { Type = (sbyte)type, Name = name }],
        };
        DescribeConfigsResponse response = await CallAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
            ApiKey.DescribeConfigs, request, cancellation);
        string subject = type == ConfigResourceType.Topic ? $"topic {name}" : $"broker {name}";
        DescribeConfigsResult result = Only(
            ApiKey.DescribeConfigs, response.Results, result => result.Type == (sbyte)type && result.Name == name, subject);
        Check(ApiKey.DescribeConfigs, result.Error, subject, result.ErrorMessage);
        return
        [
            .. result.Configs.Select(config => new ConfigEntry(
                config.Name, config.Value, config.Source == (sbyte)ConfigSource.Default, config.IsSensitive)),
        ];
    }

    private async Task<IReadOnlyDictionary<int, long>> ListOffsetsAsync(
        string topic, IReadOnlyList<int> partitions, long timestamp, CancellationToken cancellation)
    {
        ListOffsetsRequest request = new()
        {
            Topics =
            [
                new ListOffsetsTopic
                {
                    Name = topic,
                    Partitions = [.. partitions.Select(p => new ListOffsetsPartition { Index = p, Timestamp = timestamp })],
                },
            ],
        };
        ListOffsetsResponse response = await CallAsync<ListOffsetsRequest, ListOffsetsResponse>(
            ApiKey.ListOffsets, request, cancellation);
        ListOffsetsTopicResult answered = Only(ApiKey.ListOffsets, response.Topics, result => result.Name == topic, $"topic {topic}");
        Dictionary<int, long> offsets = [];
        foreach (int partition in partitions)
        {
            string subject = $"topic {topic} partition {partition}";
            ListOffsetsPartitionResult result = Only(
                ApiKey.ListOffsets, answered.Partitions, result => result.Index == partition, subject);
            Check(ApiKey.ListOffsets, result.Error, subject);
            offsets[partition] = result.Offset;
        }

        return offsets;
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        ApiKey key, TRequest request, CancellationToken cancellation, short atLeast = 0)
        where TRequest : class, IWireMessage<TRequest>, new()
        where TResponse : class, IWireMessage<TResponse>, new()
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            KafkaConnection connection = await ConnectionAsync(cancellation);
            return await connection.CallAsync<TRequest, TResponse>(key, CommonVersion(key, atLeast), request, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<KafkaConnection> ConnectionAsync(CancellationToken cancellation)
    {
        if (_connection is { IsUsable: true })
        {
            return _connection;
        }

        _connection?.Dispose();
        _connection = await KafkaConnection.ConnectAsync(Address, _options, cancellation);
        _offered = await _connection.GetApiVersionsAsync(cancellation);
        return _connection;
    }

    /// <param name="atLeast">Below this version the request cannot say what we mean.</param>
    private short CommonVersion(ApiKey key, short atLeast)
    {
        ApiRange ours = Apis.Find((short)key)!.Value;
        short oursMin = Math.Max(ours.Min, atLeast);
        ApiVersionEntry offered = _offered.Find(api => api.Key == (short)key)
            ?? throw new TargetException($"broker {Address} does not offer {key}") { Error = ErrorCode.UnsupportedVersion };
        short version = Math.Min(ours.Max, offered.Max);
        return version >= Math.Max(oursMin, offered.Min)
            ? version
            : throw new TargetException(
                $"broker {Address} offers {key} in versions {offered.Min} to {offered.Max}, the harness speaks {oursMin} to {ours.Max}")
            {
                Error = ErrorCode.UnsupportedVersion,
            };
    }

    private T Only<T>(ApiKey key, List<T> results, Predicate<T> wanted, string subject) =>
        results.Find(wanted) is T found
            ? found
            : throw new TargetException($"broker {Address} answers {key} without a word on {subject}");

    private void Check(ApiKey key, ErrorCode error, string subject, string? message = null)
    {
        if (error != ErrorCode.None)
        {
            string more = string.IsNullOrEmpty(message) ? "" : $": {message}";
            throw new TargetException($"broker {Address} answers {key} of {subject} with {TargetException.Describe(error)}{more}")
            {
                Error = error,
            };
        }
    }
}
