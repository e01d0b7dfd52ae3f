using Results;

namespace Harness.Targets;

/// <summary>
/// A broker that runs already, which is not ours to start, configure or end: its topics with the run's prefix are all that is made there, and
/// they are removed again.
/// </summary>
public sealed class AddressTarget(string name, BrokerAddress address) : ITarget
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<TargetExit> _never = new();

    public string Name => name;

    public BrokerAddress Address => address;

    public int? ProcessId => null;

    public Task<TargetExit> Exited => _never.Task;

    public string? LastErrorLogged => null;

    /// <summary>Finds it, and makes sure that clients which follow what it says of itself will find it too.</summary>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: cancellation);
        ClusterMetadata cluster = await admin.GetMetadataAsync([], cancellation);
        foreach (BrokerNode broker in cluster.Brokers)
        {
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            over.CancelAfter(ConnectTimeout);
            try
            {
                (await KafkaAdmin.ConnectAsync(broker.Address, cancellation: over.Token)).Dispose();
            }
            catch (Exception e) when (e is TargetException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new TargetException(
                    $"{name}: broker {broker.Id} says that it is to be found at {broker.Address}, and nothing answers there: check its advertised.listeners ({e.Message})", e);
            }
        }

        // The load speaks to one broker, and a partition can only be written at its leader.
        if (cluster.Brokers.Count != 1)
        {
            throw new TargetException($"{name} is a cluster of {cluster.Brokers.Count} brokers; one broker can be driven in this version");
        }
    }

    public async Task<TargetInfo> DescribeAsync(CancellationToken cancellation = default)
    {
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: cancellation);
        ClusterMetadata cluster = await admin.GetMetadataAsync([], cancellation);
        return new TargetInfo
        {
            Name = name,
            Product = "Kafka-compatible broker",
            Version = "unknown",
            Configuration = EffectiveConfiguration.From(await admin.DescribeBrokerConfigsAsync(cluster.Brokers[0].Id, cancellation)),
        };
    }

    public Task StopAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
