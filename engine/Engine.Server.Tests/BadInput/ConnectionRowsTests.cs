namespace Engine.Server.Tests;

/// <summary>The rows of connections on the engine.</summary>
public sealed class ConnectionRowsTests(FullValidationBroker engine) : ConnectionRows(engine), IClassFixture<FullValidationBroker>
{
}
