namespace Engine.Server.Tests;

/// <summary>The rows of offsets on the engine.</summary>
public sealed class OffsetRowsTests(FullValidationBroker engine) : OffsetRows(engine), IClassFixture<FullValidationBroker>
{
}
