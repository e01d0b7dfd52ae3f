using System.Net;
using Engine.Wire;
using Results;

namespace Harness.Targets;

/// <summary>
/// A broker that runs already, which is not ours to start, configure or end: its topics with the run's prefix are all that is made there, and
/// they are removed again.
/// </summary>
public sealed class AddressTarget(string name, BrokerAddress address) : ITarget
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Programs that listen for somebody else: evidence taken from them would be of the wrong process.</summary>
    private static readonly string[] Forwarders =
        ["docker-proxy", "rootlessport", "slirp4netns", "pasta", "ssh", "socat", "haproxy", "nginx", "envoy", "kubectl"];

    private readonly TaskCompletionSource<TargetExit> _never = new();

    public string Name => name;

    public BrokerAddress Address => address;

    /// <summary>Known only where the broker listens on loopback by a process that we may look at.</summary>
    public int? ProcessId { get; private set; }

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

        ProcessId = await OwnerAsync(cancellation);
    }

    public async Task<TargetInfo> DescribeAsync(CancellationToken cancellation = default)
    {
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: cancellation);
        ClusterMetadata cluster = await admin.GetMetadataAsync([], cancellation);
        SortedDictionary<string, string> configuration;
        try
        {
            configuration = EffectiveConfiguration.From(await admin.DescribeBrokerConfigsAsync(cluster.Brokers[0].Id, cancellation));
        }
        catch (TargetException untold) when (untold.Error is ErrorCode.UnsupportedVersion)
        {
            // A property of the broker, and no failure.
            configuration = new(StringComparer.Ordinal) { ["(not told)"] = TargetException.Describe(ErrorCode.UnsupportedVersion) };
        }

        return new TargetInfo { Name = name, Product = "Kafka-compatible broker", Version = "unknown", Configuration = configuration };
    }

    public Task StopAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<int?> OwnerAsync(CancellationToken cancellation)
    {
        IPEndPoint endPoint = await address.ResolveAsync(cancellation);
        return IPAddress.IsLoopback(endPoint.Address)
            && ListeningProcess.Find(endPoint.Port) is [int owner]
            && ListeningProcess.NameOf(owner) is { } program
            && !Forwarders.Contains(program)
                ? owner
                : null;
    }
}
