namespace Engine.Storage.Tests;

/// <summary>A folder of a test's own, in memory where the machine has such a place, removed afterwards.</summary>
internal sealed class TestDirectory : IDisposable
{
    internal TestDirectory(bool onDisk = false)
    {
        string parent = !onDisk && Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();
        Path = System.IO.Path.Combine(parent, $"storage-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    internal string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
