using System.Collections.Concurrent;
using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;
using Harness.Targets;

[assembly: AssemblyFixture(typeof(World))]

namespace Harness.Interop.Tests.Brokers;

/// <summary>
/// The brokers and clients of a test run, each started when it is first wanted and kept until the end. Tests share them and keep out of each other's
/// way by names of topics and groups.
/// </summary>
public sealed class World : IAsyncLifetime
{
    private static readonly TimeSpan ServedWithin = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"harness interop {Guid.NewGuid():N}");
    private readonly ConcurrentDictionary<string, Lazy<Task<ITarget>>> _brokers = new();
    private readonly ConcurrentDictionary<string, Lazy<IClient>> _clients = new();
    private int _topics;

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    /// <summary>The broker's address; skips the test where the broker is not installed.</summary>
    internal async Task<BrokerAddress> BrokerAsync(string name)
    {
        string? kafkaHome = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(
            name == BrokerTable.Kafka && string.IsNullOrEmpty(kafkaHome),
            "KAFKA_HOME is not set: unpack Apache Kafka 4 (https://kafka.apache.org/downloads) and set it to that folder");
        return (await _brokers.GetOrAdd(name, _ => new Lazy<Task<ITarget>>(() => StartAsync(name, kafkaHome))).Value).Address;
    }

    /// <summary>As <see cref="BrokerAsync"/>; skips the test where the broker does not offer the APIs with these keys.</summary>
    internal async Task<BrokerAddress> BrokerWithAsync(string name, params short[] apiKeys)
    {
        BrokerAddress address = await BrokerAsync(name);
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(address, cancellation: TestContext.Current.CancellationToken);
        short[] missing = [.. apiKeys.Except(admin.OfferedApis.Select(api => api.Key))];
        Assert.SkipUnless(missing.Length == 0, $"{name} does not offer the APIs with the keys {string.Join(", ", missing)}");
        return address;
    }

    /// <summary>Where a started broker keeps a partition's files.</summary>
    internal async Task<string> LogFolderAsync(string broker, string topic, int partition) => Path.Combine(
        await _brokers[broker].Value switch
        {
            KafkaTarget kafka => Path.Combine(kafka.Folder, "data"),
            EngineTarget engine => engine.DataDirectory,
            ITarget other => throw new NotSupportedException($"{other.Name} keeps its files elsewhere"),
        },
        $"{topic}-{partition}");

    /// <summary>The client; skips the test where it is not installed.</summary>
    internal IClient Client(string name)
    {
        IClient client = _clients.GetOrAdd(name, _ => new Lazy<IClient>(() => ClientTable.Create(name))).Value;
        Assert.SkipWhen(client.Missing is not null, client.Missing ?? "");
        return client;
    }

    /// <summary>A topic of the test's own, served by the time of return.</summary>
    internal async Task<string> CreateTopicAsync(BrokerAddress broker, int partitions, CancellationToken cancellation)
    {
        string name = $"interop-{Interlocked.Increment(ref _topics)}";
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(broker, cancellation: cancellation);
        await admin.CreateTopicAsync(name, partitions, 1, null, cancellation);
        await admin.WaitUntilServedAsync(name, partitions, ServedWithin, cancellation);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<IClient> client in _clients.Values)
        {
            await client.Value.DisposeAsync();
        }

        foreach (Lazy<Task<ITarget>> broker in _brokers.Values.Where(broker => broker.Value.IsCompletedSuccessfully))
        {
            await (await broker.Value).DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<ITarget> StartAsync(string name, string? kafkaHome)
    {
        ITarget target = name == BrokerTable.Kafka
            ? new KafkaTarget(new KafkaTargetOptions { Home = kafkaHome, DataParent = _folder, HeapBytes = 512 << 20 })
            : new EngineTarget(new EngineTargetOptions
            {
                Name = name,
                DataParent = _folder,
                StartTimeout = ServedWithin,
                Configuration = name.Split('+').Skip(1).Select(setting => setting.Split('=')).ToDictionary(setting => setting[0], setting => setting[1]),
            });
        try
        {
            await target.StartAsync(TestContext.Current.CancellationToken);
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }
}
