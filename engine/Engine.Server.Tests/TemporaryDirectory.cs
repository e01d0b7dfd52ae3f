namespace Engine.Server.Tests;

/// <summary>A folder of its own for a test, removed with all that is in it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("engine-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
