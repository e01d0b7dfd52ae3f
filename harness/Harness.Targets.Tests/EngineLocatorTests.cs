namespace Harness.Targets.Tests;

public sealed class EngineLocatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_engine_of_the_same_build_is_found_beside_the_harness()
    {
        string engine = Path.Combine(_folder.FullPath, "bin", "Engine.Server", "release", "engine");
        Directory.CreateDirectory(Path.GetDirectoryName(engine)!);
        File.WriteAllText(engine, "");

        Assert.Equal(engine, EngineLocator.Find(Path.Combine(_folder.FullPath, "bin", "Harness.Cli", "release") + "/"));
    }

    [Fact]
    public void A_missing_engine_is_told_with_the_command_that_builds_it()
    {
        TargetException e = Assert.Throws<TargetException>(
            () => EngineLocator.Find(Path.Combine(_folder.FullPath, "bin", "Harness.Cli", "release")));

        Assert.Contains("dotnet build engine/Engine.Server -c Release", e.Message, StringComparison.Ordinal);
        Assert.Equal(TargetException.EnvironmentExitCode, e.ExitCode);
    }
}
