using System.Net;

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
        return name;
    }
}
