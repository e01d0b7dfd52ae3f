namespace Harness.Targets.Tests;

/// <summary>A folder of a test's own, with a space in its name because users' paths have them.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string FullPath { get; } = Path.Combine(Path.GetTempPath(), $"harness targets {Guid.NewGuid():N}");

    internal TemporaryFolder() => Directory.CreateDirectory(FullPath);

    /// <summary>Writes a shell script that can be started and returns its path.</summary>
    internal string Script(string body)
    {
        string path = Path.Combine(FullPath, "stand-in");
        File.WriteAllText(path, "#!/bin/sh\n" + body.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
