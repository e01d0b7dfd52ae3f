using Harness.Interop.Tests.Running;

namespace Harness.Interop.Tests.Clients;

/// <summary>How a driver is started.</summary>
internal sealed record DriverProgram
{
    public required string Program { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>What is not installed, with the command that installs it; null when all is there.</summary>
    public required Func<string?> Missing { get; init; }

    public LineProcess Start() => LineProcess.Start(Program, Arguments, Environment);
}
