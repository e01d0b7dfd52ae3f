using Engine.Wire;
using Results;

namespace Harness.Targets.Tests;

/// <summary>A broker that runs already: found, described, and left as it was.</summary>
public sealed class AddressTargetTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_broker_is_found_described_and_lives_on()
    {
        string? home = System.Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "KAFKA_HOME is not set: unpack Apache Kafka 4 (https://kafka.apache.org/downloads) and set it to that folder");
        using TemporaryFolder folder = new();
        await using KafkaTarget broker = new(new KafkaTargetOptions { Home = home, DataParent = folder.FullPath, HeapBytes = 512 << 20 });
        await broker.StartAsync(Cancel);
        await using (AddressTarget target = new("kafka://x", broker.Address))
        {
            await target.StartAsync(Cancel);
            TargetInfo info = await target.DescribeAsync(Cancel);
            Assert.Equal(("kafka://x", "1"), (info.Name, info.Configuration["node.id"]));
            Assert.Equal(broker.ProcessId, target.ProcessId);
            await target.StopAsync();
        }

        Assert.False(broker.Exited.IsCompleted);
    }

    [Fact]
    public async Task An_advertised_address_where_nothing_answers_is_named()
    {
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Answer(new MetadataResponse
        {
            Brokers = [new MetadataBroker { NodeId = 4, Host = "127.0.0.1", Port = 1 }],
        })));
        await using AddressTarget target = new("kafka://x", broker.Address);
        TargetException failure = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));
        Assert.Contains("broker 4 says that it is to be found at 127.0.0.1:1, and nothing answers there: check its advertised.listeners", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_at_the_address_is_the_environments_fault()
    {
        await using AddressTarget target = new("kafka://127.0.0.1:1", new BrokerAddress("127.0.0.1", 1));
        TargetException failure = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));
        Assert.Equal(TargetException.EnvironmentExitCode, failure.ExitCode);
        Assert.Contains("127.0.0.1:1", failure.Message, StringComparison.Ordinal);
    }
}
