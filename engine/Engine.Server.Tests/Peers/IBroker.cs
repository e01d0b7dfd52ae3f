using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>A broker that tests talk to over sockets: this one, or the one it is compared with.</summary>
public interface IBroker
{
    IPEndPoint EndPoint { get; }

    /// <summary>A name that no other test of the broker has.</summary>
    string UnusedName();
}

internal static class BrokerExtensions
{
    public static TestClient Connect(this IBroker broker) => new(broker.EndPoint);

    public static string NewTopic(this IBroker broker, TestClient client, params (string Name, string Value)[] config)
    {
        string name = broker.UnusedName();
        client.CreateTopic(name, 1, config);
        broker.WaitFor(client, name);
        return name;
    }

    /// <summary>Kafka answers a creation before its broker has become the leader of the topic's partition.</summary>
    public static void WaitFor(this IBroker broker, TestClient client, string topic) => Assert.True(
        SpinWait.SpinUntil(() => client.Fetch(topic, 0).Error == ErrorCode.None, TimeSpan.FromSeconds(30)),
        $"{broker.EndPoint} does not lead {topic}");
}
